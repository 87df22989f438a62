//! Why an attempt could not be graded now.

use offseeker_chat::ChatError;
use offseeker_trajectory_store::StoreError;

/// Why an attempt could not be graded now: nothing is known of the attempt, and trying again may help.
///
/// What will never have a value is no error but a [grade](offseeker_trajectory::Grade::unscored) that says why.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GradeError {
    /// The judge's model did not reply.
    #[error("{grader}: the judge did not reply, nothing was graded by it: {source}")]
    Judge {
        /// The grader.
        grader: String,
        /// Why it did not.
        source: ChatError,
    },
    /// Something else that a grader needs is out of reach.
    #[error("{grader} cannot grade just now: {reason}")]
    Unavailable {
        /// The grader.
        grader: String,
        /// What is out of reach.
        reason: String,
    },
    /// A prompt fills in what there is not, or leaves something out.
    #[error("prompt {prompt}: {reason}")]
    Prompt {
        /// The prompt.
        prompt: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A grader gave what is no grade: a value that is no number, other than one grade for each attempt.
    #[error("{grader} is broken: {reason}; nothing of it was written")]
    Broken {
        /// The grader.
        grader: String,
        /// What it did.
        reason: String,
    },
    /// A run is asked for what makes no sense.
    #[error("that cannot be run: {reason}")]
    Invalid {
        /// Why not.
        reason: String,
    },
    /// The store of the attempts failed.
    #[error("attempts could not be read or grades not be written; what was written stays: {source}")]
    Store {
        /// What it says.
        #[from]
        source: StoreError,
    },
    /// A run was given up, because a grader failed too often in a row.
    #[error(
        "{grader} failed {in_a_row} times in a row, so the run was stopped; every grade so far is written, run it again \
         once this is mended: {reason}"
    )]
    Outage {
        /// The grader.
        grader: String,
        /// How often.
        in_a_row: u32,
        /// What it failed with at last.
        reason: String,
    },
    /// A preset cannot be made of what was given.
    #[error("preset {preset}: {reason}")]
    Preset {
        /// The preset.
        preset: String,
        /// What is wrong, and what to give.
        reason: String,
    },
    /// A file of rubrics, or of anything else that a reward remembers, cannot be read or written.
    #[error("{place}: {reason}")]
    File {
        /// The file.
        place: String,
        /// What went wrong.
        reason: String,
    },
}

impl GradeError {
    /// Something that a grader needs is out of reach.
    pub fn unavailable(grader: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Unavailable { grader: grader.into(), reason: reason.into() }
    }

    /// What kind of failure it is, as it is counted: `judge_rate_limited`; `setup` for what is wrong with what was given.
    #[must_use]
    pub fn kind(&self) -> String {
        match self {
            Self::Judge { source, .. } => format!("judge_{}", source.kind()),
            Self::Unavailable { .. } => "unavailable".to_owned(),
            Self::Broken { .. } => "broken".to_owned(),
            Self::Store { .. } => "store".to_owned(),
            Self::Outage { .. } => "outage".to_owned(),
            _ => "setup".to_owned(),
        }
    }

    /// Whether it may pass, so that asking for the next attempt makes sense.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Judge { .. } | Self::Unavailable { .. } | Self::Broken { .. })
    }
}
