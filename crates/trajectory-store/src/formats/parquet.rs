//! Parquet files of attempts, samples, pairs and questions.
//!
//! Each row has the columns that one filters by, its messages as a list of structs, and in `json` all that it holds;
//! what is read comes from there. Questions are written as verl reads them and have no such column.

mod messages;
mod reader;
mod rows;
mod verl;
mod writer;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;

pub use reader::ParquetReader;
pub use writer::ParquetWriter;

use super::RowError;

/// Something that is a row of a Parquet file.
pub trait ParquetRow: Sized {
    /// The columns.
    fn schema() -> SchemaRef;

    /// The rows as columns.
    ///
    /// # Errors
    ///
    /// When a row cannot be written, though its [check](ParquetRow::check) found nothing; with its place.
    fn batch(rows: &[Self]) -> Result<RecordBatch, (usize, RowError)>;

    /// How many bytes the row takes, about.
    fn size(&self) -> usize;

    /// Says whether the row can be written.
    ///
    /// # Errors
    ///
    /// When it cannot.
    fn check(&self) -> Result<(), RowError>;

    /// Refuses a row of a sealed benchmark that is in clear.
    ///
    /// # Errors
    ///
    /// When it is one.
    fn check_seal(&self) -> Result<(), RowError>;

    /// The columns that are read.
    fn columns() -> &'static [&'static str];

    /// The rows in some columns.
    fn rows(batch: &RecordBatch) -> Vec<Result<Self, RowError>>;
}
