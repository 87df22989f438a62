//! What presets are made of, and what is made of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Preset;
use crate::compose::{Part, Progress};
use crate::rewards::rler::Rubric;
use crate::rewards::web_shepherd::NextToken;
use crate::{GradeError, Grader, GroupGrader, Judge, StepGrader};

/// What presets are made of.
#[derive(Debug, Clone)]
pub struct Parts {
    /// Who judges, where a preset asks.
    pub judge: Option<Judge>,
    /// Says what a model would most likely write next, where one can.
    pub odds: Option<Arc<dyn NextToken>>,
    /// Graders under the names by which presets ask for them.
    pub graders: BTreeMap<String, Arc<dyn Grader>>,
    /// Rubrics that `rler/*` scores in the place of those of the question, such as those of a buffer.
    pub rubrics: Option<Vec<Rubric>>,
    /// How far training has come.
    pub progress: Progress,
    /// The most turns that an attempt may have had. 100.
    pub most_turns: usize,
}

impl Default for Parts {
    fn default() -> Self {
        let (judge, odds, graders, rubrics) = (None, None, BTreeMap::new(), None);
        Self { judge, odds, graders, rubrics, progress: Progress::default(), most_turns: 100 }
    }
}

impl Parts {
    /// With this judge.
    #[must_use]
    pub fn judged(self, judge: Judge) -> Self {
        Self { judge: Some(judge), ..self }
    }

    /// With these rubrics for `rler/*`, whatever the question brings.
    #[must_use]
    pub fn scoring(self, rubrics: Vec<Rubric>) -> Self {
        Self { rubrics: Some(rubrics), ..self }
    }

    /// With a grader under a name.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, grader: Arc<dyn Grader>) -> Self {
        self.graders.insert(name.into(), grader);
        self
    }

    pub(super) fn judge(&self, preset: &Preset) -> Result<Judge, GradeError> {
        self.judge.clone().ok_or_else(|| missing(preset, "give it a judge".to_owned()))
    }

    pub(super) fn grader(&self, preset: &Preset, name: &str) -> Result<Arc<dyn Grader>, GradeError> {
        let grader = self.graders.get(name).cloned();
        grader.ok_or_else(|| missing(preset, format!("give it a grader as its part {name:?}")))
    }

    pub(super) fn part(&self, preset: &Preset, name: &str) -> Result<Part, GradeError> {
        Ok(Part::new(name, self.grader(preset, name)?))
    }
}

fn missing(preset: &Preset, reason: String) -> GradeError {
    GradeError::Preset { preset: preset.name.to_owned(), reason }
}

/// A preset that was built.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Built {
    /// A grader of attempts.
    Attempt(Arc<dyn Grader>),
    /// A grader of groups.
    Group(Arc<dyn GroupGrader>),
    /// A grader of steps.
    Step(Arc<dyn StepGrader>),
}

impl Built {
    pub(super) fn attempt(grader: impl Grader + 'static) -> Self {
        Self::Attempt(Arc::new(grader))
    }

    pub(super) fn group(grader: impl GroupGrader + 'static) -> Self {
        Self::Group(Arc::new(grader))
    }

    /// The grader of attempts, where it is one.
    #[must_use]
    pub fn as_grader(&self) -> Option<Arc<dyn Grader>> {
        match self {
            Self::Attempt(grader) => Some(Arc::clone(grader)),
            _ => None,
        }
    }

    /// The grader of groups, where it is one.
    #[must_use]
    pub fn as_group_grader(&self) -> Option<Arc<dyn GroupGrader>> {
        match self {
            Self::Group(grader) => Some(Arc::clone(grader)),
            _ => None,
        }
    }

    /// The name that its grades have.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Attempt(grader) => grader.name(),
            Self::Group(grader) => grader.name(),
            Self::Step(grader) => grader.name(),
        }
    }
}
