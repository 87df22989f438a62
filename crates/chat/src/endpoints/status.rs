//! How an endpoint does, for display.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::seconds;

/// How an endpoint does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EndpointStatus {
    /// What its model calls itself.
    pub name: String,
    /// Requests under way.
    pub in_flight: usize,
    /// Requests that were sent there so far.
    pub requests: u64,
    /// Failures in a row.
    pub failures: u32,
    /// Whether no new session begins there.
    pub draining: bool,
    /// Whether it may be asked.
    pub state: EndpointState,
}

/// Whether an endpoint may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum EndpointState {
    /// It is well.
    Well,
    /// It is at its rate limit, and asked only when there is no other.
    Limited {
        /// For how much longer.
        #[serde(rename = "for_s", with = "seconds")]
        remaining: Duration,
    },
    /// It failed too often and is not asked.
    Resting {
        /// For how much longer.
        #[serde(rename = "for_s", with = "seconds")]
        remaining: Duration,
    },
    /// It has rested; the next request or probe decides.
    Rested,
    /// A request or a probe is under way that decides.
    OnTrial,
}

impl fmt::Display for EndpointState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Well => f.write_str("well"),
            Self::Limited { remaining } => write!(f, "limited for {:.1} s", remaining.as_secs_f64()),
            Self::Resting { remaining } => write!(f, "resting for {:.1} s", remaining.as_secs_f64()),
            Self::Rested => f.write_str("rested"),
            Self::OnTrial => f.write_str("on trial"),
        }
    }
}

impl fmt::Display for EndpointStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, in_flight, requests, failures, draining, state } = self;
        write!(f, "{name}: {state}, {in_flight} under way, {requests} so far, {failures} failures in a row")?;
        if *draining { f.write_str(", draining") } else { Ok(()) }
    }
}
