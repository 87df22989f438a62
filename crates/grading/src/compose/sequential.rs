//! Levels that are asked one after the other until one fails.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use offseeker_trajectory::{Grade, Trajectory};
use serde::{Deserialize, Serialize};

use super::{Part, Whole};
use crate::{GradeError, Grader};

/// One level: what it is called, how much it counts and what it needs, as data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// What it is called; the part of this name grades it.
    pub name: String,
    /// What its value is multiplied by.
    pub weight: f64,
    /// The least value that lets the next level be asked; any will do where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<f64>,
    /// Whether the whole is worth nothing where it fails.
    #[serde(default)]
    pub hard: bool,
}

/// Levels that are asked one after the other until one fails.
///
/// The whole is worth the weighted sum of all levels that were asked, the failed one included; nought where that one is
/// hard. What lies above a failed level is not asked.
#[derive(Debug, Clone)]
pub struct Sequential {
    name: String,
    levels: Vec<(Level, Part)>,
}

impl Sequential {
    /// Levels, each with the grader of its name.
    ///
    /// # Errors
    ///
    /// [`GradeError::Preset`] where a level has no grader.
    pub fn new(
        name: impl Into<String>,
        levels: impl IntoIterator<Item = Level>,
        graders: &BTreeMap<String, Arc<dyn Grader>>,
    ) -> Result<Self, GradeError> {
        let name = name.into();
        let levels = levels.into_iter().map(|level| match graders.get(&level.name) {
            Some(grader) => Ok((level.clone(), Part::new(&level.name, Arc::clone(grader)))),
            None => Err(GradeError::Preset {
                preset: name.clone(),
                reason: format!("its level {:?} has no grader; give it a part of that name", level.name),
            }),
        });
        Ok(Self { levels: levels.collect::<Result<_, _>>()?, name })
    }
}

#[async_trait]
impl Grader for Sequential {
    fn name(&self) -> &str {
        &self.name
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        let mut whole = Whole::new(&self.name);
        let mut sum = 0.0;
        for (level, part) in &self.levels {
            let value = match whole.take(&part.name, part.grader.grade(attempt).await?) {
                Ok(value) => value,
                Err(unscored) => return Ok(*unscored),
            };
            sum += level.weight * value;
            if level.needs.is_some_and(|least| value < least) {
                return Ok(whole.worth(if level.hard { 0.0 } else { sum }));
            }
        }
        Ok(whole.worth(sum))
    }
}
