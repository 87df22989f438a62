//! Says how good an attempt of a research agent was.

mod error;
mod grader;
mod judge;
pub mod judges;
mod prompt;
pub mod run;
pub mod scorers;
pub mod text;

pub use error::GradeError;
pub use grader::{Grader, GroupGrader, StepGrader};
pub use judge::{Judge, Judgement};
pub use prompt::Prompt;
