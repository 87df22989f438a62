//! Graders that ask a model, and how far they can be trusted.
//!
//! A [`JudgeGrader`] asks a [`Judge`](crate::Judge) whether an answer is right, in one of seven [`Form`]s: ours, and those
//! that published systems ask their judges in. A form is a prompt and a way to read what comes back; the prompts are in our
//! words, under `prompts/`, each with an id and a hash. To ask with a published prompt, give it with
//! [`JudgeGrader::prompted`].
//!
//! A reply that cannot be read is asked for again, with the reason; a majority of votes decides; what stays open is
//! unscored, never wrong. [`Agreement`] says how far graders agree.

mod agreement;
mod alpha;
mod form;
mod grader;
mod reading;
mod verdict;
mod word;

pub use agreement::{Agreement, Disagreement};
pub use alpha::{Measure, krippendorff_alpha};
pub use form::Form;
pub use grader::JudgeGrader;
pub use verdict::{Ruling, Verdict};
