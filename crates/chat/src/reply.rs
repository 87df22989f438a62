//! What a model answers.

use offseeker_trajectory::{Message, SampledTokens, Usage};
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
}

impl Reply {
    /// A complete message of which nothing more is known.
    #[must_use]
    pub fn new(message: Message) -> Self {
        Self { message, finish: Finish::Stop { on: None }, usage: Usage::default(), sampled: None, model: None }
    }
}

/// Why a message ends where it ends.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Finish {
    /// The model was done, or wrote a stop string.
    Stop {
        /// The stop string, which the message does not contain, where the server says which it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on: Option<String>,
    },
    /// The model had written as many tokens as it may.
    Length,
    /// The model waits for the results of its calls.
    ToolCalls,
    /// The server's filter cut it off.
    Filtered,
    /// The server gave a reason that is not known here.
    Other {
        /// The reason in the server's words.
        reason: String,
    },
}
