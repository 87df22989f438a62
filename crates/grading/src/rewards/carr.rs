//! `CaRR`: how much of a chain of evidence an answer names, cites and ties to itself.
//!
//! A question comes with rubrics: statements in which the things on the way to the answer stand as `<E0>`, `<E1>` and so
//! on; `<E0>` is the answer. A judge finds the names that the answer gives to them, and says which of the statements are
//! borne out by what the attempt saw at the places that it cites. A statement counts when it is borne out and hangs
//! together with the answer.

mod citations;
mod connect;
mod entities;
mod mix;
mod rubrics;
mod seen;
mod support;

pub use citations::{CITED_AT_MOST, citations, without_references};
pub use connect::{connected, rubric_reward};
pub use entities::{Names, entities_of, filled};
pub use mix::{CarrGroup, CarrMix, mixed};
pub use rubrics::CarrRubrics;
pub(crate) use seen::{Seen, bare};

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
