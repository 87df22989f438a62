//! Runs over a benchmark: several contestants attempt and are graded, all of it goes on where it was killed.

mod contestant;
mod error;
mod evaluation;
mod event;
mod measured;
mod same_answers;
mod sealing;

pub use contestant::Contestant;
pub use error::EvaluationError;
pub use evaluation::Evaluation;
pub use event::{Event, Watcher};
pub use same_answers::SameAnswers;
pub use sealing::Sealing;
