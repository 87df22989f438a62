//! A failure for tests.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Failure;

/// A failure for tests.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{self:?}")]
#[serde(tag = "kind", content = "seconds", rename_all = "snake_case")]
pub(crate) enum Fault {
    /// It passes.
    Passes,
    /// The server asks to wait for so many seconds.
    Limited(Option<u64>),
    /// The request fails for what it asks.
    Verdict,
    /// Anything else.
    Broken,
}

impl Failure for Fault {
    fn kind(&self) -> &'static str {
        "fault"
    }

    fn is_transient(&self) -> bool {
        matches!(self, Self::Passes | Self::Limited(_))
    }

    fn is_rate_limit(&self) -> bool {
        matches!(self, Self::Limited(_))
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Limited(seconds) => seconds.map(Duration::from_secs),
            _ => None,
        }
    }

    fn is_verdict(&self) -> bool {
        *self == Self::Verdict
    }
}
