//! Why a store cannot do what it was asked.

use std::path::PathBuf;

use offseeker_trajectory::{NodeId, TrajectoryError, TrajectoryId};

/// Why a store cannot do what it was asked. No text in it holds a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no such attempt.
    #[error("there is no attempt {attempt}; begin it before its messages are written")]
    NotFound {
        /// The attempt.
        attempt: TrajectoryId,
    },
    /// Something else is there already.
    #[error("attempt {attempt} already has another {what}; two programs may be making it, or it is not the same run")]
    Conflict {
        /// The attempt.
        attempt: TrajectoryId,
        /// What is there already: `beginning`, `end`, `message 3`.
        what: String,
    },
    /// The claim was taken by another worker.
    #[error("the claim on attempt {attempt} is lost to another worker; stop working on it")]
    ClaimLost {
        /// The attempt.
        attempt: TrajectoryId,
    },
    /// A message refers to one that is not there.
    #[error("message {place} of attempt {attempt} does not fit: {source}")]
    Unfit {
        /// The attempt.
        attempt: TrajectoryId,
        /// The place of the message.
        place: NodeId,
        /// What is wrong with it.
        source: TrajectoryError,
    },
    /// What is asked makes no sense.
    #[error("the store cannot do that: {reason}")]
    Invalid {
        /// Why not.
        reason: String,
    },
    /// The disk is full.
    #[error("{place} is full; nothing that was acknowledged is lost. Make room and go on")]
    Full {
        /// The file or the server.
        place: String,
    },
    /// What is stored is damaged.
    #[error("{} is damaged: {what}; what is whole can be saved with `recover`", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Which part of it, and how.
        what: String,
    },
    /// The file is no store, or that of another version.
    #[error("{} is not a store that this version can open: {reason}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        reason: String,
    },
    /// It cannot be had just now: another program holds it, the server does not answer.
    #[error("{place} cannot be used just now: {reason}")]
    Unavailable {
        /// The file or the server.
        place: String,
        /// What happened.
        reason: String,
    },
    /// The system refused: a folder that is not there, or may not be written.
    #[error("{place} cannot be used: {reason}")]
    Io {
        /// The file or the server.
        place: String,
        /// What the system says.
        reason: String,
    },
}

impl StoreError {
    /// What makes no sense.
    pub fn invalid(reason: impl Into<String>) -> Self {
        Self::Invalid { reason: reason.into() }
    }

    /// What is already there in another form.
    pub fn conflict(attempt: &TrajectoryId, what: impl Into<String>) -> Self {
        Self::Conflict { attempt: attempt.clone(), what: what.into() }
    }
}
