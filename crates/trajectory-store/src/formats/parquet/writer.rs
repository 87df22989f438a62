//! A Parquet file that is there when it is whole.

use std::path::PathBuf;

use offseeker_durable::Draft;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::ParquetRow;
use crate::formats::FormatError;

/// How many rows a group has at most.
const GROUP_ROWS: usize = 1_000;

/// How many packed bytes a group has at most, about: it is in memory until it is full.
const GROUP_BYTES: usize = 128 << 20;

/// How many rows, and bytes of them, are kept before they become columns.
const BATCH_ROWS: usize = 64;
const BATCH_BYTES: usize = 16 << 20;

/// A Parquet file, packed with zstd, that is there when it is [finished](ParquetWriter::finish), and not before.
///
/// Rows are written in groups of at most a thousand; no more than a group is in memory.
#[derive(Debug)]
pub struct ParquetWriter<T> {
    path: PathBuf,
    to: ArrowWriter<Draft>,
    waiting: Vec<T>,
    bytes: usize,
    rows: u64,
    exposing: bool,
}

impl<T: ParquetRow> ParquetWriter<T> {
    /// A file that takes the place of an earlier one.
    ///
    /// # Errors
    ///
    /// When the folder cannot be written.
    pub fn create(path: impl Into<PathBuf>) -> Result<Self, FormatError> {
        let path = path.into();
        let draft = Draft::beside(&path).map_err(|error| FormatError::io(&path, error))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            // Texts that are never the same twice only fill a dictionary.
            .set_dictionary_enabled(false)
            .build();
        let to = ArrowWriter::try_new(draft, T::schema(), Some(properties))
            .map_err(|error| FormatError::io(&path, error))?;
        Ok(Self { path, to, waiting: Vec::new(), bytes: 0, rows: 0, exposing: false })
    }

    /// Writes rows of sealed benchmarks too: for who keeps the file as the benchmark is kept.
    #[must_use]
    pub fn exposing(self) -> Self {
        Self { exposing: true, ..self }
    }

    /// Writes a row.
    ///
    /// # Errors
    ///
    /// When it cannot be written or is of a [sealed](crate::formats::RowError::Sealed) benchmark, which leaves the others
    /// as they are, or the disk is full.
    pub fn write(&mut self, row: T) -> Result<(), FormatError> {
        let seal = if self.exposing { Ok(()) } else { row.check_seal() };
        seal.and_then(|()| row.check())
            .map_err(|source| FormatError::row(&self.path, self.place(self.waiting.len()), source))?;
        self.bytes += row.size();
        self.waiting.push(row);
        if self.waiting.len() >= BATCH_ROWS || self.bytes >= BATCH_BYTES { self.write_waiting() } else { Ok(()) }
    }

    fn write_waiting(&mut self) -> Result<(), FormatError> {
        let waiting = std::mem::take(&mut self.waiting);
        self.bytes = 0;
        let batch = T::batch(&waiting).map_err(|(at, source)| FormatError::row(&self.path, self.place(at), source))?;
        self.rows += u64::try_from(waiting.len()).unwrap_or_default();
        self.to.write(&batch).and_then(|()| self.end_large_group()).map_err(|error| FormatError::io(&self.path, error))
    }

    /// The row of the file that one of those that wait will be; the first is 1.
    fn place(&self, waiting: usize) -> u64 {
        self.rows + 1 + u64::try_from(waiting).unwrap_or_default()
    }

    fn end_large_group(&mut self) -> Result<(), ParquetError> {
        if self.to.in_progress_size() >= GROUP_BYTES { self.to.flush() } else { Ok(()) }
    }

    /// Puts the file in its place, and says how many rows it has.
    ///
    /// # Errors
    ///
    /// When a row cannot be written, or the disk is full; what was in the place is then still there.
    pub fn finish(mut self) -> Result<u64, FormatError> {
        self.write_waiting()?;
        let Self { path, to, rows, .. } = self;
        let draft = to.into_inner().map_err(|error| FormatError::io(&path, error))?;
        draft.publish(&path).map_err(|error| FormatError::io(&path, error))?;
        Ok(rows)
    }
}
