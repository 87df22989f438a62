//! What can be set on a client, and what it costs to use it.

use std::collections::BTreeMap;
use std::time::Duration;

use offseeker_trajectory::Usage;
use serde::{Deserialize, Serialize};

use super::Server;
use offseeker_remote::seconds;

/// What can be set on a client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// The kind of server, which decides what it is asked for beside the common ground.
    pub server: Server,
    /// Whether replies are streamed, so that a server that stopped working is noticed early.
    pub stream: bool,
    /// How long to wait for what.
    pub timeouts: Timeouts,
    /// The most bytes of one response that are read; a longer one is an error.
    pub max_response_bytes: usize,
    /// What tokens cost; without it replies have no cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// Headers to send with each request. Not for keys: these are printed and written.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            server: Server::Other,
            stream: true,
            timeouts: Timeouts::default(),
            max_response_bytes: 64 << 20,
            price: None,
            headers: BTreeMap::new(),
        }
    }
}

/// How long to wait for what, written as numbers of seconds. Every one that runs out is a transient error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Timeouts {
    /// For a connection.
    #[serde(with = "seconds")]
    pub connect: Duration,
    /// For the beginning of a streamed response: the time in the server's queue and that for reading the prompt.
    #[serde(with = "seconds")]
    pub first: Duration,
    /// For the next bytes of a response that has begun.
    #[serde(with = "seconds")]
    pub idle: Duration,
    /// For the whole exchange.
    #[serde(with = "seconds")]
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first: Duration::from_secs(300),
            idle: Duration::from_secs(45),
            total: Duration::from_secs(1200),
        }
    }
}

/// What tokens cost, in dollars a million: the unit of price lists.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Price {
    /// For a token that is read.
    pub input: f64,
    /// For a token that is read and that the server had at hand; the same as `input` where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_input: Option<f64>,
    /// For a token that is written.
    pub output: f64,
}

impl Price {
    /// What a reply costs in millionths of a dollar, rounded up.
    ///
    /// ```
    /// use offseeker_chat::Price;
    /// use offseeker_trajectory::Usage;
    ///
    /// let price = Price { input: 0.25, cached_input: Some(0.025), output: 2.0 };
    /// let usage = Usage { prompt_tokens: 1_000, cached_tokens: 400, completion_tokens: 100, ..Usage::default() };
    /// assert_eq!(price.of(&usage), 150 + 10 + 200);
    /// ```
    #[must_use]
    // A count of tokens is far below what a double holds exactly, and the sum is never negative.
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub fn of(&self, usage: &Usage) -> u64 {
        let cached = usage.cached_tokens.min(usage.prompt_tokens);
        let read = (usage.prompt_tokens - cached) as f64 * self.input;
        let remembered = cached as f64 * self.cached_input.unwrap_or(self.input);
        let written = usage.completion_tokens as f64 * self.output;
        // A dollar a million tokens is a millionth of a dollar a token. The small step back keeps what is a whole
        // number but for rounding from being rounded up.
        (read + remembered + written - 1e-6).max(0.0).ceil() as u64
    }
}
