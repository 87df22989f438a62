//! What came of all attempts at a question.

use offseeker_trajectory::{Outcome, QuestionId};
use serde::{Deserialize, Serialize};

/// What becomes of attempts that could not be scored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unscored {
    /// They stay in the denominator, so that nothing is gained by a judge that fails.
    #[default]
    Counted,
    /// They are left out, and so are questions without any other.
    LeftOut,
}

/// What came of all attempts at a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionOutcomes {
    /// The question.
    pub question: QuestionId,
    /// What it shares with the questions that it hangs together with; none where it stands alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// The outcomes of its attempts.
    pub outcomes: Vec<Outcome>,
}

impl QuestionOutcomes {
    /// A question that stands alone.
    pub fn new(question: impl Into<String>, outcomes: Vec<Outcome>) -> Self {
        Self { question: QuestionId::new(question), cluster: None, outcomes }
    }

    /// The same question as one of a cluster.
    #[must_use]
    pub fn in_cluster(self, cluster: impl Into<String>) -> Self {
        Self { cluster: Some(cluster.into()), ..self }
    }

    /// How many attempts were right.
    #[must_use]
    pub fn correct(&self) -> usize {
        self.outcomes.iter().filter(|outcome| **outcome == Outcome::Correct).count()
    }

    /// How many attempts could not be scored.
    #[must_use]
    pub fn unscored(&self) -> usize {
        self.outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Unscored { .. })).count()
    }

    /// How many attempts are in the denominator.
    #[must_use]
    pub fn counted(&self, unscored: Unscored) -> usize {
        match unscored {
            Unscored::Counted => self.outcomes.len(),
            Unscored::LeftOut => self.outcomes.len() - self.unscored(),
        }
    }

    /// The share of attempts that were right; none where none counts.
    // There are fewer attempts than a float counts exactly.
    #[allow(clippy::cast_precision_loss)]
    #[must_use]
    pub fn rate(&self, unscored: Unscored) -> Option<f64> {
        let counted = self.counted(unscored);
        (counted > 0).then(|| self.correct() as f64 / counted as f64)
    }

    /// The cluster that it belongs to: one of its own, where none is named.
    pub(super) fn cluster_key(&self) -> (bool, &str) {
        let named = self.cluster.as_deref();
        (named.is_some(), named.unwrap_or(self.question.as_str()))
    }
}
