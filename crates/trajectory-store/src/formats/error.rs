//! What can be wrong with a row, and with the file that it stands in.

use std::path::{Path, PathBuf};

use offseeker_trajectory::{Pair, Question, QuestionId, Sample, SealMark, is_exposed};

/// What is wrong with one row, whether it is read or to be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RowError {
    /// It is not what its format is made of.
    #[error("it is no JSON object: {reason}")]
    NotAnObject {
        /// What the parser says.
        reason: String,
    },
    /// A field is missing.
    #[error("the field `{field}` is missing; check that the file is of this format")]
    Missing {
        /// The field: `messages[3].role`.
        field: String,
    },
    /// A field is not what it should be.
    #[error("the field `{field}` {reason}")]
    Field {
        /// The field: `messages[3].role`.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A message stands where the format allows none of its kind.
    #[error(
        "message {position} is of the kind `{found}`, where the format has {expected}; leave the attempt out, or write \
         it in a format without an order"
    )]
    Order {
        /// Which message of the conversation, from nought.
        position: usize,
        /// What it is.
        found: &'static str,
        /// What could stand there.
        expected: &'static str,
    },
    /// A message holds what the format cannot say.
    #[error("message {position} holds {what}, for which the format has no place; write it in another format")]
    NoPlace {
        /// Which message of the conversation, from nought.
        position: usize,
        /// What it holds.
        what: &'static str,
    },
    /// There is nothing that could be written.
    #[error("there is nothing to write: {reason}")]
    Nothing {
        /// Why not.
        reason: &'static str,
    },
    /// It is of a sealed benchmark and in clear.
    #[error(
        "question {question} is of a sealed benchmark, and this would write it in clear; leave it out, or say that it is to \
         be written exposed, and keep the file as the benchmark is kept"
    )]
    Sealed {
        /// The question; where a sample does not name it, the sample.
        question: QuestionId,
    },
    /// It cannot be written as JSON, or has no content id.
    #[error("it cannot be written: {reason}")]
    Unwritable {
        /// What the serialiser says.
        reason: String,
    },
}

impl RowError {
    pub(super) fn missing(field: &str) -> Self {
        Self::Missing { field: field.to_owned() }
    }

    pub(super) fn field(field: &str, reason: impl Into<String>) -> Self {
        Self::Field { field: field.to_owned(), reason: reason.into() }
    }

    // Taken by value because that is what `map_err` hands over.
    #[allow(clippy::needless_pass_by_value)]
    pub(super) fn unwritable(error: impl ToString) -> Self {
        Self::Unwritable { reason: error.to_string() }
    }
}

/// Refuses a question of a sealed set that is in clear.
pub(super) fn check_question(question: &Question) -> Result<(), RowError> {
    if is_exposed(question) { Err(RowError::Sealed { question: question.id.clone() }) } else { Ok(()) }
}

/// Refuses a sample that is cut from an attempt at such a question.
pub(super) fn check_sample(sample: &Sample) -> Result<(), RowError> {
    if !SealMark::exposes(&sample.metadata) {
        return Ok(());
    }
    let named = sample.metadata.get("question").and_then(|id| id.as_str()).unwrap_or(sample.id.as_str());
    Err(RowError::Sealed { question: QuestionId::new(named) })
}

/// Refuses a pair of which a side is such a sample.
pub(super) fn check_pair(pair: &Pair) -> Result<(), RowError> {
    check_sample(&pair.chosen).and_then(|()| check_sample(&pair.rejected))
}

/// Why a file of rows cannot be read or written, by file and line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// The system refused.
    #[error("{} cannot be used: {reason}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// A line is longer than may be.
    #[error("{}:{line}: it has more than {limit} bytes; the other lines can be read", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// The line; the first is 1.
        line: u64,
        /// How many bytes it may have.
        limit: usize,
    },
    /// A line is no text.
    #[error("{}:{line}: byte {at} of it is no UTF-8; save the file as UTF-8", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The line; the first is 1.
        line: u64,
        /// The first byte that is wrong, from nought.
        at: usize,
    },
    /// A row is not what it should be.
    #[error("{}:{line}: {source}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// The line, or the row of a Parquet file; the first is 1.
        line: u64,
        /// What is wrong with it.
        source: RowError,
    },
    /// A file is no Parquet, or has not the columns that are needed.
    #[error("{} is no such Parquet file: {reason}", path.display())]
    Columns {
        /// The file.
        path: PathBuf,
        /// What is wrong, and which columns there are.
        reason: String,
    },
}

impl FormatError {
    // Taken by value because that is what `map_err` hands over.
    #[allow(clippy::needless_pass_by_value)]
    pub(super) fn io(path: &Path, error: impl ToString) -> Self {
        Self::Io { path: path.to_owned(), reason: error.to_string() }
    }

    pub(super) fn row(path: &Path, line: u64, source: RowError) -> Self {
        Self::Row { path: path.to_owned(), line, source }
    }
}
