//! Attempts at one question that are weighed against each other.

mod advantage;
mod down_sample;
mod reward;

use offseeker_trajectory::{Group, Member, Trajectory};
use serde::{Deserialize, Serialize};

use crate::cut::whole_sample;
use crate::stage::Correctness;
use crate::{CurationError, CutRules, Digest};

pub use advantage::{Advantage, average, normalised_over_batch};
pub use down_sample::{Candidate, DownSample};
pub use reward::Reward;

/// How attempts are weighed against each other.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GroupRules {
    /// Which graders count: all of them.
    pub graders: Correctness,
    /// How good an attempt is: its score.
    pub reward: Reward,
    /// How much better it is than the others: GRPO's.
    pub advantage: Advantage,
    /// What is learnt of each. Where the conversation was rewritten on the way, it is the last one, unless the view is
    /// raw.
    pub cut: CutRules,
}

impl GroupRules {
    /// The rewards of attempts at one question; none for those that nobody could score.
    #[must_use]
    pub fn rewards(&self, attempts: &[&Digest]) -> Vec<Option<f64>> {
        self.reward.of(attempts, &self.graders)
    }

    /// How much better each attempt is than the others, by its rewards, or by the parts of them.
    #[must_use]
    pub fn advantages(&self, attempts: &[&Digest]) -> Vec<Option<f64>> {
        let steps: Vec<u32> = attempts.iter().map(|digest| digest.shape.turns).collect();
        match &self.reward {
            Reward::Parts { grader, parts } => {
                let of_part = |part: &String| {
                    let values: Vec<Option<f64>> =
                        attempts.iter().map(|digest| reward::part(digest, grader, part)).collect();
                    self.advantage.of(&values, &steps)
                };
                average(&parts.iter().map(of_part).collect::<Vec<_>>())
            }
            _ => self.advantage.of(&self.rewards(attempts), &steps),
        }
    }

    /// The group of some attempts at one question, each beside its digest. An attempt in which the model says nothing
    /// is left out.
    ///
    /// # Errors
    ///
    /// When there is no attempt, they are at different questions, or a digest is of another attempt.
    pub fn group(&self, attempts: &[(&Trajectory, &Digest)]) -> Result<Group, CurationError> {
        let Some((first, _)) = attempts.first() else {
            return Err(CurationError::Unfit { reason: "a group has at least one attempt".to_owned() });
        };
        for (trajectory, digest) in attempts {
            if trajectory.question.id != first.question.id || trajectory.id != digest.attempt {
                let reason =
                    format!("attempt {} is at another question, or not the one that the digest is of", trajectory.id);
                return Err(CurationError::Unfit { reason });
            }
        }
        let digests: Vec<&Digest> = attempts.iter().map(|(_, digest)| *digest).collect();
        let (rewards, advantages) = (self.rewards(&digests), self.advantages(&digests));
        let mut members = Vec::with_capacity(attempts.len());
        for (at, (trajectory, _)) in attempts.iter().enumerate() {
            if let Some(sample) = whole_sample(trajectory, &self.cut, None)? {
                members.push(Member { sample, reward: rewards[at], advantage: advantages[at] });
            }
        }
        Ok(Group { question: first.question.id.clone(), members })
    }
}
