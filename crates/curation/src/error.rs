//! What can go wrong.

use std::path::PathBuf;

use offseeker_trajectory::QuestionId;

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
    /// An attempt is at a question of a sealed benchmark.
    #[error(
        "question {question} is of a sealed benchmark, from which nothing is learnt; leave its attempts out, or set `sealed` \
         in the rules of the cut where that is what you want"
    )]
    Sealed {
        /// The question.
        question: QuestionId,
    },
    /// What should be cut or weighed together does not belong together.
    #[error("{reason}")]
    Unfit {
        /// What does not fit, and what to do.
        reason: String,
    },
}
