//! How the reward for a chain of evidence is mixed with that for the answer.

use std::sync::Arc;

use async_trait::async_trait;
use offseeker_trajectory::{Grade, Outcome, Trajectory};
use serde::{Deserialize, Serialize};

use crate::compose::{Whole, normalised_by_max};
use crate::{GradeError, Grader, GroupGrader};

/// How the reward for a chain of evidence is mixed with that for the answer.
///
/// `o` is the reward for the answer, `r` that for the evidence, `r^` the share that `r` has of the highest in the group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CarrMix {
    /// `(1 - a) o + a o r^`, as the paper says: evidence ranks right answers only.
    Paper,
    /// `(1 - a) o + a o r`, as the flags that were shipped with the code have it: the share is computed and not used.
    Shipped,
    /// `(1 - a) o + a r`, as the service mixes where nothing else is asked for; no group is needed.
    Plain,
    /// `o` where that is above nought, else `a r^`: evidence ranks wrong answers only.
    OnlyNegative,
}

/// Mixes the rewards of a group; an attempt without one of the two has no mixed reward.
///
/// ```
/// use offseeker_grading::rewards::carr::{CarrMix, mixed};
///
/// let group = [(1.0, 0.5), (1.0, 0.25), (0.0, 0.75), (1.0, 0.0)].map(Some);
/// let paper: Vec<f64> = mixed(CarrMix::Paper, 0.3, &group).into_iter().flatten().collect();
/// assert!(paper.iter().zip([0.9, 0.8, 0.0, 0.7]).all(|(got, expected)| (got - expected).abs() < 1e-12));
/// ```
#[must_use]
pub fn mixed(mix: CarrMix, share: f64, group: &[Option<(f64, f64)>]) -> Vec<Option<f64>> {
    let evidence: Vec<Option<f64>> = group.iter().map(|rewards| rewards.map(|(_, evidence)| evidence)).collect();
    let shares = normalised_by_max(&evidence);
    let mixed = group.iter().zip(shares).map(|(rewards, normalised)| {
        let (outcome, evidence) = (*rewards)?;
        let normalised = normalised?;
        Some(match mix {
            CarrMix::Paper => (1.0 - share) * outcome + share * outcome * normalised,
            CarrMix::Shipped => (1.0 - share) * outcome + share * outcome * evidence,
            CarrMix::Plain => (1.0 - share) * outcome + share * evidence,
            CarrMix::OnlyNegative if outcome > 0.0 => outcome,
            CarrMix::OnlyNegative => share * normalised,
        })
    });
    mixed.collect()
}

/// The rewards of a group: for the answer and for the evidence, mixed.
///
/// An attempt that is malformed is worth nought, whatever its parts say.
#[derive(Debug, Clone)]
pub struct CarrGroup {
    name: &'static str,
    /// How the two are mixed.
    pub mix: CarrMix,
    /// How much the evidence counts: `a`. 0.3.
    pub share: f64,
    /// Who says whether the answer is right.
    pub outcome: Arc<dyn Grader>,
    /// Who says how good the evidence is.
    pub evidence: Arc<dyn Grader>,
}

impl CarrGroup {
    /// `carr@paper`, `carr@shipped`, `carr/plain` or `carr/only-negative`, as the mix says.
    #[must_use]
    pub fn new(mix: CarrMix, outcome: Arc<dyn Grader>, evidence: Arc<dyn Grader>) -> Self {
        let name = match mix {
            CarrMix::Paper => "carr@paper",
            CarrMix::Shipped => "carr@shipped",
            CarrMix::Plain => "carr/plain@1",
            CarrMix::OnlyNegative => "carr/only-negative@1",
        };
        Self { name, mix, share: 0.3, outcome, evidence }
    }

    async fn parts(&self, attempt: &Trajectory) -> Result<(Whole, Option<(f64, f64)>, Option<Grade>), GradeError> {
        let mut whole = Whole::new(self.name);
        let mut values = [0.0; 2];
        for (at, (part, grader)) in [("outcome", &self.outcome), ("evidence", &self.evidence)].into_iter().enumerate() {
            let grade = grader.grade(attempt).await?;
            let malformed = grade.outcome == Outcome::Malformed;
            match whole.take(part, grade) {
                Ok(_) if malformed => return Ok((whole, Some((0.0, 0.0)), None)),
                Ok(value) => values[at] = value,
                Err(unscored) => return Ok((whole, None, Some(*unscored))),
            }
        }
        Ok((whole, Some((values[0], values[1])), None))
    }
}

#[async_trait]
impl GroupGrader for CarrGroup {
    fn name(&self) -> &str {
        self.name
    }

    async fn grade(&self, attempts: &[Trajectory]) -> Result<Vec<Grade>, GradeError> {
        let mut parts = Vec::with_capacity(attempts.len());
        for attempt in attempts {
            parts.push(self.parts(attempt).await?);
        }
        let rewards: Vec<_> = parts.iter().map(|(_, rewards, _)| *rewards).collect();
        let mixed = mixed(self.mix, self.share, &rewards);
        let grades = parts.into_iter().zip(mixed).map(|((whole, _, unscored), reward)| match (unscored, reward) {
            (Some(unscored), _) => unscored,
            (None, reward) => whole.worth(reward.unwrap_or_default()),
        });
        Ok(grades.collect())
    }
}
