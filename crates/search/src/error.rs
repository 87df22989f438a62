//! Why there are no hits.

use std::time::Duration;

use offseeker_pages::PageError;
use offseeker_remote::Failure;
use serde::{Deserialize, Serialize};

/// Why there are no hits. No text in it holds a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SearchError {
    /// Something that passes: the server is overloaded, the connection was cut, it took too long.
    #[error("{backend} could not be asked just now: {reason}")]
    Transient {
        /// Which backend.
        backend: String,
        /// What happened.
        reason: String,
    },
    /// The backend asks to come back later.
    #[error("the rate limit of {backend} is reached: {reason}")]
    RateLimited {
        /// Which backend.
        backend: String,
        /// What it said.
        reason: String,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// The backend does not know the key, or the key may not do this, or nothing is left on the account.
    #[error("{backend} does not accept the key: {reason}; check the key and what it may do")]
    Unauthorized {
        /// Which backend.
        backend: String,
        /// What it said.
        reason: String,
    },
    /// The query is wrong, and would be wrong every time.
    #[error("the query is wrong: {reason}")]
    InvalidQuery {
        /// What is wrong with it.
        reason: String,
    },
    /// A strict replay has no recording of the query.
    #[error("nothing is recorded for the query {text:?} to {backend}; record it first, or replay without being strict")]
    NotRecorded {
        /// Which backend.
        backend: String,
        /// The words of the query.
        text: String,
    },
    /// What came back makes no sense, or our side is at fault; asking again would not help.
    #[error("{backend} is broken: {reason}")]
    Broken {
        /// Which backend.
        backend: String,
        /// What is wrong.
        reason: String,
    },
}

impl SearchError {
    /// Something that passes.
    pub fn transient(backend: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Transient { backend: backend.into(), reason: reason.into() }
    }

    /// Something that makes no sense.
    pub fn broken(backend: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Broken { backend: backend.into(), reason: reason.into() }
    }

    /// A query that is wrong.
    pub fn invalid(reason: impl Into<String>) -> Self {
        Self::InvalidQuery { reason: reason.into() }
    }

    /// What kind of failure it is, as it is written: `rate_limited`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Transient { .. } => "transient",
            Self::RateLimited { .. } => "rate_limited",
            Self::Unauthorized { .. } => "unauthorized",
            Self::InvalidQuery { .. } => "invalid_query",
            Self::NotRecorded { .. } => "not_recorded",
            Self::Broken { .. } => "broken",
        }
    }

    /// Whether the same query may succeed when it is asked again.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Transient { .. } | Self::RateLimited { .. })
    }

    /// The same failure where a page was asked for.
    #[must_use]
    pub fn about_page(self, url: &str) -> PageError {
        let url = url.to_owned();
        match self {
            Self::Transient { reason, .. } => PageError::Transient { url, reason },
            Self::RateLimited { reason, retry_after, .. } => PageError::RateLimited { url, reason, retry_after },
            Self::InvalidQuery { reason } => PageError::InvalidUrl { url, reason },
            Self::NotRecorded { .. } => PageError::NotRecorded { url },
            error @ (Self::Unauthorized { .. } | Self::Broken { .. }) => PageError::broken(error.to_string()),
        }
    }

    /// How long the backend asks to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether the same query would fail the same way for what it asks: such a failure is as good as an answer.
    #[must_use]
    pub fn is_verdict(&self) -> bool {
        matches!(self, Self::InvalidQuery { .. })
    }
}

impl Failure for SearchError {
    fn kind(&self) -> &'static str {
        SearchError::kind(self)
    }

    fn is_transient(&self) -> bool {
        SearchError::is_transient(self)
    }

    fn is_rate_limit(&self) -> bool {
        matches!(self, Self::RateLimited { .. })
    }

    fn retry_after(&self) -> Option<Duration> {
        SearchError::retry_after(self)
    }

    fn is_verdict(&self) -> bool {
        SearchError::is_verdict(self)
    }
}
