//! Intervals of any figure, by drawing questions again.

use std::collections::BTreeMap;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::{Interval, QuestionOutcomes};

/// The interval of any figure: the middle 95 % of what it is over as many clusters of questions, drawn with replacement.
///
/// The same seed gives the same interval on every machine, in whatever order the questions come. A draw for which the
/// figure is none or no number does not count. It is none where there are no questions or no draw counts.
///
/// ```
/// use offseeker_evaluation::statistics::{QuestionOutcomes, Unscored, bootstrap};
/// use offseeker_trajectory::Outcome::{Correct, Wrong};
///
/// let outcome = |n: u32| if n % 2 == 0 { Correct } else { Wrong };
/// let run: Vec<_> = (0..40).map(|n| QuestionOutcomes::new(n.to_string(), vec![outcome(n)])).collect();
/// let share = |drawn: &[&QuestionOutcomes]| {
///     let rates: Option<Vec<f64>> = drawn.iter().map(|question| question.rate(Unscored::Counted)).collect();
///     rates.map(|rates| rates.iter().sum::<f64>() / rates.len() as f64)
/// };
/// let interval = bootstrap(&run, 1000, 7, share).expect("there are questions");
/// assert!(interval.holds(0.5) && interval.low > 0.3 && interval.high < 0.7);
/// ```
pub fn bootstrap(
    questions: &[QuestionOutcomes],
    draws: usize,
    seed: u64,
    figure: impl Fn(&[&QuestionOutcomes]) -> Option<f64>,
) -> Option<Interval> {
    let clusters = clusters(questions);
    if clusters.is_empty() {
        return None;
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut figures = Vec::with_capacity(draws);
    for _ in 0..draws {
        let mut drawn = Vec::with_capacity(questions.len());
        for _ in 0..clusters.len() {
            drawn.extend_from_slice(&clusters[rng.random_range(0..clusters.len())]);
        }
        figures.extend(figure(&drawn).filter(|figure| figure.is_finite()));
    }
    figures.sort_unstable_by(f64::total_cmp);
    Some(Interval { low: quantile(&figures, 0.025)?, high: quantile(&figures, 0.975)? })
}

fn clusters(questions: &[QuestionOutcomes]) -> Vec<Vec<&QuestionOutcomes>> {
    let mut sorted: Vec<&QuestionOutcomes> = questions.iter().collect();
    sorted.sort_by(|left, right| left.question.cmp(&right.question));
    let mut clusters: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for question in sorted {
        clusters.entry(question.cluster_key()).or_default().push(question);
    }
    clusters.into_values().collect()
}

/// The value below which this share of the sorted ones lies, between two of them where it falls there.
// The place is within the list, and there are fewer values than a float counts exactly.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = sorted.len().checked_sub(1)? as f64 * share;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    Some(below + (above - below) * place.fract())
}
