//! How a model is to sample.

use offseeker_trajectory::Metadata;
use serde::{Deserialize, Serialize};

/// How a model is to sample. What is not said is left to the server.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sampling {
    /// The temperature; nought takes the likeliest token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Samples from the likeliest tokens that have this much probability together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// The most tokens to write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// Stops before any of these would be written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
    /// Makes the sampling repeatable where the server can. Requests that are to have different replies although they
    /// ask the same differ in it; recordings depend on that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Asks for the log-probability of each sampled token.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub logprobs: bool,
    /// Asks for the sampled tokens themselves.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub token_ids: bool,
    /// What one kind of server understands beside these, sent as it is: `top_k`, `chat_template_kwargs`.
    #[serde(skip_serializing_if = "Metadata::is_empty")]
    pub extra: Metadata,
}

impl Sampling {
    /// The likeliest token every time.
    #[must_use]
    pub fn greedy() -> Self {
        Self { temperature: Some(0.0), ..Self::default() }
    }
}
