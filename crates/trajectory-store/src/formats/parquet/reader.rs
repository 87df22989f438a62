//! The rows of a Parquet file, a few at a time.

use std::collections::VecDeque;
use std::fs::File;
use std::path::{Path, PathBuf};

use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use super::ParquetRow;
use crate::formats::{FormatError, RowError};

/// How many rows are in memory at once.
const ROWS: usize = 16;

/// The rows of a Parquet file. After a row that cannot be read comes the next one; after a page that
/// cannot, nothing.
#[derive(Debug)]
pub struct ParquetReader<T> {
    path: PathBuf,
    from: ParquetRecordBatchReader,
    read: VecDeque<Result<T, RowError>>,
    row: u64,
    broken: bool,
}

impl<T: ParquetRow> ParquetReader<T> {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// When it cannot be opened, is no Parquet, or has none of the columns that are read.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, FormatError> {
        let path = path.into();
        let file = File::open(&path).map_err(|error| FormatError::io(&path, error))?;
        let from = rows::<T>(&path, file)?;
        Ok(Self { path, from, read: VecDeque::new(), row: 0, broken: false })
    }
}

fn rows<T: ParquetRow>(path: &Path, file: File) -> Result<ParquetRecordBatchReader, FormatError> {
    let wrong = |reason: String| FormatError::Columns { path: path.to_owned(), reason };
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| wrong(error.to_string()))?;
    let names: Vec<String> = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
    let wanted = |name: &String| T::columns().contains(&name.as_str());
    let places: Vec<usize> = (0..names.len()).filter(|place| wanted(&names[*place])).collect();
    if places.is_empty() {
        let wanted = T::columns().join("`, `");
        return Err(wrong(format!("it has no column `{wanted}`; its columns are {}", names.join(", "))));
    }
    let mask = ProjectionMask::roots(builder.parquet_schema(), places);
    builder.with_projection(mask).with_batch_size(ROWS).build().map_err(|error| wrong(error.to_string()))
}

impl<T: ParquetRow> Iterator for ParquetReader<T> {
    type Item = Result<T, FormatError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.read.is_empty() {
            if self.broken {
                return None;
            }
            match self.from.next()? {
                Ok(batch) => self.read.extend(T::rows(&batch)),
                Err(error) => {
                    self.broken = true;
                    return Some(Err(FormatError::io(&self.path, error)));
                }
            }
        }
        self.row += 1;
        let read = self.read.pop_front()?;
        Some(read.map_err(|source| FormatError::row(&self.path, self.row, source)))
    }
}
