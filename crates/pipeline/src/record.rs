//! What is written down of a stage: by what it was made, and what came of it.

use std::collections::BTreeMap;

use offseeker_trajectory::content_id;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{PipelineError, Stage};

/// What went through a stage.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Flow {
    /// How many things came.
    pub came: u64,
    /// How many things it made of them.
    pub went: u64,
    /// How many did not go on, by reason.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub dropped: BTreeMap<String, u64>,
    /// What else was counted.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub counted: BTreeMap<String, u64>,
}

impl Flow {
    /// So many came, so many went.
    #[must_use]
    pub fn new(came: usize, went: usize) -> Self {
        Self { came: came as u64, went: went as u64, ..Self::default() }
    }

    /// With something else that was counted.
    #[must_use]
    pub fn counting(mut self, what: impl Into<String>, count: usize) -> Self {
        self.counted.insert(what.into(), count as u64);
        self
    }

    /// With so many that did not go on.
    #[must_use]
    pub fn dropping(mut self, why: impl Into<String>, count: usize) -> Self {
        if count > 0 {
            self.dropped.insert(why.into(), count as u64);
        }
        self
    }
}

/// What is written down of a stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageRecord {
    /// The stage.
    pub stage: Stage,
    /// The hash of what it is made by.
    pub key: Key,
    /// Whether it is at its end.
    pub is_finished: bool,
    /// What went through it.
    #[serde(default)]
    pub flow: Flow,
    /// How long it took, in its last life.
    #[serde(default)]
    pub seconds: f64,
}

/// The hash of all that a stage is made by: its part of the configuration, and the keys of the stages that it stands on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(String);

impl Key {
    /// The key of a stage. Another version of this crate has other keys.
    ///
    /// # Errors
    ///
    /// When the part of the configuration has a number that JSON cannot say.
    pub fn of(stage: Stage, part: &Value, on: &[&Self]) -> Result<Self, PipelineError> {
        let version = env!("CARGO_PKG_VERSION");
        Ok(Self(content_id(&json!({"stage": stage, "version": version, "part": part, "on": on}))?))
    }

    /// The key in hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
