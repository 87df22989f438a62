//! How good an attempt is, made of what graders say.

use serde::{Deserialize, Serialize};

use crate::Digest;
use crate::stage::{Correctness, Verdict};

/// How good an attempt is, made of what graders say.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Reward {
    /// The score of the graders that count.
    #[default]
    Score,
    /// C-GRPO's mix, as its paper has it: whether it is right, and how much of a rubric it fulfils beside the best of
    /// the group, `(1 - share) * right + share * right * rubric / largest rubric`. The rubric ranks right attempts
    /// only.
    RankedByRubric {
        /// The grader whose value is how much of the rubric is fulfilled.
        grader: String,
        /// How much the rubric counts; 0.3 in the paper.
        share: f64,
    },
    /// Parts of which each is compared with those of the others alone, as LongWriter-Zero does: the advantage is the
    /// mean of the advantages by each part. The reward is the mean of the parts.
    Parts {
        /// The grader that says the parts.
        grader: String,
        /// Their names.
        parts: Vec<String>,
    },
}

impl Reward {
    /// The rewards of attempts at one question; none for those that nobody could score.
    #[must_use]
    pub fn of(&self, attempts: &[&Digest], graders: &Correctness) -> Vec<Option<f64>> {
        match self {
            Self::Score => attempts.iter().map(|digest| graders.score(digest)).collect(),
            Self::RankedByRubric { grader, share } => {
                let right = |digest: &&Digest| match graders.verdict(digest) {
                    Verdict::Right => Some(1.0),
                    Verdict::Wrong => Some(0.0),
                    Verdict::Unscored => None,
                };
                let rubric = |digest: &&Digest| value(digest, grader);
                let outcomes: Vec<Option<f64>> = attempts.iter().map(right).collect();
                ranked_by_rubric(&outcomes, &attempts.iter().map(rubric).collect::<Vec<_>>(), *share)
            }
            Self::Parts { grader, parts } => attempts.iter().map(|digest| mean_part(digest, grader, parts)).collect(),
        }
    }
}

/// C-GRPO's mix of outcomes with rubrics. A rubric that is not known counts nought; an outcome that is not known makes
/// the reward unknown.
pub(super) fn ranked_by_rubric(outcomes: &[Option<f64>], rubrics: &[Option<f64>], share: f64) -> Vec<Option<f64>> {
    let largest = rubrics.iter().flatten().copied().fold(0.0, f64::max);
    let mix = |(outcome, rubric): (&Option<f64>, &Option<f64>)| {
        let outcome = (*outcome)?;
        let rubric = if largest > 0.0 { rubric.unwrap_or(0.0) / largest } else { 0.0 };
        Some((1.0 - share) * outcome + share * outcome * rubric)
    };
    outcomes.iter().zip(rubrics).map(mix).collect()
}

fn value(digest: &Digest, grader: &str) -> Option<f64> {
    digest.grades.iter().find(|grade| grade.grader == grader).and_then(|grade| grade.value)
}

/// A part of what a grader says; none where it said nothing.
pub(super) fn part(digest: &Digest, grader: &str, part: &str) -> Option<f64> {
    let grade = digest.grades.iter().find(|grade| grade.grader == grader)?;
    grade.components.get(part).copied().filter(|_| !digest.end.infrastructure)
}

fn mean_part(digest: &Digest, grader: &str, parts: &[String]) -> Option<f64> {
    let values: Option<Vec<f64>> = parts.iter().map(|name| part(digest, grader, name)).collect();
    values.filter(|values| !values.is_empty()).map(|values| values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rubrics_rank_right_attempts_only() {
        let check = |outcomes: &[Option<f64>], rubrics: &[Option<f64>], expected: &[Option<f64>]| {
            let found = ranked_by_rubric(outcomes, rubrics, 0.3);
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(expected) {
                assert!(found.zip(*expected).map_or(found == expected, |(a, b)| (a - b).abs() < 1e-12), "{found:?}");
            }
        };
        let some = |numbers: [f64; 4]| numbers.map(Some).to_vec();
        // The example of the paper; its launcher's own flags give .85 and .775 for the first two.
        check(&some([1.0, 1.0, 0.0, 1.0]), &some([0.5, 0.25, 0.75, 0.0]), &some([0.9, 0.8, 0.0, 0.7]));
        check(&some([1.0, 1.0, 0.0, 1.0]), &some([0.0; 4]), &some([0.7, 0.7, 0.0, 0.7]));
        check(&[None, Some(1.0)], &[Some(1.0), None], &[None, Some(0.7)]);
    }
}
