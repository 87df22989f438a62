//! A part less what others cost it.

use async_trait::async_trait;
use offseeker_trajectory::{Grade, Trajectory};

use super::{Part, Weighted, Whole};
use crate::{GradeError, Grader};

/// A part less what others cost it: `base - sum of weight * penalty`, and no less than the floor.
#[derive(Debug, Clone)]
pub struct Penalty {
    name: String,
    /// What is taken from.
    pub base: Part,
    /// What is taken off; higher values are worse.
    pub penalties: Vec<Weighted>,
    /// The least that the whole is worth. None.
    pub floor: Option<f64>,
}

impl Penalty {
    /// A part that nothing is taken from yet.
    pub fn new(name: impl Into<String>, base: Part) -> Self {
        Self { name: name.into(), base, penalties: Vec::new(), floor: None }
    }

    /// Adds a penalty.
    #[must_use]
    pub fn less(mut self, weight: f64, part: Part) -> Self {
        self.penalties.push(Weighted { weight, part });
        self
    }
}

#[async_trait]
impl Grader for Penalty {
    fn name(&self) -> &str {
        &self.name
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        let mut whole = Whole::new(&self.name);
        let base = std::iter::once((1.0, &self.base));
        let penalties = self.penalties.iter().map(|penalty| (-penalty.weight, &penalty.part));
        let mut sum = 0.0;
        for (weight, part) in base.chain(penalties) {
            match whole.take(&part.name, part.grader.grade(attempt).await?) {
                Ok(value) => sum += weight * value,
                Err(unscored) => return Ok(*unscored),
            }
        }
        Ok(whole.worth(self.floor.map_or(sum, |floor| sum.max(floor))))
    }
}
