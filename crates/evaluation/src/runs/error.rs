//! Why there is no report.

use offseeker_agent_loop::run::RunError;
use offseeker_grading::GradeError;
use offseeker_trajectory::{QuestionId, TrajectoryError};
use offseeker_trajectory_store::StoreError;

/// Why there is no report. What was attempted and graded is kept; run again, it goes on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluationError {
    /// What is asked makes no sense.
    #[error("that cannot be evaluated: {reason}")]
    Invalid {
        /// Why not, and what to do.
        reason: String,
    },
    /// A comparison names a contestant that is not there.
    #[error("there is no contestant `{name}` to compare; there are {}", known.join(", "))]
    Unknown {
        /// The name.
        name: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// An oracle lacks documents.
    #[error(
        "`{contestant}` is given the documents of each question, and has none for {missing} of them, such as {question}; \
         evaluate it on the subset that has documents"
    )]
    NoDocuments {
        /// The contestant.
        contestant: String,
        /// How many questions lack documents.
        missing: usize,
        /// The first of them.
        question: QuestionId,
    },
    /// The attempts of a contestant cannot go on.
    #[error("the attempts of `{contestant}` stopped: {source}")]
    Run {
        /// The contestant.
        contestant: String,
        /// Why.
        source: RunError,
    },
    /// The attempts of a contestant cannot be graded.
    #[error("the attempts of `{contestant}` cannot be graded: {source}")]
    Grade {
        /// The contestant.
        contestant: String,
        /// Why.
        source: GradeError,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A manifest has no name.
    #[error("the manifest of `{contestant}` cannot be hashed: {source}")]
    Manifest {
        /// The contestant.
        contestant: String,
        /// Why.
        source: TrajectoryError,
    },
    /// Somebody asked it to stop.
    #[error("it was stopped at `{contestant}`; run it again to go on")]
    Stopped {
        /// The contestant that it was at.
        contestant: String,
    },
    /// Attempts are still to be made.
    #[error("{missing} attempts of `{contestant}` are not made yet; run the evaluation to make them")]
    Unfinished {
        /// The contestant.
        contestant: String,
        /// How many.
        missing: usize,
    },
    /// Too many attempts came to nothing.
    #[error(
        "{lost} of {of} attempts of `{contestant}` failed through no fault of their own or could not be graded, where the \
         policy lets {:.1} % be lost; mend that and run it again", most * 100.0
    )]
    TooManyLost {
        /// The contestant.
        contestant: String,
        /// How many were lost.
        lost: usize,
        /// Of how many.
        of: usize,
        /// The share that may be lost.
        most: f64,
    },
}

impl EvaluationError {
    pub(super) fn invalid(reason: impl Into<String>) -> Self {
        Self::Invalid { reason: reason.into() }
    }
}
