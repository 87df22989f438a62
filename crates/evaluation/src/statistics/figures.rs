//! All figures of a run over a list of questions.

use std::collections::BTreeMap;

use offseeker_trajectory::Outcome;
use serde::{Deserialize, Serialize};

use super::{Interval, QuestionOutcomes, Unscored, clustered_mean, pass_all, pass_at, wilson};

/// How often each outcome was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Attempts in all.
    pub attempts: usize,
    /// Right answers.
    pub correct: usize,
    /// Wrong answers.
    pub wrong: usize,
    /// Attempts without an answer.
    pub no_answer: usize,
    /// Attempts that break the protocol.
    pub malformed: usize,
    /// Attempts that could not be scored.
    pub unscored: usize,
}

impl Counts {
    /// Counts outcomes.
    pub fn of<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Self {
        let mut counts = Self::default();
        for outcome in outcomes {
            counts.attempts += 1;
            *match outcome {
                Outcome::Correct => &mut counts.correct,
                Outcome::Wrong => &mut counts.wrong,
                Outcome::NoAnswer => &mut counts.no_answer,
                Outcome::Malformed => &mut counts.malformed,
                // An outcome that is not known here is none that could be scored.
                _ => &mut counts.unscored,
            } += 1;
        }
        counts
    }
}

/// A figure and how far it can be off.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// Its standard error over clusters; none for a single one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard_error: Option<f64>,
    /// The interval that follows from it, by Student's distribution, cut off at 0 and 1.
    ///
    /// Where all clusters agree it has no width, however few they are; then `wilson` says more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clustered: Option<Interval>,
    /// Wilson's interval, as if each cluster were one attempt: right for one attempt at each question, and wider than
    /// need be for more.
    pub wilson: Interval,
}

/// The figures with attempts that could not be scored in the denominator, or without.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Rates {
    /// Questions that count.
    pub questions: usize,
    /// The mean over questions of the share of right attempts: pass@1, and avg@k where each was attempted k times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean: Option<Estimate>,
    /// The mean of pass@k; without a k for which some question has too few attempts.
    pub pass_at: BTreeMap<usize, f64>,
    /// The mean of pass^k, likewise.
    pub pass_all: BTreeMap<usize, f64>,
}

/// All figures of a run over a list of questions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// How often each outcome was.
    pub counts: Counts,
    /// With attempts that could not be scored in the denominator: they are not right. These are the figures to report.
    pub all: Rates,
    /// Without them.
    pub scored: Rates,
}

impl Figures {
    /// The figures of a run, with pass@k and pass^k for each of `ks`. The order of questions makes no difference.
    #[must_use]
    pub fn of(questions: &[QuestionOutcomes], ks: &[usize]) -> Self {
        Self {
            counts: Counts::of(questions.iter().flat_map(|question| &question.outcomes)),
            all: Rates::of(questions, ks, Unscored::Counted),
            scored: Rates::of(questions, ks, Unscored::LeftOut),
        }
    }
}

impl Rates {
    /// The figures with or without attempts that could not be scored.
    #[must_use]
    pub fn of(questions: &[QuestionOutcomes], ks: &[usize], unscored: Unscored) -> Self {
        let mut counted: Vec<_> = questions.iter().filter(|question| question.counted(unscored) > 0).collect();
        counted.sort_by(|left, right| left.question.cmp(&right.question));
        let mean_of = |chance: &dyn Fn(usize, usize) -> Option<f64>| {
            let chances = counted.iter().map(|question| chance(question.counted(unscored), question.correct()));
            mean(chances.collect::<Option<Vec<f64>>>()?)
        };
        let for_each = |chance: fn(usize, usize, usize) -> Option<f64>| {
            ks.iter().filter_map(|k| Some((*k, mean_of(&|all, correct| chance(*k, all, correct))?))).collect()
        };
        Self {
            questions: counted.len(),
            mean: estimate(&counted, unscored),
            pass_at: for_each(pass_at),
            pass_all: for_each(pass_all),
        }
    }
}

// There are fewer questions than a float counts exactly.
#[allow(clippy::cast_precision_loss)]
fn mean(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

// There are fewer clusters than a float counts exactly.
#[allow(clippy::cast_precision_loss)]
fn estimate(counted: &[&QuestionOutcomes], unscored: Unscored) -> Option<Estimate> {
    let rates = counted.iter().filter_map(|question| Some((question.cluster_key(), question.rate(unscored)?)));
    let mean = clustered_mean(rates)?;
    let (clusters, value) = (mean.clusters as f64, mean.value.clamp(0.0, 1.0));
    Some(Estimate {
        value,
        standard_error: mean.standard_error,
        clustered: mean.interval().map(|interval| interval.within(0.0, 1.0)),
        wilson: wilson((value * clusters).min(clusters), clusters)?,
    })
}
