//! What can go wrong in training.

use std::io;
use std::path::{Path, PathBuf};

use offseeker_language_model::{DialogueError, NetworkError, TokenizerError};
use thiserror::Error;

/// What can go wrong in training.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrainError {
    /// Settings that no training can have.
    #[error("{field}: {what}")]
    Settings {
        /// Which field.
        field: &'static str,
        /// What is wrong with it, and what it may be.
        what: String,
    },
    /// A row of training data that cannot be learnt from.
    #[error("{}, row {row}: {what}", file.display())]
    Row {
        /// The file.
        file: PathBuf,
        /// The row, counted from 1.
        row: usize,
        /// What is wrong with it.
        what: String,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file does not hold what it should.
    #[error("{}: {what}", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong with it, and what to do.
        what: String,
    },
    /// What is there was made with something else.
    #[error("{}: {what}", place.display())]
    Mismatch {
        /// Where it is.
        place: PathBuf,
        /// What differs, and what to do.
        what: String,
    },
    /// A number is none any more.
    #[error("step {step}: {what}")]
    NotFinite {
        /// The step, counted from 1.
        step: u64,
        /// Which number, and what to do.
        what: String,
    },
    /// A rule says that the run is not worth going on with.
    #[error("step {step}: {what}")]
    Alarm {
        /// The step, counted from 1.
        step: u64,
        /// The alarm, and its figures.
        what: String,
    },
    /// The machine has too little memory for it.
    #[error("{0}")]
    Memory(String),
    /// The network refused.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The tokenizer refused.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// Messages could not be rendered.
    #[error(transparent)]
    Dialogue(#[from] DialogueError),
    /// Metrics could not be drawn.
    #[error("metrics could not be drawn: {0}")]
    Drawing(String),
    /// A tensor operation failed.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
}

impl TrainError {
    /// The error of a file.
    pub(crate) fn io(file: &Path) -> impl FnOnce(io::Error) -> Self {
        let file = file.to_owned();
        move |source| Self::Io { file, source }
    }
}
