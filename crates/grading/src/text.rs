//! What is left of an answer when spellings are made equal, and which words of an attempt are its answer.
//!
//! Every published scorer makes spellings equal in a way of its own, and they differ in what they confuse: for one "A-team"
//! is "ateam", for another it is "a team". Each way is a function here with the name of its system, kept apart from the
//! [scorers](crate::scorers) that use it. [`comparable`] is ours; [`Quantity`] and [`Date`] read what can be written in
//! many ways that no rule on characters makes equal.

mod answer;
mod comparable;
mod date;
mod deep_researcher;
mod gaia;
mod python_float;
mod quantity;
mod search_r1;
mod transcript;
mod unit;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;

pub use answer::{deep_researcher_answer, final_answer, search_r1_answer, tagged};
pub use comparable::comparable;
pub use date::{Date, MONTHS};
pub use deep_researcher::{deep_researcher, deep_researcher_tags_balance};
pub use gaia::{gaia_elements, gaia_number, gaia_string};
pub use python_float::python_float;
pub use quantity::Quantity;
pub use search_r1::search_r1;
pub use transcript::{given, last_reply, response, written};
