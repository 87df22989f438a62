//! How an endpoint does, for display.

use std::fmt;

use offseeker_remote::HealthState;
use serde::Serialize;

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
    pub state: HealthState,
}

impl fmt::Display for EndpointStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, in_flight, requests, failures, draining, state } = self;
        write!(f, "{name}: {state}, {in_flight} under way, {requests} so far, {failures} failures in a row")?;
        if *draining { f.write_str(", draining") } else { Ok(()) }
    }
}
