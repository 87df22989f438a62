//! Figures by any fact of the attempts.

use std::collections::{BTreeMap, BTreeSet};

use offseeker_trajectory::StopReason;
use serde::{Deserialize, Serialize};

use crate::Attempted;
use crate::statistics::Figures;

/// What attempts took, on average.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Means {
    /// Requests to models.
    pub requests: f64,
    /// Turns of the model.
    #[serde(default)]
    pub turns: f64,
    /// Calls of tools.
    pub calls: f64,
    /// Tokens that models read.
    pub prompt_tokens: f64,
    /// Tokens that models wrote.
    pub completion_tokens: f64,
    /// Dollars; nought where no price is known.
    pub dollars: f64,
}

/// The attempts of which a fact has one value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// The value; none for attempts without that fact.
    pub value: Option<String>,
    /// The figures of these attempts alone.
    pub figures: Figures,
    /// What they took, on average.
    pub means: Means,
}

/// Figures by a fact of the attempts, sorted by its value.
///
/// `stop` is why an attempt ended, `tool` which tools it called, and any other key is a label. An attempt that called
/// several tools is in the part of each, so parts by `tool` do not add up to all.
///
/// ```
/// use offseeker_evaluation::{Attempted, breakdown};
/// use offseeker_trajectory::{Grade, Outcome, Question, StopReason, Trajectory};
///
/// let mut attempt = Trajectory::new(Question::new("Which river?", ["the Orsa"]), 0);
/// attempt.question.metadata.insert("hops".into(), 2.into());
/// attempt.stop = Some(StopReason::Answered);
/// attempt.grades = vec![Grade::scored("exact@1", Outcome::Correct, 1.0)];
///
/// let attempts = [Attempted::of(&attempt, "exact@1", &["hops"])];
/// assert_eq!(breakdown(&attempts, "hops")[0].value.as_deref(), Some("2"));
/// assert_eq!(breakdown(&attempts, "stop")[0].figures.counts.correct, 1);
/// ```
#[must_use]
pub fn breakdown(attempts: &[Attempted], key: &str) -> Vec<Part> {
    let mut parts: BTreeMap<Option<String>, Vec<Attempted>> = BTreeMap::new();
    for attempt in attempts {
        for value in values(attempt, key) {
            parts.entry(value).or_default().push(attempt.clone());
        }
    }
    parts.into_iter().map(|(value, attempts)| Part::of(value, &attempts)).collect()
}

fn values(attempt: &Attempted, key: &str) -> BTreeSet<Option<String>> {
    match key {
        "stop" => BTreeSet::from([attempt.stop.as_ref().map(|stop| StopReason::kind(stop).to_owned())]),
        "tool" if attempt.calls.is_empty() => BTreeSet::from([None]),
        "tool" => attempt.calls.keys().cloned().map(Some).collect(),
        _ => BTreeSet::from([attempt.labels.get(key).cloned()]),
    }
}

impl Part {
    fn of(value: Option<String>, attempts: &[Attempted]) -> Self {
        let figures = Figures::of(&Attempted::by_question(attempts, None), &[]);
        Self { value, figures, means: Means::of(attempts) }
    }
}

impl Means {
    /// What attempts took, on average; nought where there are none.
    // Counts of one run are smaller than what a float counts exactly.
    #[allow(clippy::cast_precision_loss)]
    #[must_use]
    pub fn of(attempts: &[Attempted]) -> Self {
        let count = attempts.len().max(1) as f64;
        let mean = |fact: fn(&Attempted) -> u64| {
            attempts.iter().map(|attempt| u128::from(fact(attempt))).sum::<u128>() as f64 / count
        };
        Self {
            requests: mean(|attempt| attempt.usage.requests),
            turns: mean(|attempt| attempt.turns),
            calls: mean(|attempt| attempt.calls.values().fold(0, |sum, calls| sum.saturating_add(*calls))),
            prompt_tokens: mean(|attempt| attempt.usage.prompt_tokens),
            completion_tokens: mean(|attempt| attempt.usage.completion_tokens),
            dollars: mean(|attempt| attempt.usage.cost_microusd) / 1e6,
        }
    }
}
