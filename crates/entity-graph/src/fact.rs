//! What is true of one entity.

use serde::{Deserialize, Serialize};

use crate::{EntityId, Evidence};

/// What is true of one entity, as a sentence, and where that is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is true of.
    pub entity: EntityId,
    /// The sentence.
    pub text: String,
    /// Which property it is about, where that is known: `founded`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub field: String,
    /// The value of that property: `1894`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// Where it is written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

impl Fact {
    /// A fact that nothing supports so far.
    pub fn new(entity: EntityId, text: impl Into<String>) -> Self {
        Self { entity, text: text.into(), field: String::new(), value: String::new(), evidence: Vec::new() }
    }

    /// The value of a property, which nothing supports so far.
    pub fn of_field(entity: EntityId, field: impl Into<String>, value: impl Into<String>) -> Self {
        let (field, value) = (field.into(), value.into());
        Self { field: field.clone(), value: value.clone(), ..Self::new(entity, format!("{field}: {value}")) }
    }

    /// Adds a place where it is written.
    #[must_use]
    pub fn with_evidence(mut self, evidence: Evidence) -> Self {
        self.evidence.push(evidence);
        self
    }

    /// Whether there is a place where it is written. What has none is a claim that questions are not made of.
    #[must_use]
    pub fn is_supported(&self) -> bool {
        !self.evidence.is_empty()
    }
}
