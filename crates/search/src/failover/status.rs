//! How a member of a chain does, for display.

use std::fmt;

use offseeker_remote::HealthState;
use serde::Serialize;

/// How a member of a [`Failover`](crate::Failover) does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MemberStatus {
    /// What it calls itself.
    pub name: String,
    /// Requests that were made to it so far.
    pub requests: u64,
    /// Requests that it answered.
    pub answers: u64,
    /// Failures in a row.
    pub failures: u32,
    /// Whether it may be asked.
    pub state: HealthState,
}

impl fmt::Display for MemberStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, requests, answers, failures, state } = self;
        write!(f, "{name}: {state}, {answers} of {requests} requests answered, {failures} failures in a row")
    }
}
