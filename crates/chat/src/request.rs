//! What a model is asked.

use std::sync::LazyLock;

use offseeker_trajectory::{Message, ToolSpec};
use serde::{Deserialize, Serialize};

use crate::Sampling;

/// What a model is asked: a conversation, the tools it may call, and how to sample.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The conversation so far.
    pub messages: &'a [Message],
    /// The tools that the model may call through the server's own mechanism.
    ///
    /// Empty where a dialect describes them in the text of the instructions.
    pub tools: &'a [ToolSpec],
    /// How to sample.
    pub sampling: &'a Sampling,
    /// What the request belongs to: requests with the same session go to the same server, which has their beginning
    /// at hand. It changes no reply.
    pub session: Option<&'a str>,
}

impl<'a> Request<'a> {
    /// Asks for the next message, without tools, sampled as the server thinks best.
    #[must_use]
    pub fn new(messages: &'a [Message]) -> Self {
        static AS_THE_SERVER_LIKES: LazyLock<Sampling> = LazyLock::new(Sampling::default);
        Self { messages, tools: &[], sampling: &AS_THE_SERVER_LIKES, session: None }
    }

    /// Offers tools.
    #[must_use]
    pub fn tools(self, tools: &'a [ToolSpec]) -> Self {
        Self { tools, ..self }
    }

    /// Says how to sample.
    #[must_use]
    pub fn sampling(self, sampling: &'a Sampling) -> Self {
        Self { sampling, ..self }
    }

    /// Says what the request belongs to.
    #[must_use]
    pub fn session(self, session: &'a str) -> Self {
        Self { session: Some(session), ..self }
    }

    /// Copies what is borrowed.
    #[must_use]
    pub fn to_owned(&self) -> OwnedRequest {
        OwnedRequest {
            messages: self.messages.to_vec(),
            tools: self.tools.to_vec(),
            sampling: self.sampling.clone(),
            session: self.session.map(str::to_owned),
        }
    }
}

/// A [`Request`] that owns what it asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OwnedRequest {
    /// The conversation so far.
    pub messages: Vec<Message>,
    /// The tools that the model may call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<ToolSpec>,
    /// How to sample.
    #[serde(default)]
    pub sampling: Sampling,
    /// What the request belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}

impl OwnedRequest {
    /// Lends it to a model.
    #[must_use]
    pub fn as_request(&self) -> Request<'_> {
        Request {
            messages: &self.messages,
            tools: &self.tools,
            sampling: &self.sampling,
            session: self.session.as_deref(),
        }
    }
}
