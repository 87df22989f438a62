//! What can go wrong with a page.

use std::io;
use std::path::{Path, PathBuf};

use offseeker_trajectory::TrajectoryId;

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ViewError {
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A line of a file is no row of metrics.
    #[error("{}, line {line}: {what}; mend the line or leave the file out", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// An attempt was added twice.
    #[error("attempt {attempt} was added already; add each attempt once")]
    Twice {
        /// The attempt.
        attempt: TrajectoryId,
    },
    /// An attempt is at a question that is spread encrypted, and the page would have it in clear.
    #[error(
        "attempt {attempt} is at a sealed question, which no file may have in clear; leave it out, or allow it for a page \
         that is not passed on"
    )]
    Sealed {
        /// The attempt.
        attempt: TrajectoryId,
    },
    /// A sample was not cut from the attempt that it is shown with.
    #[error("sample {sample} was not cut from attempt {attempt}; show it with its own")]
    OtherAttempt {
        /// The sample.
        sample: String,
        /// The attempt.
        attempt: TrajectoryId,
    },
    /// What was given cannot be said in JSON: a number is none.
    #[error("{what} cannot be written: {reason}")]
    Unsayable {
        /// What was to be written.
        what: String,
        /// Why it cannot be.
        reason: String,
    },
    /// A port cannot be had.
    #[cfg(feature = "serve")]
    #[error("port {port} of this machine cannot be had: {source}")]
    Port {
        /// The port.
        port: u16,
        /// What the system says.
        source: io::Error,
    },
    /// There are more attempts than a page can name.
    #[error("a page shows at most {most} attempts; write several")]
    TooMany {
        /// How many there may be.
        most: u32,
    },
}

impl ViewError {
    /// What the system says of a file.
    pub(crate) fn io(path: &Path) -> impl Fn(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Io { path: path.clone(), source }
    }

    /// A line of a file that is no row.
    pub(crate) fn damaged(file: &Path, line: u64, what: impl Into<String>) -> Self {
        Self::Damaged { file: file.to_owned(), line, what: what.into() }
    }
}
