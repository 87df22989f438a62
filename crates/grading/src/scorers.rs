//! Graders that go by a rule and ask nobody.
//!
//! The published ones score as their systems do, quirks included, under names that say which version is meant; where one
//! is configured otherwise, its name says that too, so that grades by different rules never stand under one name.
//!
//! | name | grader | rule |
//! | --- | --- | --- |
//! | `search-r1/em@v0.2` | [`SearchR1::exact`] | equal after Search-R1's rules, answer between the last of at least two pairs of tags |
//! | `search-r1/subem@v0.2` | [`SearchR1::within`] | the same, but a right answer within the given one will do |
//! | `search-r1/format@v0.3` | [`SearchR1Format`] | the same as the first, and the order of tags counts |
//! | `search-r1pp/f1plus@1` | [`SearchR1F1Plus`] | F1 over words, less penalties for not searching and not answering |
//! | `deepresearcher/f1@1` | [`DeepResearcher::f1`] | F1 over sets of words, -1 for tags that do not balance |
//! | `deepresearcher/em@1` | [`DeepResearcher::exact`] | equal after DeepResearcher's rules, else the same |
//! | `gaia/quasi-exact@1` | [`GaiaQuasiExact`] | numbers, lists and strings as the scorer of GAIA compares them |
//! | `offseeker/number@1` | [`NumberMatch`] | numbers with units, within a tolerance |
//! | `offseeker/date@1` | [`DateMatch`] | dates, at least as precise as the right one |
//! | `offseeker/match@1` | [`Match`] | equal by our rules, or the same number, or the same date |
//!
//! For all of them a question without known answers is unscored, an attempt that ended through no fault of its own is
//! unscored, and no answer is not a wrong one.

mod deep_researcher;
mod f1;
mod gaia;
mod known_answers;
mod matching;
mod search_r1;
mod search_r1_format;
mod search_r1pp;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;

pub use deep_researcher::DeepResearcher;
pub use f1::{f1_of_bags, f1_of_sets};
pub use gaia::{GaiaQuasiExact, gaia_is_same};
pub(crate) use known_answers::NO_FAULT;
pub use known_answers::{KnownAnswers, no_fault};
pub use matching::{DateMatch, Match, NumberMatch};
pub use search_r1::{AnswerFrom, SearchR1};
pub use search_r1_format::{FormatRewards, SearchR1Format, search_r1_fault};
pub use search_r1pp::{F1Penalties, SearchR1F1Plus};
