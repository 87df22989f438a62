//! What answers a plan has.

use std::collections::BTreeMap;

use offseeker_entity_graph::EntityId;

use crate::Variable;

/// What answers a plan has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solutions {
    /// The different answers, in the order in which they were found.
    pub answers: Vec<Found>,
    /// How many entities were looked at.
    pub looked_at: u64,
    /// How the search ended.
    pub ended: Ended,
}

/// An answer that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The answer: a name, a value, a number. Empty where the clues hold and there is still no answer: the property is
    /// not known, or two things are equal.
    pub answer: String,
    /// One way to fulfil the clues that leads to it.
    pub entities: BTreeMap<Variable, EntityId>,
}

/// How a search for answers ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Everything was looked at.
    All,
    /// As many answers were found as were wanted.
    Most,
    /// It took too long.
    GaveUp,
}

impl Solutions {
    /// Whether there is exactly one answer; none where that was not found out.
    #[must_use]
    pub fn is_unique(&self) -> Option<bool> {
        match (self.answers.len(), self.ended) {
            (2.., _) | (0, Ended::All) => Some(false),
            (1, Ended::All) => Some(!self.answers[0].answer.is_empty()),
            _ => None,
        }
    }

    /// Whether there is exactly one answer and it is this one; none where that was not found out.
    #[must_use]
    pub fn is_only(&self, answer: &str) -> Option<bool> {
        self.is_unique().map(|unique| unique && self.answers[0].answer == answer)
    }
}
