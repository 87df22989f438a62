//! What a run was made with.

use std::collections::BTreeMap;

use offseeker_trajectory::{Metadata, RunId, TrajectoryError, content_id};
use serde::{Deserialize, Serialize};

/// What a run was made with: everything that somebody needs who wants to make it again, and no keys.
///
/// The run is named by the hash of this, so two runs that are to be told apart differ in their `name` or their `seed`,
/// and a run that is taken up again is the same run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Manifest {
    /// What its maker calls it.
    pub name: String,
    /// The seed from which all others are derived.
    pub seed: u64,
    /// The programs and crates, and their versions.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub versions: BTreeMap<String, String>,
    /// The revision of the source, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// The models, by what they are used for: `agent`, `extract`, `summary`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub models: BTreeMap<String, ModelUse>,
    /// The prompts, each with the hash of its text.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub prompts: BTreeMap<String, String>,
    /// The profile of the tools, and the engines behind them: `interpreter`, `search`, `pages`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tools: BTreeMap<String, String>,
    /// The corpus or the cache that was searched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<String>,
    /// The hash of the tokenizer, where tokens were counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokenizer: Option<String>,
    /// The hash of the chat template, where prompts were rendered here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// All settings: limits, policies, how answers were sampled.
    #[serde(skip_serializing_if = "Metadata::is_empty")]
    pub settings: Metadata,
}

/// A model, and where it was asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelUse {
    /// Its name.
    pub name: String,
    /// The address of its server, without user, password or query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// How it sampled.
    #[serde(skip_serializing_if = "Metadata::is_empty")]
    pub sampling: Metadata,
}

impl Manifest {
    /// A run with a name and a seed.
    pub fn new(name: impl Into<String>, seed: u64) -> Self {
        Self { name: name.into(), seed, ..Self::default() }
    }

    /// The name of the run: the hash of all this.
    ///
    /// # Errors
    ///
    /// When the settings are nested too deep for JSON.
    pub fn id(&self) -> Result<RunId, TrajectoryError> {
        content_id(self).map(RunId::new)
    }
}
