//! A question that is being made.

use offseeker_entity_graph::rng;
use offseeker_trajectory::{Metadata, content_id};
use rand::rngs::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{Checks, Difficulty, Level, Plan};

/// Where the metadata of a draft says what kinds things are of which no clue says it.
pub(crate) const KINDS: &str = "kinds";

/// A question that is being made: a plan, the words for it, and what is known of it so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// Names it: the content id of the seed, the graph and the number that it was planned from.
    pub id: String,
    /// What the graph is called.
    pub graph: String,
    /// Which item of its run it is.
    pub number: u64,
    /// The language of its words as a BCP 47 tag: `en`, `zh`.
    pub language: String,
    /// How much it is to hide.
    pub level: Level,
    /// What it asks and by which clues.
    pub plan: Plan,
    /// The question; empty before it is written.
    #[serde(default)]
    pub text: String,
    /// What checks found.
    #[serde(default)]
    pub checks: Checks,
    /// How hard it is, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difficulty: Option<Difficulty>,
    /// What passes have to say of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// What else passes know of it.
    #[serde(default, skip_serializing_if = "Metadata::is_empty")]
    pub metadata: Metadata,
}

/// What a pass has to say of a draft that it let through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The pass.
    pub pass: String,
    /// What it says.
    pub text: String,
}

impl Draft {
    /// A draft of a plan, without words.
    #[must_use]
    pub fn new(seed: u64, graph: &str, number: u64, plan: Plan) -> Self {
        let named = content_id(&json!({"graph": graph, "number": number, "seed": seed}));
        Self {
            id: named.expect("a value with fixed, distinct keys has a canonical form"),
            graph: graph.to_owned(),
            number,
            language: "en".to_owned(),
            level: Level::default(),
            plan,
            text: String::new(),
            checks: Checks::default(),
            difficulty: None,
            notes: Vec::new(),
            metadata: Metadata::new(),
        }
    }

    /// Adds a note.
    pub fn note(&mut self, pass: &str, text: impl Into<String>) {
        self.notes.push(Note { pass: pass.to_owned(), text: text.into() });
    }

    /// The kinds of things by their variables, of which no clue says them: they lend their nouns to the words.
    pub(crate) fn kinds(&self) -> Metadata {
        self.metadata.get(KINDS).and_then(|kinds| kinds.as_object()).cloned().unwrap_or_default()
    }

    /// The random numbers for one purpose with this draft: the same whatever else is made beside it.
    #[must_use]
    pub fn rng(&self, purpose: &str) -> ChaCha8Rng {
        rng(0, &self.id, purpose)
    }
}
