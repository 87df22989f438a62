//! Documents from a Parquet file.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use super::row::{ID, Row};
use super::{CorpusError, Document};

/// How many rows are in memory at once.
const ROWS: usize = 256;

/// The columns that are read, where they are there.
const COLUMNS: [&str; 8] = ["url", "title", "text", "contents", "date", ID[0], ID[1], ID[2]];

/// A Parquet file.
#[derive(Debug)]
pub(super) struct Parquet {
    path: PathBuf,
    rows: ParquetRecordBatchReader,
    batch: Option<Columns>,
    next: usize,
    line: u64,
    total_rows: u64,
    total_bytes: u64,
}

/// The columns of a batch, as strings.
#[derive(Debug)]
struct Columns {
    named: Vec<(&'static str, Arc<StringArray>)>,
    rows: usize,
}

impl Parquet {
    pub(super) fn open(path: &Path) -> Result<Self, CorpusError> {
        let file = File::open(path).map_err(|error| CorpusError::unreadable(path, error))?;
        let total_bytes = file.metadata().map_err(|error| CorpusError::unreadable(path, error))?.len();
        let builder = ParquetRecordBatchReaderBuilder::try_new(file)
            .map_err(|error| CorpusError::unreadable(path, format!("it is no Parquet file: {error}")))?;
        let names: Vec<String> = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
        check_columns(path, &names)?;
        let wanted = names.iter().enumerate().filter(|(_, name)| COLUMNS.contains(&name.as_str()));
        let mask = ProjectionMask::roots(builder.parquet_schema(), wanted.map(|(place, _)| place).collect::<Vec<_>>());
        let total_rows = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or_default();
        let rows = builder
            .with_projection(mask)
            .with_batch_size(ROWS)
            .build()
            .map_err(|error| CorpusError::unreadable(path, error))?;
        Ok(Self { path: path.to_owned(), rows, batch: None, next: 0, line: 0, total_rows, total_bytes })
    }

    /// As many of the bytes as the rows that were read are of the rows.
    pub(super) fn bytes(&self) -> u64 {
        let share = u128::from(self.total_bytes) * u128::from(self.line) / u128::from(self.total_rows.max(1));
        u64::try_from(share).unwrap_or(self.total_bytes).min(self.total_bytes)
    }

    pub(super) fn total_bytes(&self) -> u64 {
        self.total_bytes
    }

    pub(super) fn read(&mut self, largest: usize) -> Option<Result<Document, CorpusError>> {
        while self.batch.as_ref().is_none_or(|batch| self.next == batch.rows) {
            let batch = match self.rows.next()? {
                Ok(batch) => batch,
                Err(error) => return Some(Err(CorpusError::unreadable(&self.path, error))),
            };
            match columns(&self.path, &batch) {
                Ok(columns) => self.batch = Some(columns),
                Err(error) => return Some(Err(error)),
            }
            self.next = 0;
        }
        let columns = self.batch.as_ref()?;
        let place = self.next;
        self.next += 1;
        self.line += 1;
        Some(self.document(columns, place, largest))
    }

    fn document(&self, columns: &Columns, place: usize, largest: usize) -> Result<Document, CorpusError> {
        let (path, line) = (self.path.clone(), self.line);
        if columns.bytes(place) > largest {
            return Err(CorpusError::TooLarge { path, line, limit: largest });
        }
        let text = |name| columns.text(name, place);
        let row = Row {
            id: ID.iter().find_map(|name| text(name)),
            url: text("url"),
            title: text("title"),
            text: text("text"),
            contents: text("contents"),
            date: text("date"),
        };
        row.document().map_err(|(field, reason)| CorpusError::Field { path, line, field: field.to_owned(), reason })
    }
}

impl Columns {
    fn text(&self, name: &str, place: usize) -> Option<String> {
        let (_, column) = self.named.iter().find(|(known, _)| *known == name)?;
        column.is_valid(place).then(|| column.value(place).to_owned())
    }

    fn bytes(&self, place: usize) -> usize {
        self.named
            .iter()
            .filter(|(_, column)| column.is_valid(place))
            .map(|(_, column)| column.value(place).len())
            .sum()
    }
}

fn columns(path: &Path, batch: &RecordBatch) -> Result<Columns, CorpusError> {
    let mut named = Vec::new();
    for name in COLUMNS {
        let Some(column) = batch.column_by_name(name) else { continue };
        let cannot = |reason: String| CorpusError::Columns { path: path.to_owned(), reason };
        if column.data_type().is_nested() || column.data_type().is_floating() {
            return Err(cannot(format!("the column `{name}` holds {}, not strings", column.data_type())));
        }
        let strings = cast(column, &DataType::Utf8).map_err(|error| cannot(format!("the column `{name}`: {error}")))?;
        named.push((name, Arc::new(strings.as_string::<i32>().clone())));
    }
    Ok(Columns { named, rows: batch.num_rows() })
}

fn check_columns(path: &Path, names: &[String]) -> Result<(), CorpusError> {
    let has = |name: &str| names.iter().any(|known| known == name);
    let missing = if !has("text") && !has("contents") {
        "it has no column `text` (`contents` would do as well)"
    } else if !has("url") && !ID.iter().any(|id| has(id)) {
        "it has no column `url`, and none with an id (`docid`, `id`, `_id`)"
    } else {
        return Ok(());
    };
    let reason = format!("{missing}; its columns are {}", names.join(", "));
    Err(CorpusError::Columns { path: path.to_owned(), reason })
}
