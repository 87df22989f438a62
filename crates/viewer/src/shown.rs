//! An attempt, and what a page says of it beside what it says itself.

use std::collections::BTreeMap;

use offseeker_trajectory::{Grade, Trajectory};

use crate::{Fate, Learnt};

/// An attempt, and what a page says of it beside what it says itself.
///
/// ```
/// use offseeker_trajectory::{Question, Trajectory};
/// use offseeker_viewer::{Fate, Shown};
///
/// let attempt = Trajectory::new(Question::new("Which river?", ["the Orsa"]), 0);
/// let shown = Shown::new(attempt).by("teacher").in_category("one hop").fate(Fate::dropped("integrity", "unfinished"));
/// assert_eq!(shown.contestant, "teacher");
/// ```
#[derive(Debug, Clone)]
pub struct Shown {
    /// The attempt.
    pub trajectory: Trajectory,
    /// Who made it: the name of a run, a checkpoint, a model.
    pub contestant: String,
    /// What kind of question it is at.
    pub category: String,
    /// The grader whose word stands in the list; where it is none, or did not grade it, the first that did.
    pub grader: Option<String>,
    /// What became of it.
    pub fate: Fate,
    /// What of it counted, by the training: `SFT`.
    pub learnt: Vec<(String, Learnt)>,
    /// The texts of the tokens of messages, by the places of these.
    pub(crate) spelt: BTreeMap<usize, Vec<String>>,
}

impl Shown {
    /// An attempt, made by the model that it names.
    #[must_use]
    pub fn new(trajectory: Trajectory) -> Self {
        let contestant = trajectory.model.clone().unwrap_or_default();
        Self {
            trajectory,
            contestant,
            category: String::new(),
            grader: None,
            fate: Fate::default(),
            learnt: Vec::new(),
            spelt: BTreeMap::new(),
        }
    }

    /// Says who made it.
    #[must_use]
    pub fn by(self, contestant: impl Into<String>) -> Self {
        Self { contestant: contestant.into(), ..self }
    }

    /// Says what kind of question it is at.
    #[must_use]
    pub fn in_category(self, category: impl Into<String>) -> Self {
        Self { category: category.into(), ..self }
    }

    /// Says whose word stands in the list.
    #[must_use]
    pub fn graded_by(self, grader: impl Into<String>) -> Self {
        Self { grader: Some(grader.into()), ..self }
    }

    /// Says what became of it.
    #[must_use]
    pub fn fate(self, fate: Fate) -> Self {
        Self { fate, ..self }
    }

    /// Says what of it counted in a training.
    #[must_use]
    pub fn learnt(mut self, training: impl Into<String>, learnt: Learnt) -> Self {
        self.learnt.push((training.into(), learnt));
        self
    }

    /// Spells the tokens that were sampled, so that the page can show which of them counted and how likely each was.
    #[must_use]
    pub fn spelt(mut self, spell: impl Fn(u32) -> String) -> Self {
        for (place, node) in self.trajectory.nodes().iter().enumerate() {
            let tokens = node.as_sampled().and_then(|sampled| sampled.tokens.as_ref());
            if let Some(tokens) = tokens.filter(|tokens| !tokens.ids().is_empty()) {
                self.spelt.insert(place, tokens.ids().iter().map(|id| spell(*id)).collect());
            }
        }
        self
    }

    /// The grade whose word stands in the list.
    pub(crate) fn grade(&self) -> Option<&Grade> {
        let grades = &self.trajectory.grades;
        let named = self.grader.as_ref().and_then(|grader| grades.iter().find(|grade| grade.grader == *grader));
        named.or_else(|| grades.first())
    }
}
