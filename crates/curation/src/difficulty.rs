//! How hard questions are, by what came of attempts at them.

use std::collections::BTreeMap;

use offseeker_trajectory::QuestionId;
use serde::{Deserialize, Serialize};

use crate::Digest;
use crate::select::in_order;
use crate::stage::{Correctness, Verdict};

/// Where easy ends and hard begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Bands {
    /// From this pass rate on, a question is easy: 1.
    pub easy: f64,
    /// Up to this pass rate, a question is hard: 0.
    pub hard: f64,
    /// With fewer calls in the median, a question is likely too easy: 8.
    pub few_calls: f64,
}

impl Default for Bands {
    fn default() -> Self {
        Self { easy: 1.0, hard: 0.0, few_calls: 8.0 }
    }
}

/// How useful a question is to learn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// Attempts are right.
    Easy,
    /// Some attempts are right.
    Learnable,
    /// No attempt is right.
    Hard,
    /// No attempt was scored, so nobody knows.
    Unknown,
}

/// How hard a question is, by what came of attempts at it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difficulty {
    /// The question.
    pub question: QuestionId,
    /// Attempts at it.
    pub attempts: u32,
    /// Those that were scored; only these count.
    pub scored: u32,
    /// Those of them that are right.
    pub right: u32,
    /// The share that is right; none where none was scored.
    pub pass_rate: Option<f64>,
    /// The median of the calls of those that were scored.
    pub median_calls: Option<f64>,
    /// How useful it is to learn from.
    pub band: Band,
    /// Whether attempts took so few calls that it is likely too easy.
    pub takes_few_calls: bool,
}

/// How hard questions are, in the order of their ids.
#[must_use]
pub fn difficulty(digests: &[Digest], correctness: &Correctness, bands: &Bands) -> Vec<Difficulty> {
    let mut by_question: BTreeMap<&QuestionId, Vec<&Digest>> = BTreeMap::new();
    for digest in in_order(digests).0 {
        by_question.entry(&digest.question).or_default().push(digest);
    }
    by_question.into_iter().map(|(question, attempts)| one(question, &attempts, correctness, bands)).collect()
}

fn one(question: &QuestionId, attempts: &[&Digest], correctness: &Correctness, bands: &Bands) -> Difficulty {
    let scored: Vec<(Verdict, u32)> = attempts
        .iter()
        .map(|digest| (correctness.verdict(digest), digest.calls.made))
        .filter(|(verdict, _)| *verdict != Verdict::Unscored)
        .collect();
    let right = scored.iter().filter(|(verdict, _)| *verdict == Verdict::Right).count();
    let pass_rate = (!scored.is_empty()).then(|| right as f64 / scored.len() as f64);
    let median_calls = median(scored.iter().map(|(_, calls)| *calls).collect());
    let band = match pass_rate {
        None => Band::Unknown,
        Some(rate) if rate >= bands.easy => Band::Easy,
        Some(rate) if rate <= bands.hard => Band::Hard,
        Some(_) => Band::Learnable,
    };
    Difficulty {
        question: question.clone(),
        attempts: attempts.len() as u32,
        scored: scored.len() as u32,
        right: right as u32,
        pass_rate,
        median_calls,
        band,
        takes_few_calls: median_calls.is_some_and(|median| median < bands.few_calls),
    }
}

fn median(mut numbers: Vec<u32>) -> Option<f64> {
    numbers.sort_unstable();
    let upper = *numbers.get(numbers.len() / 2)?;
    Some(f64::midpoint(f64::from(numbers[(numbers.len() - 1) / 2]), f64::from(upper)))
}
