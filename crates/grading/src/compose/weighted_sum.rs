//! The sum of parts, each times its weight.

use async_trait::async_trait;
use offseeker_trajectory::{Grade, Trajectory};

use super::{Part, Weighted, Whole};
use crate::{GradeError, Grader};

/// The sum of parts, each times its weight. The weights need not come to one.
#[derive(Debug, Clone)]
pub struct WeightedSum {
    name: String,
    /// The parts, asked in this order.
    pub parts: Vec<Weighted>,
}

impl WeightedSum {
    /// A sum of nothing, which is nought.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), parts: Vec::new() }
    }

    /// Adds a part.
    #[must_use]
    pub fn with(mut self, weight: f64, part: Part) -> Self {
        self.parts.push(Weighted { weight, part });
        self
    }
}

#[async_trait]
impl Grader for WeightedSum {
    fn name(&self) -> &str {
        &self.name
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        let mut whole = Whole::new(&self.name);
        let mut sum = 0.0;
        for Weighted { weight, part } in &self.parts {
            match whole.take(&part.name, part.grader.grade(attempt).await?) {
                Ok(value) => sum += weight * value,
                Err(unscored) => return Ok(*unscored),
            }
        }
        Ok(whole.worth(sum))
    }
}
