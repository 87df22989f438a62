//! One answer to a query.

use serde::{Deserialize, Serialize};

/// One answer to a query.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// Where the document is.
    pub url: String,
    /// Its title; empty where it has none.
    #[serde(default)]
    pub title: String,
    /// A few words of it, as plain text.
    #[serde(default)]
    pub snippet: String,
    /// How well it fits, where the backend says it. Scores of two backends cannot be compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f32>,
    /// When it was written, in the words of the backend: `2024-03-01`, `2 days ago`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

impl Hit {
    /// A hit of which no more is known.
    pub fn new(url: impl Into<String>, title: impl Into<String>, snippet: impl Into<String>) -> Self {
        Self { url: url.into(), title: title.into(), snippet: snippet.into(), ..Self::default() }
    }
}
