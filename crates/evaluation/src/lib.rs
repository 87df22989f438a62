//! Measures research agents: benchmarks from files that the user has, runs and controls over them, and their statistics.
//!
//! Figures of deep-research agents are often not comparable: over another list of questions under the same name, with the
//! attempts left out that a judge could not read, without an interval. What is here says of each figure what it was
//! measured on, and how far it can be off:
//!
//! - [`Format`] reads published benchmarks into a [`Benchmark`]. What is spread encrypted is decrypted in memory only, and
//!   its questions carry a mark by which whoever writes files can [refuse or encrypt](is_exposed) them.
//! - [`Subset`] names a part of one, and [`Benchmark::hash`] pins the very list of questions and answers.
//! - [`statistics`] are pure functions of outcomes: pass@k, pass^k, intervals over clusters, paired tests, calibration. An
//!   attempt that could not be scored is neither right nor wrong: it has a column of its own, and each figure is there
//!   both with such attempts in the denominator and without.
//! - [`Attempted`] holds the facts of an attempt, and [`breakdown`](fn@breakdown) counts by any of them.
//! - [`Report`] says on what, by whom and within which limits, with intervals and comparisons; a [`ReportLine`] is one row.
//! - [`confidence`] reads how sure an answer says it is, and [`Calibration`] says how far that can be trusted.
//! - [`retrieval`] has precision and recall of citations and of searches, where a set names its documents.
//!
//! With the feature `runs`, which is on by default:
//!
//! - `Evaluation` lets contestants attempt a benchmark and has them graded, goes on where it was killed, and comes to the same
//!   report; its docs have a whole one in a few lines.
//! - `Contestant` is an agent or a [`Control`]: closed book, no tools, oracle.
//! - `Sealing` is a store in which attempts at sealed questions are encrypted.
//!
//! Whether an answer is right is said by `offseeker-grading`. Nothing here reads a clock or the web.
//!
//! ```
//! use offseeker_evaluation::statistics::{Figures, QuestionOutcomes};
//! use offseeker_trajectory::Outcome::{Correct, Wrong};
//!
//! let outcomes = [
//!     QuestionOutcomes::new("mill", vec![Correct, Wrong, Wrong, Correct, Wrong]),
//!     QuestionOutcomes::new("river", vec![Correct; 5]),
//! ];
//! let figures = Figures::of(&outcomes, &[1, 3]);
//! let mean = figures.all.mean.expect("there are questions");
//! assert!((mean.value - 0.7).abs() < 1e-12);
//! assert!((figures.all.pass_at[&3] - 0.95).abs() < 1e-12);
//! ```

mod attempted;
mod benchmark;
mod breakdown;
mod calibration;
pub mod confidence;
mod control;
mod reducer;
mod report;
pub mod retrieval;
pub mod statistics;

#[cfg(feature = "runs")]
pub mod runs;

pub use attempted::Attempted;
pub use benchmark::{
    Benchmark, BenchmarkError, Cipher, Format, Seal, SealError, Subset, Task, close, is_exposed, open, read_qrels,
};
pub use breakdown::{Means, Part, breakdown};
pub use calibration::Calibration;
pub use control::Control;
pub use reducer::Reducer;
pub use report::{Comparison, Lost, Policy, Reduced, Report, ReportLine, Standing};
#[cfg(feature = "runs")]
pub use runs::{Contestant, Evaluation, EvaluationError, SameAnswers, Sealing};
