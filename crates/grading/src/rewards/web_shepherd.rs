//! Web-Shepherd: how far each step brings an attempt along a checklist.
//!
//! A model writes the checklist of a task once, and says of each step which items are reached, in progress or neither. A
//! step is worth the mean over the items of `p(Yes) + 0.5 p(In Progress)`, and that is the mean over several replies.

mod checklist;
mod choice;
mod odds;
mod step;
mod step_mean;
mod verdict;

pub use checklist::{Checklist, MOST_ITEMS};
pub use choice::{Choices, is_found, reciprocal_rank};
pub use odds::{NextToken, Synonyms, pooled};
pub use step::WebShepherd;
pub use step_mean::StepMean;
pub use verdict::{StepVerdict, counted, step_score};

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
