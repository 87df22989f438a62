//! What can be set on a model that runs here.

use offseeker_chat::{ChatError, Sampling as Asked};
use serde::{Deserialize, Serialize};

use super::LocalError;
use crate::{Config, Sampling};

/// How much memory keys and values take where nobody says how many tokens are kept.
const CACHE_BYTES: usize = 4 << 30;

/// What can be set on a model that runs here.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LocalOptions {
    /// The most tokens of a prompt and its reply together. Where it is not said, as many as the network was made for,
    /// but no more than `cache_tokens`.
    pub context: Option<usize>,
    /// The most sequences that run at once; others wait.
    pub sequences_at_once: usize,
    /// The most tokens that go through the network at once. A long prompt goes in pieces of what the sequences that
    /// write leave of it, so that those go on meanwhile.
    pub tokens_at_once: usize,
    /// The most tokens whose keys and values are in memory, of sequences that run and of finished ones that new prompts
    /// may begin with. Where it is not said, as many as 4 GiB hold.
    pub cache_tokens: Option<usize>,
    /// The most requests that wait; one more is turned down.
    pub queue: usize,
    /// How to sample where a request does not say.
    pub defaults: SamplingDefaults,
}

impl Default for LocalOptions {
    fn default() -> Self {
        Self {
            context: None,
            sequences_at_once: 16,
            tokens_at_once: 256,
            cache_tokens: None,
            queue: 1024,
            defaults: SamplingDefaults::default(),
        }
    }
}

/// How to sample where a request does not say. What is not said here either is as the folder's `generation_config.json`
/// has it, else as the network says it: temperature 1, all tokens, up to the end of the context.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SamplingDefaults {
    /// The temperature; nought takes the likeliest token.
    pub temperature: Option<f32>,
    /// Samples from the likeliest tokens that have this much probability together.
    pub top_p: Option<f32>,
    /// Samples from so many of the likeliest tokens; from all at nought.
    pub top_k: Option<usize>,
    /// The most tokens to write.
    pub max_tokens: Option<usize>,
}

impl SamplingDefaults {
    /// These, and where they say nothing, others.
    #[must_use]
    pub fn or(self, others: Self) -> Self {
        Self {
            temperature: self.temperature.or(others.temperature),
            top_p: self.top_p.or(others.top_p),
            top_k: self.top_k.or(others.top_k),
            max_tokens: self.max_tokens.or(others.max_tokens),
        }
    }

    /// How a request is sampled. Without a seed of its own it has a fresh one.
    pub(super) fn sampling(&self, asked: &Asked, top_k: Option<usize>) -> Result<Sampling, ChatError> {
        let sampling = Sampling {
            temperature: asked.temperature.map(|it| it as f32).or(self.temperature).unwrap_or(1.0),
            top_p: asked.top_p.map(|it| it as f32).or(self.top_p).unwrap_or(1.0),
            top_k: top_k.or(self.top_k).unwrap_or(0),
            seed: asked.seed.unwrap_or_else(rand::random),
        };
        sampling.check().map_err(|error| ChatError::invalid(error.to_string()))?;
        Ok(sampling)
    }
}

/// What the options come to for a network.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) context: usize,
    pub(super) sequences: usize,
    pub(super) tokens: usize,
    pub(super) cache: usize,
}

impl LocalOptions {
    pub(super) fn limits(&self, config: &Config) -> Result<Limits, LocalError> {
        let wrong = |option: &'static str, what: String| Err(LocalError::Option { option, what });
        if self.sequences_at_once == 0 || self.sequences_at_once > 4096 {
            return wrong("sequences_at_once", format!("is {}; it is between 1 and 4096", self.sequences_at_once));
        }
        if self.tokens_at_once < self.sequences_at_once {
            let what =
                format!("is {}, fewer than the {} sequences at once", self.tokens_at_once, self.sequences_at_once);
            return wrong("tokens_at_once", what);
        }
        if self.queue == 0 {
            return wrong("queue", "is 0; then no request is taken".to_owned());
        }
        let token = 2 * 4 * config.num_hidden_layers * config.num_key_value_heads * config.head_dim;
        let cache = self.cache_tokens.unwrap_or((CACHE_BYTES / token.max(1)).clamp(256, 1 << 20));
        let context = self.context.unwrap_or(config.max_position_embeddings.min(cache));
        if context < 2 || context > cache {
            let what = format!("is {context}; it is at least 2 and at most the {cache} of cache_tokens");
            return wrong("context", what);
        }
        if cache > 1 << 23 {
            return wrong("cache_tokens", format!("is {cache}; it is at most {}", 1 << 23));
        }
        let plain = Asked { seed: Some(0), ..Asked::default() };
        if let Err(error) = self.defaults.sampling(&plain, None) {
            return wrong("defaults", error.to_string());
        }
        Ok(Limits { context, sequences: self.sequences_at_once, tokens: self.tokens_at_once, cache })
    }
}
