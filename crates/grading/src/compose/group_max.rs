//! Values of a group as shares of the highest among them.

use std::sync::Arc;

use async_trait::async_trait;
use offseeker_trajectory::{Grade, Trajectory};

use super::Whole;
use crate::{GradeError, Grader, GroupGrader};

/// Values of a group as shares of the highest among them; all nought where none is above nought.
///
/// An attempt without a value stays so, and is left out where the highest is looked for.
#[derive(Debug, Clone)]
pub struct GroupMax {
    name: String,
    /// Who gives the values.
    pub grader: Arc<dyn Grader>,
}

impl GroupMax {
    /// The values of a grader as shares of the highest.
    pub fn new(name: impl Into<String>, grader: Arc<dyn Grader>) -> Self {
        Self { name: name.into(), grader }
    }
}

/// Values as shares of the highest; all nought where none is above nought.
#[must_use]
pub fn normalised_by_max(values: &[Option<f64>]) -> Vec<Option<f64>> {
    let highest = values.iter().flatten().copied().fold(0.0, f64::max);
    let share = |value: f64| if highest > 0.0 { value / highest } else { 0.0 };
    values.iter().map(|value| value.map(share)).collect()
}

#[async_trait]
impl GroupGrader for GroupMax {
    fn name(&self) -> &str {
        &self.name
    }

    async fn grade(&self, attempts: &[Trajectory]) -> Result<Vec<Grade>, GradeError> {
        let mut raw = Vec::with_capacity(attempts.len());
        for attempt in attempts {
            raw.push(self.grader.grade(attempt).await?);
        }
        let values: Vec<_> = raw.iter().map(|grade| grade.value).collect();
        let shares = normalised_by_max(&values).into_iter().zip(raw);
        Ok(shares
            .map(|(share, grade)| {
                let mut whole = Whole::new(&self.name);
                match (whole.take("raw", grade), share) {
                    (Ok(_), share) => whole.worth(share.unwrap_or_default()),
                    (Err(unscored), _) => *unscored,
                }
            })
            .collect())
    }
}
