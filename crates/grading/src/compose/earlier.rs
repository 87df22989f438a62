//! A grade that an attempt has already.

use async_trait::async_trait;
use offseeker_trajectory::{Grade, Outcome, Trajectory};

use crate::{GradeError, Grader};

/// A grade that an attempt has already, by the grader's name; the last of several. Nobody is asked again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    grader: String,
    component: Option<String>,
}

impl Earlier {
    /// The grade of a grader of this name, version and all.
    pub fn named(grader: impl Into<String>) -> Self {
        Self { grader: grader.into(), component: None }
    }

    /// One of its components in the place of its value.
    #[must_use]
    pub fn component(self, name: impl Into<String>) -> Self {
        Self { component: Some(name.into()), ..self }
    }
}

#[async_trait]
impl Grader for Earlier {
    fn name(&self) -> &str {
        &self.grader
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        let Some(grade) = attempt.grades.iter().rev().find(|grade| grade.grader == self.grader) else {
            return Ok(Grade::unscored(&self.grader, format!("there is no grade by {} on the attempt", self.grader)));
        };
        let Some(name) = &self.component else { return Ok(grade.clone()) };
        let mut part = grade.clone();
        part.value = grade.components.get(name).copied();
        if part.value.is_none() {
            part.outcome =
                Outcome::Unscored { reason: format!("the grade by {} has no component {name}", self.grader) };
        }
        Ok(part)
    }
}
