//! Whether an endpoint is well: a circuit breaker as a table of states.

use std::time::Duration;

use tokio::time::Instant;

use super::EndpointState;
use crate::{ChatError, Reply};

/// Failures in a row after which an endpoint rests.
pub(super) const FAILURES: u32 = 5;

/// How long it rests.
pub(super) const REST: Duration = Duration::from_secs(30);

/// How long an endpoint at its rate limit is avoided that does not say how long it wants to be.
pub(super) const PAUSE: Duration = Duration::from_secs(1);

/// The longest that an endpoint at its rate limit is avoided.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 3600);

/// What a request has shown of an endpoint's health.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// Nothing: the request was dropped.
    None,
    /// It answers, rightly or not.
    Life,
    /// It fails in a way that passes.
    Failure,
    /// It is at its rate limit for so long.
    Limited(Duration),
}

impl Sign {
    pub(super) fn of(answer: &Result<Reply, ChatError>) -> Self {
        match answer {
            Err(ChatError::Transient { .. }) => Self::Failure,
            Err(ChatError::RateLimited { retry_after, .. }) => Self::Limited(retry_after.unwrap_or(PAUSE)),
            _ => Self::Life,
        }
    }
}

/// The health of one endpoint.
#[derive(Debug, Default)]
pub(super) struct Health {
    failures: u32,
    rests_until: Option<Instant>,
    on_trial: bool,
    limited_until: Option<Instant>,
}

impl Health {
    /// Failures in a row.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    pub(super) fn state(&self, now: Instant) -> EndpointState {
        match (self.rests_until, self.limited_until) {
            (Some(_), _) if self.on_trial => EndpointState::OnTrial,
            (Some(until), _) if until > now => EndpointState::Resting { remaining: until - now },
            (Some(_), _) => EndpointState::Rested,
            (None, Some(until)) if until > now => EndpointState::Limited { remaining: until - now },
            (None, _) => EndpointState::Well,
        }
    }

    pub(super) fn begin_trial(&mut self) {
        self.on_trial = true;
    }

    /// Learns from a request, which may have been the trial.
    ///
    /// What was asked before the endpoint fell ill and ends while it rests says nothing any more.
    pub(super) fn learn(&mut self, sign: Sign, was_trial: bool, now: Instant) {
        if was_trial {
            self.on_trial = false;
        }
        let counts = was_trial || self.rests_until.is_none();
        match sign {
            Sign::Failure if counts => {
                self.failures = self.failures.saturating_add(1);
                if was_trial || self.failures >= FAILURES {
                    self.rests_until = Some(now + REST);
                }
            }
            Sign::Life if counts => *self = Self { limited_until: self.limited_until, ..Self::default() },
            Sign::Limited(pause) => {
                self.limited_until = self.limited_until.max(Some(now + pause.min(LONGEST_PAUSE)));
                if was_trial {
                    self.rests_until = None;
                    self.failures = 0;
                }
            }
            Sign::None | Sign::Life | Sign::Failure => {}
        }
    }
}
