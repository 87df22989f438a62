//! Why recordings are of no use.

use std::path::PathBuf;

/// Why recordings are of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CassetteError {
    /// A strict replay has no recording of what was asked.
    #[error("nothing is recorded for request {key}; record it first, or replay without being strict")]
    NotRecorded {
        /// Names what was asked.
        key: String,
    },
    /// A recording cannot be read as one.
    #[error("the recording {} is damaged: {reason}; remove or record it", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The disk does not take a recording.
    #[error("a recording cannot be written to {}: {reason}", folder.display())]
    NotWritten {
        /// The folder of the recordings.
        folder: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The work on recordings was broken off.
    #[error("recordings cannot be reached: {reason}")]
    Unreachable {
        /// What happened.
        reason: String,
    },
}
