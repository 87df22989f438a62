//! Why a corpus cannot be read.

use std::path::{Path, PathBuf};

/// Why a corpus cannot be read, by file, line and field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CorpusError {
    /// The file or folder cannot be read.
    #[error("{} cannot be read: {reason}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The file is none of those that can be read.
    #[error(
        "{} is no corpus: its name ends in none of .jsonl, .ndjson, .parquet (with the feature `parquet`), and it is no folder",
        path.display()
    )]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// A line or row is not what it should be.
    #[error("{}:{line}: {reason}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line or row; the first is 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// A field of a line or row is not what it should be.
    #[error("{}:{line}: the field `{field}` {reason}", path.display())]
    Field {
        /// The file.
        path: PathBuf,
        /// The line or row; the first is 1.
        line: u64,
        /// The field.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A column that is needed is missing, or holds something else.
    #[error("{}: {reason}", path.display())]
    Columns {
        /// The file.
        path: PathBuf,
        /// What is wrong, and which columns there are.
        reason: String,
    },
    /// A line, row or file is larger than may be.
    #[error("{}:{line}: it has more than {limit} bytes; allow more, or skip what is bad", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The line or row; the first is 1.
        line: u64,
        /// How many bytes it may have.
        limit: usize,
    },
    /// A file of a folder of texts cannot be read as a text.
    #[error("{} is no text: {reason}", path.display())]
    NoText {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl CorpusError {
    #[allow(clippy::needless_pass_by_value)]
    pub(crate) fn unreadable(path: &Path, reason: impl ToString) -> Self {
        Self::Unreadable { path: path.to_owned(), reason: reason.to_string() }
    }

    /// Whether only one document is bad, so that the others can still be read.
    #[must_use]
    pub fn is_of_one_document(&self) -> bool {
        matches!(self, Self::Line { .. } | Self::Field { .. } | Self::TooLarge { .. } | Self::NoText { .. })
    }
}
