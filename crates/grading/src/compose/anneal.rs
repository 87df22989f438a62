//! Two parts whose shares follow training.

use async_trait::async_trait;
use offseeker_trajectory::{Grade, Trajectory};

use super::{Part, Progress, Schedule, Whole};
use crate::{GradeError, Grader};

/// Two parts whose shares follow training: `w * early + (1 - w) * late`, where `w` is what the schedule says.
///
/// The weight that was used stands among the components as `weight`.
#[derive(Debug, Clone)]
pub struct Anneal {
    name: String,
    /// The part whose share is the weight.
    pub early: Part,
    /// The part whose share is what is left.
    pub late: Part,
    /// The weight.
    pub schedule: Schedule,
    /// How far training has come.
    pub progress: Progress,
}

impl Anneal {
    /// Two parts whose shares follow training.
    pub fn new(name: impl Into<String>, early: Part, late: Part, schedule: Schedule, progress: Progress) -> Self {
        Self { name: name.into(), early, late, schedule, progress }
    }
}

#[async_trait]
impl Grader for Anneal {
    fn name(&self) -> &str {
        &self.name
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        let weight = self.schedule.weight(self.progress.get());
        let mut whole = Whole::new(&self.name);
        whole.note("weight", weight);
        let mut sum = 0.0;
        for (share, part) in [(weight, &self.early), (1.0 - weight, &self.late)] {
            match whole.take(&part.name, part.grader.grade(attempt).await?) {
                Ok(value) => sum += share * value,
                Err(unscored) => return Ok(*unscored),
            }
        }
        Ok(whole.worth(sum))
    }
}
