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
//! [`preset`] finds a reward by name and builds it.

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
