//! What can go wrong.

use std::path::PathBuf;

/// What can go wrong in curation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CurationError {
    /// A line of patterns is none.
    #[error(
        "line {line} of the patterns {reason}; write a name, `all` or `said`, and a regular expression, with tabs between"
    )]
    Pattern {
        /// The line; the first is 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A file cannot be read.
    #[error("{} cannot be read: {reason}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// A line of a file is not what it should be.
    #[error("{}:{line}: {reason}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line; the first is 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// What should be cut or weighed together does not belong together.
    #[error("{reason}")]
    Unfit {
        /// What does not fit, and what to do.
        reason: String,
    },
}
