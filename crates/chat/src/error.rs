//! Why there is no reply.

use std::time::Duration;

use offseeker_remote::Failure;
use offseeker_trajectory::Limit;
use serde::{Deserialize, Serialize};

/// Why there is no reply. No text in it holds a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChatError {
    /// Something that passes: the server is overloaded, the connection was cut, it took too long.
    #[error("the model could not be asked just now: {reason}")]
    Transient {
        /// What happened.
        reason: String,
    },
    /// The server asks to come back later.
    #[error("the model's rate limit is reached{}: {reason}", later(*retry_after))]
    RateLimited {
        /// What the server said.
        reason: String,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// The conversation, with the reply that was asked for, does not fit into the model's window.
    #[error("the conversation does not fit into the model's window: {reason}; shorten it or ask for fewer tokens")]
    ContextTooLong {
        /// What the server said.
        reason: String,
        /// The size of the window in tokens, where the server says it.
        limit: Option<u64>,
        /// The size of the request in tokens, where the server says it.
        used: Option<u64>,
    },
    /// The model, or its server's filter, declines.
    #[error("the model's server declined the request: {reason}")]
    Refused {
        /// What the server said.
        reason: String,
    },
    /// The server does not know the key, or the key may not do this.
    #[error("the model's server does not accept the key: {reason}; check the key and what it may do")]
    Unauthorized {
        /// What the server said.
        reason: String,
    },
    /// The request is wrong, and would be wrong every time.
    #[error("the request to the model is wrong: {reason}")]
    InvalidRequest {
        /// What is wrong with it.
        reason: String,
    },
    /// There is nothing left to spend.
    #[error("the budget is spent: {spent} of {allowed} {}", unit(*which))]
    Budget {
        /// What has run out.
        which: Limit,
        /// How much is spent.
        spent: u64,
        /// How much may be spent.
        allowed: u64,
    },
    /// A strict replay has no recording of the request.
    #[error("nothing is recorded for request {key}; record it first, or replay without being strict")]
    NotRecorded {
        /// Names the request.
        key: String,
    },
    /// What came back makes no sense, or our side is at fault; asking again would not help.
    #[error("the exchange with the model is broken: {reason}")]
    Broken {
        /// What is wrong.
        reason: String,
    },
}

impl ChatError {
    /// Something that passes.
    pub fn transient(reason: impl Into<String>) -> Self {
        Self::Transient { reason: reason.into() }
    }

    /// Something that makes no sense.
    pub fn broken(reason: impl Into<String>) -> Self {
        Self::Broken { reason: reason.into() }
    }

    /// A request that is wrong.
    pub fn invalid(reason: impl Into<String>) -> Self {
        Self::InvalidRequest { reason: reason.into() }
    }

    /// What kind of failure it is, as it is written: `rate_limited`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Transient { .. } => "transient",
            Self::RateLimited { .. } => "rate_limited",
            Self::ContextTooLong { .. } => "context_too_long",
            Self::Refused { .. } => "refused",
            Self::Unauthorized { .. } => "unauthorized",
            Self::InvalidRequest { .. } => "invalid_request",
            Self::Budget { .. } => "budget",
            Self::NotRecorded { .. } => "not_recorded",
            Self::Broken { .. } => "broken",
        }
    }

    /// Whether the same request may succeed when it is made again.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Transient { .. } | Self::RateLimited { .. })
    }

    /// Whether the same request would fail the same way for what it asks, whoever makes it and whenever.
    ///
    /// Such a failure is as good as a reply: a recording keeps it.
    #[must_use]
    pub fn is_verdict(&self) -> bool {
        matches!(self, Self::ContextTooLong { .. } | Self::Refused { .. })
    }

    /// How long the server asks to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

impl Failure for ChatError {
    fn kind(&self) -> &'static str {
        ChatError::kind(self)
    }

    fn is_transient(&self) -> bool {
        ChatError::is_transient(self)
    }

    fn is_rate_limit(&self) -> bool {
        matches!(self, Self::RateLimited { .. })
    }

    fn retry_after(&self) -> Option<Duration> {
        ChatError::retry_after(self)
    }

    fn is_verdict(&self) -> bool {
        ChatError::is_verdict(self)
    }
}

fn later(retry_after: Option<Duration>) -> String {
    retry_after.map_or_else(String::new, |wait| format!(", come back in {:.1} s", wait.as_secs_f64()))
}

fn unit(which: Limit) -> &'static str {
    match which {
        Limit::Requests => "requests",
        Limit::Tokens => "tokens",
        Limit::Cost => "millionths of a dollar",
        _ => "units",
    }
}
