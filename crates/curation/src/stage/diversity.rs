//! Whether an attempt adds something to the others, and nothing that nobody should learn.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet};

use offseeker_resemblance::{Near, Set};
use offseeker_trajectory::QuestionId;
use serde::{Deserialize, Serialize};

use super::reason::ask;
use super::{Correctness, Reason};
use crate::Digest;

/// Whether an attempt adds something to the others, and nothing that nobody should learn.
///
/// What is wrong with an attempt by itself is looked at first; then attempts that made nearly the same calls are joined
/// to groups, of each of which the best stays; then the best attempts at each question stay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Diversity {
    /// The most attempts at a question: 2.
    pub most_per_question: u32,
    /// From this similarity of their calls on, two attempts are nearly the same: 0.9. None compares nothing.
    pub near_duplicate: Option<f64>,
    /// From this similarity to a known text on, a question is taken from it: 0.7; so it is where it has 13 words in a
    /// row in common with one.
    pub nearest_known: f64,
    /// Whether attempts with secrets pass: no.
    pub may_have_secrets: bool,
    /// Whether attempts pass that say the answer before they looked for it: no.
    pub may_know: bool,
    /// What makes an attempt better than another: the first of these that differs; in the end its id decides. The
    /// score, then how clean it is, then fewer calls.
    pub prefer: Vec<Preference>,
}

/// What can make an attempt better than another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preference {
    /// A higher score.
    Score,
    /// A smaller [penalty](Digest::penalty).
    Cleanest,
    /// Fewer calls.
    FewerCalls,
    /// More calls.
    MoreCalls,
    /// Fewer tokens.
    FewerTokens,
}

impl Default for Diversity {
    fn default() -> Self {
        Self {
            most_per_question: 2,
            near_duplicate: Some(0.9),
            nearest_known: 0.7,
            may_have_secrets: false,
            may_know: false,
            prefer: vec![Preference::Score, Preference::Cleanest, Preference::FewerCalls],
        }
    }
}

impl Diversity {
    /// Why an attempt does not pass, whatever others there are.
    ///
    /// # Errors
    ///
    /// The first reason.
    pub fn check(&self, digest: &Digest) -> Result<(), Reason> {
        let safety = &digest.safety;
        ask(
            !safety.repeats_known && safety.nearest_known < self.nearest_known.max(f64::MIN_POSITIVE),
            Reason::Contaminated,
        )?;
        ask(self.may_have_secrets || safety.secrets.is_empty(), Reason::Secrets)?;
        ask(self.may_know || !safety.closed_book, Reason::ClosedBook)
    }

    /// Why each attempt does not pass, where it does not. What is found does not depend on the order of the attempts.
    #[must_use]
    pub fn pass(&self, digests: &[&Digest], correctness: &Correctness) -> Vec<Option<Reason>> {
        let mut reasons: Vec<Option<Reason>> = digests.iter().map(|digest| self.check(digest).err()).collect();
        let mut best_first: Vec<usize> = (0..digests.len()).collect();
        let scores: Vec<Option<f64>> = digests.iter().map(|digest| correctness.score(digest)).collect();
        best_first
            .sort_by(|left, right| self.compare((digests[*left], scores[*left]), (digests[*right], scores[*right])));
        self.collapse(digests, &best_first, &mut reasons);
        let mut of_question: BTreeMap<&QuestionId, u32> = BTreeMap::new();
        for at in best_first {
            if reasons[at].is_none() {
                let count = of_question.entry(&digests[at].question).or_default();
                *count += 1;
                if *count > self.most_per_question {
                    reasons[at] = Some(Reason::EnoughOfQuestion);
                }
            }
        }
        reasons
    }

    /// Drops all attempts that made nearly the same calls as a better one.
    fn collapse(&self, digests: &[&Digest], best_first: &[usize], reasons: &mut [Option<Reason>]) {
        let Some(threshold) = self.near_duplicate else { return };
        let left: Vec<usize> = best_first.iter().copied().filter(|at| reasons[*at].is_none()).collect();
        let sequences: Vec<&Set> = left.iter().map(|at| &digests[*at].calls.sequence).collect();
        let groups = Near::at(threshold).components(&sequences);
        let mut seen = HashSet::new();
        for (place, at) in left.into_iter().enumerate() {
            if !seen.insert(groups.of(place)) {
                reasons[at] = Some(Reason::NearDuplicate);
            }
        }
    }

    /// Which of two attempts is better; the better one is the smaller.
    fn compare(&self, left: (&Digest, Option<f64>), right: (&Digest, Option<f64>)) -> Ordering {
        let (one, other) = (left.0, right.0);
        let by = |preference: &Preference| match preference {
            Preference::Score => right.1.unwrap_or(f64::NEG_INFINITY).total_cmp(&left.1.unwrap_or(f64::NEG_INFINITY)),
            Preference::Cleanest => one.penalty().total_cmp(&other.penalty()),
            Preference::FewerCalls => one.calls.made.cmp(&other.calls.made),
            Preference::MoreCalls => other.calls.made.cmp(&one.calls.made),
            Preference::FewerTokens => one.shape.tokens.cmp(&other.shape.tokens),
        };
        let first = self.prefer.iter().map(by).find(|order| order.is_ne());
        first.unwrap_or_else(|| one.attempt.cmp(&other.attempt))
    }
}
