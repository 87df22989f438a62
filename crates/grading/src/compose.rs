//! Graders made of graders: sums, gates, levels, penalties, weights that follow training, and normalising in a group.
//!
//! All of them keep the values of their parts, by name, among the components of the grade, and the parts of a part as
//! `part/sub`. They agree on what is not known: **where a part that is needed has no value, the whole has none**, and says
//! which part and why. A part that is not needed, such as one behind a closed gate, is not asked.
//!
//! Whether the answer is right is said by the first part that knows it.
//!
//! ```
//! use std::sync::Arc;
//! use offseeker_grading::Grader;
//! use offseeker_grading::compose::{Earlier, Part, WeightedSum};
//! use offseeker_trajectory::{Grade, Outcome, Question, Trajectory};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), offseeker_grading::GradeError> {
//! let reward = WeightedSum::new("mine@1")
//!     .with(0.8, Part::new("right", Arc::new(Earlier::named("gaia/quasi-exact@1"))))
//!     .with(0.2, Part::new("format", Arc::new(Earlier::named("pokee/format@1"))));
//!
//! let mut attempt = Trajectory::new(Question::new("Which river?", ["the Orsa"]), 0);
//! attempt.grades.push(Grade::scored("gaia/quasi-exact@1", Outcome::Correct, 1.0));
//! let grade = reward.grade(&attempt).await?;
//! assert_eq!(grade.value, None, "nobody has graded its format");
//!
//! attempt.grades.push(Grade::scored("pokee/format@1", Outcome::Correct, 0.5));
//! let grade = reward.grade(&attempt).await?;
//! assert_eq!(grade.value, Some(0.9));
//! assert_eq!(grade.components["format"], 0.5);
//! # Ok(())
//! # }
//! ```

mod anneal;
mod each;
mod earlier;
mod gate;
mod group_max;
mod part;
mod penalty;
mod schedule;
mod sequential;
mod weighted_sum;
mod whole;

pub use anneal::Anneal;
pub use each::Each;
pub use earlier::Earlier;
pub use gate::Gate;
pub use group_max::{GroupMax, normalised_by_max};
pub use part::{Part, Weighted};
pub use penalty::Penalty;
pub use schedule::{Progress, Schedule};
pub use sequential::{Level, Sequential};
pub use weighted_sum::WeightedSum;
pub(crate) use whole::Whole;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
