//! The mean over the steps of an attempt.

use std::sync::Arc;

use async_trait::async_trait;
use offseeker_trajectory::{Grade, Trajectory};

use crate::rewards::turns::{measured, turns, unfit};
use crate::{GradeError, Grader, StepGrader};

/// The mean over the steps of an attempt, as a grader of steps values them; the steps stand among the spans.
///
/// Steps without a value are left out of the mean and counted among the components: `steps`, `valued`. Where no step has
/// one, the attempt is unscored.
#[derive(Debug, Clone)]
pub struct StepMean {
    name: String,
    steps: Arc<dyn StepGrader>,
}

impl StepMean {
    /// The mean of the values of a grader of steps.
    pub fn new(name: impl Into<String>, steps: Arc<dyn StepGrader>) -> Self {
        Self { name: name.into(), steps }
    }
}

#[async_trait]
impl Grader for StepMean {
    fn name(&self) -> &str {
        &self.name
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        if let Some(unfit) = unfit(&self.name, attempt) {
            return Ok(unfit);
        }
        let mut spans = Vec::new();
        let mut count = 0_u32;
        for (step, _) in turns(attempt) {
            count += 1;
            spans.extend(self.steps.grade(attempt, step).await?);
        }
        if spans.is_empty() {
            return Ok(Grade::unscored(
                &self.name,
                format!("none of {count} steps has a value by {}", self.steps.name()),
            ));
        }
        let mean = spans.iter().map(|span| span.value).sum::<f64>() / spans.len() as f64;
        let mut grade = measured(&self.name, attempt, mean);
        let counts = [("steps", f64::from(count)), ("valued", spans.len() as f64)];
        grade.components.extend(counts.map(|(name, count)| (name.to_owned(), count)));
        grade.spans = spans;
        Ok(grade)
    }
}
