//! Two runs over the same questions.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use offseeker_trajectory::QuestionId;
use serde::{Deserialize, Serialize};

use super::{Interval, QuestionOutcomes, Unscored, clustered_mean, sign_test};

/// Two runs over the same questions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Paired {
    /// Questions that both have, and that count in both.
    pub questions: usize,
    /// Questions that do not count here, because only one of the two runs has them or could be scored.
    pub left_out: usize,
    /// Questions at which the first run was better.
    pub first_better: usize,
    /// Questions at which the second run was better.
    pub second_better: usize,
    /// The mean over questions of the rate of the second run less that of the first.
    pub difference: f64,
    /// Its standard error over clusters; none for a single one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard_error: Option<f64>,
    /// The interval that follows from it, by Student's distribution, cut off at -1 and 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
    /// How likely so uneven a split is by chance, by the exact [sign test](sign_test) over questions. It takes questions
    /// for independent: where they come in clusters, go by the interval.
    pub p: f64,
}

/// Compares two runs question by question; none where they share no question that counts.
///
/// A question that stands in a run several times has all those attempts. The clusters are those of the first run.
///
/// ```
/// use offseeker_evaluation::statistics::{QuestionOutcomes, Unscored, paired};
/// use offseeker_trajectory::Outcome::{Correct, Wrong};
///
/// let run = |outcomes: [_; 3]| {
///     let named = ["mill", "river", "ledger"].into_iter().zip(outcomes);
///     named.map(|(question, outcome)| QuestionOutcomes::new(question, vec![outcome])).collect::<Vec<_>>()
/// };
/// let (before, after) = (run([Wrong, Wrong, Correct]), run([Correct, Wrong, Correct]));
/// let compared = paired(&before, &after, Unscored::Counted).expect("they share questions");
/// assert_eq!((compared.second_better, compared.first_better), (1, 0));
/// ```
#[must_use]
pub fn paired(first: &[QuestionOutcomes], second: &[QuestionOutcomes], unscored: Unscored) -> Option<Paired> {
    let (first, second) = (by_question(first), by_question(second));
    let differences: Vec<_> = first
        .iter()
        .filter_map(|(id, one)| {
            let other = second.get(id)?;
            Some((one.cluster_key(), other.rate(unscored)? - one.rate(unscored)?))
        })
        .collect();
    let mean = clustered_mean(differences.iter().copied())?;
    let signed = |sign| differences.iter().filter(|(_, difference)| difference.total_cmp(&0.0) == sign).count();
    let (first_better, second_better) = (signed(Ordering::Less), signed(Ordering::Greater));
    let all = first.len() + second.keys().filter(|id| !first.contains_key(*id)).count();
    Some(Paired {
        questions: differences.len(),
        left_out: all - differences.len(),
        first_better,
        second_better,
        difference: mean.value,
        standard_error: mean.standard_error,
        interval: mean.interval().map(|interval| interval.within(-1.0, 1.0)),
        p: sign_test(second_better, first_better),
    })
}

fn by_question(run: &[QuestionOutcomes]) -> BTreeMap<&QuestionId, QuestionOutcomes> {
    let mut questions: BTreeMap<&QuestionId, QuestionOutcomes> = BTreeMap::new();
    for question in run {
        questions
            .entry(&question.question)
            .and_modify(|known| known.outcomes.extend(question.outcomes.iter().cloned()))
            .or_insert_with(|| question.clone());
    }
    questions
}
