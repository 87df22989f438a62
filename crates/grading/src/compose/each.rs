//! A grader of single attempts where one of groups is asked for.

use std::sync::Arc;

use async_trait::async_trait;
use offseeker_trajectory::{Grade, Trajectory};

use crate::{GradeError, Grader, GroupGrader};

/// A grader of single attempts where one of groups is asked for: each attempt is graded by itself.
#[derive(Debug, Clone)]
pub struct Each(pub Arc<dyn Grader>);

#[async_trait]
impl GroupGrader for Each {
    fn name(&self) -> &str {
        self.0.name()
    }

    async fn grade(&self, attempts: &[Trajectory]) -> Result<Vec<Grade>, GradeError> {
        let mut grades = Vec::with_capacity(attempts.len());
        for attempt in attempts {
            grades.push(self.0.grade(attempt).await?);
        }
        Ok(grades)
    }
}
