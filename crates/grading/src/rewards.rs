//! The rewards of published systems, as graders, and as presets by name.
//!
//! Each follows the formula of its system; where the code of a system and its paper say different things both are there
//! (`carr@paper`, `carr@shipped`), and what a system does wrong is named and not repeated. One thing is the same for all
//! of them: what nobody could find out has no value. A judge that does not reply is an [error](crate::GradeError), one
//! whose words cannot be read leaves the attempt unscored, and so does an attempt that ended through no fault of its own,
//! where the systems themselves would say nought.
//!
//! Most rewards do not say whether an answer is right. The grade then has a value, and an
//! [outcome](offseeker_trajectory::Outcome) that says that this is not known.
//!
//! [`preset`] finds a reward by name and builds it. Here two attempts at a question are compared in both orders:
//!
//! ```
//! use std::sync::Arc;
//!
//! use offseeker_chat::Scripted;
//! use offseeker_grading::Judge;
//! use offseeker_grading::rewards::{Parts, preset};
//! use offseeker_trajectory::{Question, StopReason, Trajectory};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), offseeker_grading::GradeError> {
//! let attempts = ["the Orsa", "the Karl"].map(|answer| {
//!     let mut attempt = Trajectory::new(Question::new("Which river?", ["the Orsa"]), 0);
//!     (attempt.answer, attempt.stop) = (Some(answer.into()), Some(StopReason::Answered));
//!     attempt
//! });
//! let good = r#"{"correct": 1, "evidence": 0.8, "efficiency": 1, "format": 1}"#;
//! let bad = r#"{"correct": 0, "evidence": 0.2, "efficiency": 1, "format": 1}"#;
//! let said = [format!(r#"{{"T1": {good}, "T2": {bad}}}"#), format!(r#"{{"T1": {bad}, "T2": {good}}}"#)];
//! let judge = Judge::new(Arc::new(Scripted::saying(said)));
//!
//! let evaluator = preset("offseeker/evaluator").expect("it is there").build(&Parts::default().judged(judge))?;
//! let grades = evaluator.as_group_grader().expect("it grades groups").grade(&attempts).await?;
//! assert!((grades[0].value.unwrap() - 0.95).abs() < 1e-9 && (grades[1].value.unwrap() - 0.3).abs() < 1e-9);
//! assert_eq!(grades[0].components["disagreement"], 0.0);
//! # Ok(())
//! # }
//! ```

pub mod atom;
pub mod carr;
pub mod evaluator;
pub mod long_writer;
pub mod pokee;
mod presets;
mod prompts;
mod reply;
pub mod rl_struct;
pub mod rler;
pub mod roc;
pub mod ruler;
pub mod sfr;
pub mod survey;
mod turns;
pub mod web_shepherd;

pub use presets::{Built, Parts, Port, Preset, SourceKind, preset, presets};
pub use prompts::shipped_prompts;
pub(crate) use turns::{answer, calls_of, turns, words};

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
pub(crate) mod made;
