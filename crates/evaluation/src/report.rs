//! What was measured: one line of it, or all of it together.

mod line;
mod markdown;
mod policy;
mod standing;

use offseeker_trajectory::canonical_json;
use serde::{Deserialize, Serialize};

pub use line::ReportLine;
pub use policy::{Lost, Policy};
pub use standing::{Reduced, Standing};

use crate::statistics::Paired;

/// What several contestants reached over the same questions.
///
/// It holds no text of a question or an answer, and is [the same bytes](Self::json) for the same attempts. Written out it is
/// Markdown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The benchmark: `gaia`.
    pub dataset: String,
    /// The [hash](crate::Benchmark::hash) of the list of questions.
    pub subset: String,
    /// How many questions there are.
    pub questions: usize,
    /// Attempts at each of them.
    pub attempts_each: usize,
    /// The day on which it was measured: `2026-11-22`.
    pub date: String,
    /// What says which answers are the same, for the majority.
    pub same_answers: String,
    /// What was done about attempts that came to nothing through no fault of their own.
    pub policy: Policy,
    /// What each contestant reached, in the order in which they were named.
    pub standings: Vec<Standing>,
    /// Contestants compared question by question.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comparisons: Vec<Comparison>,
}

/// Two contestants compared question by question, by the first grader.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The one that the other is held against.
    pub first: String,
    /// The other one.
    pub second: String,
    /// With attempts that could not be scored in the denominator. This is the one to report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all: Option<Paired>,
    /// Without them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scored: Option<Paired>,
}

impl Report {
    /// The report as canonical JSON: the same attempts give the same bytes.
    #[must_use]
    pub fn json(&self) -> String {
        canonical_json(self).expect("a report is made of texts and numbers, with names of its own")
    }

    /// What a contestant reached.
    #[must_use]
    pub fn standing(&self, contestant: &str) -> Option<&Standing> {
        self.standings.iter().find(|standing| standing.contestant() == contestant)
    }

    /// Whether every figure stands: no contestant lost more attempts than the policy lets it.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.standings.iter().all(|standing| !standing.lost.are_too_many)
    }
}
