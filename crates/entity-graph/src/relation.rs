//! How one entity has to do with another.

use serde::{Deserialize, Serialize};

use crate::{EntityId, Evidence};

/// How one entity has to do with another, and where that is written. Between two entities there may be many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    /// Where it begins.
    pub from: EntityId,
    /// Where it leads.
    pub to: EntityId,
    /// What it is, in a word or two: `author`. Many relations share a kind.
    pub kind: String,
    /// What it says, as a sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Where it is written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

impl Relation {
    /// A relation that nothing supports so far.
    pub fn new(from: EntityId, kind: impl Into<String>, to: EntityId) -> Self {
        Self { from, to, kind: kind.into(), text: String::new(), evidence: Vec::new() }
    }

    /// Says it as a sentence.
    #[must_use]
    pub fn saying(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// Adds a place where it is written.
    #[must_use]
    pub fn with_evidence(mut self, evidence: Evidence) -> Self {
        self.evidence.push(evidence);
        self
    }

    /// Whether there is a place where it is written.
    #[must_use]
    pub fn is_supported(&self) -> bool {
        !self.evidence.is_empty()
    }
}
