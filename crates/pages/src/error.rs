//! Why there is no page.

use std::time::Duration;

use offseeker_remote::Failure;
use serde::{Deserialize, Serialize};

/// Why there is no page. No text in it holds a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum PageError {
    /// There is no page at this address.
    #[error("there is no page at {url}")]
    NotFound {
        /// The address.
        url: String,
    },
    /// The address is not one, or not one that can be read.
    #[error("{url:?} is not an address of a page: {reason}")]
    InvalidUrl {
        /// What was given as an address.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A guard forbids the page.
    #[error("{url} may not be read: {reason}")]
    Blocked {
        /// The address.
        url: String,
        /// Which rule forbids it.
        reason: String,
    },
    /// There is something at the address that cannot be read as a page.
    #[error("{url} cannot be read: {reason}")]
    Unreadable {
        /// The address.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// It took too long.
    #[error("{url} was not read within {limit:?}")]
    Timeout {
        /// The address.
        url: String,
        /// How long it could have taken.
        limit: Duration,
    },
    /// Something that passes: the server is overloaded, the connection was cut.
    #[error("{url} cannot be read just now: {reason}")]
    Transient {
        /// The address.
        url: String,
        /// What happened.
        reason: String,
    },
    /// The server asks to come back later.
    #[error("the server of {url} asks to come back later: {reason}")]
    RateLimited {
        /// The address.
        url: String,
        /// What the server said.
        reason: String,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// A strict replay has no recording of the page.
    #[error("nothing is recorded for {url}; record it first, or replay without being strict")]
    NotRecorded {
        /// The address.
        url: String,
    },
    /// Our side is at fault: a disk, a damaged file.
    #[error("the library is broken: {reason}")]
    Broken {
        /// What is wrong.
        reason: String,
    },
}

impl PageError {
    /// There is no page at this address.
    pub fn not_found(url: impl Into<String>) -> Self {
        Self::NotFound { url: url.into() }
    }

    /// Our side is at fault.
    pub fn broken(reason: impl Into<String>) -> Self {
        Self::Broken { reason: reason.into() }
    }

    /// What kind of failure it is, as it is written: `not_found`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "not_found",
            Self::InvalidUrl { .. } => "invalid_url",
            Self::Blocked { .. } => "blocked",
            Self::Unreadable { .. } => "unreadable",
            Self::Timeout { .. } => "timeout",
            Self::Transient { .. } => "transient",
            Self::RateLimited { .. } => "rate_limited",
            Self::NotRecorded { .. } => "not_recorded",
            Self::Broken { .. } => "broken",
        }
    }

    /// Whether the page may be there when it is asked for again.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Transient { .. } | Self::RateLimited { .. } | Self::Timeout { .. })
    }

    /// How long the server asks to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether the same address would fail the same way for what is there: such a failure is as good as a page.
    #[must_use]
    pub fn is_verdict(&self) -> bool {
        matches!(self, Self::NotFound { .. } | Self::InvalidUrl { .. } | Self::Blocked { .. } | Self::Unreadable { .. })
    }
}

impl Failure for PageError {
    fn kind(&self) -> &'static str {
        PageError::kind(self)
    }

    fn is_transient(&self) -> bool {
        PageError::is_transient(self)
    }

    fn is_rate_limit(&self) -> bool {
        matches!(self, Self::RateLimited { .. })
    }

    fn retry_after(&self) -> Option<Duration> {
        PageError::retry_after(self)
    }

    fn is_verdict(&self) -> bool {
        PageError::is_verdict(self)
    }
}
