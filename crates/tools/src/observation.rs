//! What came of a call: a text for the model, and the rest for programs.

use std::time::Duration;

use offseeker_trajectory::{CallStatus, Observed, Source, Usage};
use serde::{Deserialize, Serialize};

/// What came of a call. The model reads the text; everything else is for programs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// How the call went.
    pub status: CallStatus,
    /// What the model reads.
    pub text: String,
    /// The places that the text shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// What was changed in the arguments so that they fit, in words: `query: a string became a list of one`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coerced: Vec<String>,
    /// How much of the text was cut off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<Cut>,
    /// Where the answer came from, where the tool knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freshness: Option<Freshness>,
    /// What models that worked for the tool cost.
    #[serde(default)]
    pub usage: Usage,
    /// How long the call took.
    #[serde(default)]
    pub elapsed: Duration,
}

/// How much of a text was cut off, in estimated tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// How long the text was.
    pub from: usize,
    /// How long it is now.
    pub to: usize,
}

/// Where an answer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Freshness {
    /// It was made for this call.
    Fresh,
    /// It was kept from an earlier call.
    Kept,
    /// It was replayed from a recording.
    Replayed,
}

impl Observation {
    /// A call that went as the status says, and what the model reads of it.
    pub fn new(status: CallStatus, text: impl Into<String>) -> Self {
        Self {
            status,
            text: text.into(),
            sources: Vec::new(),
            coerced: Vec::new(),
            cut: None,
            freshness: None,
            usage: Usage::default(),
            elapsed: Duration::ZERO,
        }
    }

    /// A call that did what it was asked.
    pub fn ok(text: impl Into<String>) -> Self {
        Self::new(CallStatus::Ok, text)
    }

    /// Names the places that the text shows.
    #[must_use]
    pub fn showing(mut self, sources: impl IntoIterator<Item = Source>) -> Self {
        self.sources.extend(sources);
        self
    }

    /// What a trajectory keeps of it beside the text.
    #[must_use]
    pub fn observed(&self) -> Observed {
        Observed {
            status: self.status,
            sources: self.sources.clone(),
            elapsed_ms: u64::try_from(self.elapsed.as_millis()).unwrap_or(u64::MAX),
            usage: self.usage,
        }
    }
}
