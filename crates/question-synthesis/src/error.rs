//! What can go wrong when questions are made.

use std::path::{Path, PathBuf};

use offseeker_entity_graph::GraphError;

/// What can go wrong when questions are made, beside that a draft is thrown out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SynthesisError {
    /// The graph cannot be read.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// A file cannot be read or written.
    #[error("{}: {reason}", path.display())]
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
    /// Another run works in the folder.
    #[error("another run is making questions in {}; wait for it, or use another folder", folder.display())]
    Busy {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder holds what a run with other settings made.
    #[error(
        "{} holds questions that were made otherwise: {reason}; use another folder, or the settings of that run",
        folder.display()
    )]
    OtherRun {
        /// The folder.
        folder: PathBuf,
        /// What is different.
        reason: String,
    },
    /// A phrasebook is not as it should be.
    #[error("the phrasebook is wrong at {place}: {reason}")]
    Phrasebook {
        /// Where: `en.relations.author`.
        place: String,
        /// What is wrong there.
        reason: String,
    },
    /// The template of a prompt is not as it should be.
    #[error("the prompt of {pass} is wrong: {reason}")]
    Prompt {
        /// The pass that uses it.
        pass: String,
        /// What is wrong with it.
        reason: String,
    },
    /// What is asked for cannot be.
    #[error("no questions can be made as is asked: {reason}")]
    Asked {
        /// What is wrong with what is asked.
        reason: String,
    },
    /// A pass panicked.
    #[error("an item could not be worked on to its end, because its pass failed: {reason}")]
    Broken {
        /// What happened.
        reason: String,
    },
}

impl SynthesisError {
    // By value, because that is what `map_err` hands over.
    #[allow(clippy::needless_pass_by_value)]
    pub(crate) fn io(path: &Path, error: impl ToString) -> Self {
        Self::Io { path: path.to_owned(), reason: error.to_string() }
    }

    #[allow(clippy::needless_pass_by_value)]
    pub(crate) fn line(path: &Path, line: u64, error: impl ToString) -> Self {
        Self::Line { path: path.to_owned(), line, reason: error.to_string() }
    }
}
