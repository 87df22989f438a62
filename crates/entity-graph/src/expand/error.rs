//! Why an expansion cannot begin or go on.

use std::path::{Path, PathBuf};

use super::Stage;
use crate::GraphError;

/// Why an expansion cannot begin or go on. What was written down before stays.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExpandError {
    /// A model, a search engine or a library could not be asked, several times in a row.
    #[error(
        "{stage}: stopped after {times} outages in a row, the last of them: {reason}; {pending} items are pending and \
         nothing is lost, so run it again when that can be asked"
    )]
    Outages {
        /// Where it stopped.
        stage: Stage,
        /// How many there were.
        times: u32,
        /// What the last one was.
        reason: String,
        /// How many items of the stage have no result.
        pending: usize,
    },
    /// The folder was begun with other options, another model or another corpus.
    #[error(
        "{} was begun with another {what} ({kept}, not {asked}); go on with that one, or take a new folder",
        folder.display()
    )]
    Other {
        /// The folder.
        folder: PathBuf,
        /// What differs: `options.seed`, `model`.
        what: String,
        /// What it was begun with.
        kept: String,
        /// What is asked for.
        asked: String,
    },
    /// Something else expands in the folder at this moment.
    #[error("another process or task expands in {}; wait for it, or take another folder", folder.display())]
    Busy {
        /// The folder.
        folder: PathBuf,
    },
    /// A file of the folder is not as it was written.
    #[error("{}:{line} is damaged: {reason}; take the file away, and what it held is done again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line; the first is 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// A file cannot be read or written.
    #[error("{}: {reason}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The options make no sense.
    #[error("the option `{option}` {reason}")]
    Options {
        /// Which.
        option: &'static str,
        /// What is wrong with it and what it may be.
        reason: String,
    },
    /// A prompt does not use the names that it has to.
    #[error("the prompt `{name}` cannot be used: {reason}")]
    Prompt {
        /// Which.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// What was found is no graph.
    #[error(transparent)]
    Graph(#[from] GraphError),
}

impl ExpandError {
    // By value, because that is what `map_err` hands over.
    #[allow(clippy::needless_pass_by_value)]
    pub(super) fn io(path: &Path, error: impl ToString) -> Self {
        Self::Io { path: path.to_owned(), reason: error.to_string() }
    }
}
