//! Which of several attempts is better.

use serde::{Deserialize, Serialize};

use crate::Digest;
use crate::stage::{Correctness, Verdict};

/// What attempts at a question are ranked by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Ranking {
    /// The value that one grader gave, such as one who saw all attempts at the question; nought where it gave none.
    Grader {
        /// The grader and its version.
        grader: String,
    },
    /// The mean of the values of all graders that count.
    Score,
    /// What is known of the attempts, weighted.
    Facts {
        /// How much each of it counts.
        weights: Weights,
    },
}

/// How much each fact counts in a ranking; the score is the weighted mean, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Weights {
    /// That it is right: 0.6.
    pub right: f64,
    /// That a tool showed its answer: 0.2.
    pub evidence: f64,
    /// How few calls it made beside the most of the group: 0.05.
    pub calls: f64,
    /// How few tokens it has beside the most of the group: 0.05.
    pub tokens: f64,
    /// How clean it is: 0.1.
    pub clean: f64,
}

impl Default for Ranking {
    fn default() -> Self {
        Self::Facts { weights: Weights::default() }
    }
}

impl Default for Weights {
    fn default() -> Self {
        Self { right: 0.6, evidence: 0.2, calls: 0.05, tokens: 0.05, clean: 0.1 }
    }
}

/// An attempt and its score.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ranked<'a> {
    pub(super) digest: &'a Digest,
    pub(super) score: f64,
}

impl Ranking {
    /// The attempts from the best to the worst. Where scores are the same, the cleaner one is better, then the one with
    /// fewer calls, then the one with the smaller id.
    pub(super) fn rank<'a>(&self, attempts: &[&'a Digest], graders: &Correctness) -> Vec<Ranked<'a>> {
        let most_calls = attempts.iter().map(|digest| digest.calls.made).max().unwrap_or_default();
        let most_tokens = attempts.iter().map(|digest| digest.shape.tokens).max().unwrap_or_default();
        let score = |digest: &Digest| match self {
            Self::Grader { grader } => {
                let grade = digest.grades.iter().find(|grade| grade.grader == *grader);
                grade.and_then(|grade| grade.value).unwrap_or_default()
            }
            Self::Score => graders.score(digest).unwrap_or_default(),
            Self::Facts { weights } => {
                let right = graders.verdict(digest) == Verdict::Right;
                let seen = digest.grounds.answer_seen || (right && digest.grounds.gold_seen);
                weights.mean([
                    f64::from(u8::from(right)),
                    f64::from(u8::from(seen)),
                    1.0 - f64::from(digest.calls.made) / f64::from(most_calls.max(1)),
                    1.0 - digest.shape.tokens as f64 / most_tokens.max(1) as f64,
                    1.0 - digest.penalty() / 2.0,
                ])
            }
        };
        let mut ranked: Vec<Ranked<'a>> =
            attempts.iter().map(|digest| Ranked { digest, score: score(digest) }).collect();
        ranked.sort_by(|left, right| {
            let (one, other) = (left.digest, right.digest);
            let by_score = right.score.total_cmp(&left.score);
            by_score
                .then_with(|| one.penalty().total_cmp(&other.penalty()))
                .then_with(|| one.calls.made.cmp(&other.calls.made))
                .then_with(|| one.attempt.cmp(&other.attempt))
        });
        ranked
    }
}

impl Weights {
    fn mean(&self, facts: [f64; 5]) -> f64 {
        let weights = [self.right, self.evidence, self.calls, self.tokens, self.clean];
        let total: f64 = weights.iter().sum();
        let sum: f64 = weights.iter().zip(facts).map(|(weight, fact)| weight * fact).sum();
        if total > 0.0 { sum / total } else { 0.0 }
    }
}
