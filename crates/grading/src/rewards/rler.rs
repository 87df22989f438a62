//! RLER, as DR Tulu has it: weighted rubrics that evolve with what is being trained, citations, format, searching.
//!
//! The parts are graders of their own; [`preset`](crate::rewards::preset) `rler/total` adds them up. Rubrics come from the
//! question's metadata or from a [`RubricBuffer`], which is a value: after a group is scored it [evolves](RubricBuffer::evolve),
//! and it can be saved and loaded.

mod buffer;
mod buffers;
mod citation;
mod claims;
mod format;
mod propose;
mod rubric;
mod score;

pub use buffer::{MOST_HISTORY, MOST_INACTIVE, Past, RubricBuffer};
pub use buffers::RubricBuffers;
pub use citation::{RlerCitation, citation_reward, claim_f1};
pub use claims::{Claim, claims};
pub use format::{RlerFormat, RlerSearchTurns, format_reward, search_turns_reward};
pub use propose::propose;
pub use rubric::{Rubric, rubrics_of};
pub use score::{RlerRubrics, rubric_total};

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
