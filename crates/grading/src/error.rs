//! Why an attempt could not be graded now.

use offseeker_chat::ChatError;

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
    /// A prompt fills in what there is not, or leaves something out.
    #[error("prompt {prompt}: {reason}")]
    Prompt {
        /// The prompt.
        prompt: String,
        /// What is wrong with it.
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
