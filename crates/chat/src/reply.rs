//! What a model answers.

use std::time::Duration;

use offseeker_trajectory::{Finish, Message, SampledTokens, Usage};
use serde::{Deserialize, Serialize};

/// What a model answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// The message, as the model wrote it.
    pub message: Message,
    /// Why it ends where it ends.
    pub finish: Finish,
    /// What it cost.
    pub usage: Usage,
    /// The sampled tokens, where they were asked for and the server names every one that it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampled: Option<SampledTokens>,
    /// The model, as the server calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// How long it waited before it went out for the last time, in milliseconds: for a rate, for a place, between tries.
    /// A reply that is read from a file did not wait.
    #[serde(skip)]
    pub waited_ms: u64,
}

impl Reply {
    /// A complete message of which nothing more is known.
    #[must_use]
    pub fn new(message: Message) -> Self {
        Self {
            message,
            finish: Finish::Stop { on: None },
            usage: Usage::default(),
            sampled: None,
            model: None,
            waited_ms: 0,
        }
    }
}

impl Reply {
    /// Notes that it waited for its turn, beside what it waited further in.
    pub(crate) fn after_waiting(mut self, waited: Duration) -> Self {
        let waited_ms = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX);
        self.waited_ms = self.waited_ms.saturating_add(waited_ms);
        self
    }
}
