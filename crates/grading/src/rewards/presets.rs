//! Rewards by name.

mod build;
mod list;
mod parts;

use serde::{Deserialize, Serialize};

use crate::GradeError;

pub use parts::{Built, Parts};

/// A reward of a published system, under a name that never changes its meaning.
#[derive(Debug, Clone, Copy)]
pub struct Preset {
    /// Its name: `carr@paper`.
    pub name: &'static str,
    /// The system that it comes from.
    pub system: &'static str,
    /// What it was taken from.
    pub source: SourceKind,
    /// What it grades.
    pub port: Port,
    /// The formula, in words.
    pub formula: &'static str,
    /// What is known to be wrong with the system's own, or what of this one is ours; empty where there is nothing to say.
    pub note: &'static str,
    /// Whether it asks a judge.
    pub judged: bool,
    /// The graders that have to be given, by name.
    pub needs: &'static [&'static str],
    build: fn(&Preset, &Parts) -> Result<Built, GradeError>,
}

/// What a preset was taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SourceKind {
    /// The system's code.
    Code,
    /// Its read-me file or its documentation, where there is no code for it.
    Readme,
    /// Its paper.
    Paper,
    /// Notes and abstracts that others wrote of it.
    Notes,
    /// The survey's chapter on deep research.
    Chapter,
}

/// What a preset grades.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Port {
    /// One attempt.
    Attempt,
    /// The attempts at one question together.
    Group,
    /// One step of an attempt.
    Step,
}

impl Preset {
    /// The name that stands in its grades: with a version, `rler/rubric@1`, unless the name says one itself.
    #[must_use]
    pub fn grade_name(&self) -> String {
        if self.name.contains('@') { self.name.to_owned() } else { format!("{}@1", self.name) }
    }

    /// The reward, made of what is given.
    ///
    /// # Errors
    ///
    /// [`GradeError::Preset`] where a judge or a grader that it needs is not given.
    pub fn build(&self, parts: &Parts) -> Result<Built, GradeError> {
        (self.build)(self, parts)
    }
}

/// The preset of a name, or of the name that stands in its grades.
///
/// ```
/// use offseeker_grading::rewards::{Parts, preset};
///
/// let preset = preset("survey004/stage1").unwrap();
/// assert_eq!(preset.needs, ["accuracy"]);
/// let error = preset.build(&Parts::default()).unwrap_err();
/// assert_eq!(error.to_string(), "preset survey004/stage1: give it a grader as its part \"accuracy\"");
/// ```
#[must_use]
pub fn preset(name: &str) -> Option<&'static Preset> {
    presets().iter().find(|preset| preset.name == name || preset.grade_name() == name)
}

/// All presets.
#[must_use]
pub fn presets() -> &'static [Preset] {
    list::ALL
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
