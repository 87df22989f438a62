//! Says how good an attempt of a research agent was.

mod error;
mod grader;
mod judge;
mod prompt;

pub use error::GradeError;
pub use grader::{Grader, GroupGrader, StepGrader};
pub use judge::{Judge, Judgement};
pub use prompt::Prompt;

pub mod compose;
pub mod hacking;
pub mod rewards;
