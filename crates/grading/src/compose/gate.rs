//! A part that counts only where another is good enough.

use async_trait::async_trait;
use offseeker_trajectory::{Grade, Trajectory};

use super::{Part, Whole};
use crate::{GradeError, Grader};

/// A part that counts only where another is good enough.
///
/// Behind a closed gate nobody is asked, so that a judge costs nothing where the format is wrong.
#[derive(Debug, Clone)]
pub struct Gate {
    name: String,
    /// What has to be good enough.
    pub gate: Part,
    /// How good it has to be; a value as high as this opens the gate.
    pub threshold: f64,
    /// What the whole is worth where the gate is open.
    pub behind: Part,
    /// What the whole is worth where it is closed. 0.
    pub closed: f64,
}

impl Gate {
    /// A gate that is worth nought where it is closed.
    pub fn new(name: impl Into<String>, gate: Part, threshold: f64, behind: Part) -> Self {
        Self { name: name.into(), gate, threshold, behind, closed: 0.0 }
    }
}

#[async_trait]
impl Grader for Gate {
    fn name(&self) -> &str {
        &self.name
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        let mut whole = Whole::new(&self.name);
        let height = match whole.take(&self.gate.name, self.gate.grader.grade(attempt).await?) {
            Ok(height) => height,
            Err(unscored) => return Ok(*unscored),
        };
        if height < self.threshold {
            return Ok(whole.worth(self.closed));
        }
        match whole.take(&self.behind.name, self.behind.grader.grade(attempt).await?) {
            Ok(value) => Ok(whole.worth(value)),
            Err(unscored) => Ok(*unscored),
        }
    }
}
