//! Whether one who is asked is well: a circuit breaker as a table of states.

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use crate::{Failure, seconds};

/// How long one at its rate limit is avoided that does not say how long it wants to be.
const PAUSE: Duration = Duration::from_secs(1);

/// The longest that one at its rate limit is avoided.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 3600);

/// What a request has shown of the health of the one who was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
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
    /// What an answer shows.
    pub fn of<T, E: Failure>(answer: &Result<T, E>) -> Self {
        match answer {
            Err(error) if error.is_rate_limit() => Self::Limited(error.retry_after().unwrap_or(PAUSE)),
            Err(error) if error.is_transient() => Self::Failure,
            _ => Self::Life,
        }
    }
}

/// The health of one who is asked.
///
/// After [five](Self::FAILURES) failures in a row it rests for [30 seconds](Self::REST), then one request or a probe
/// decides whether it is well again.
#[derive(Debug, Default)]
pub struct Health {
    failures: u32,
    rests_until: Option<Instant>,
    on_trial: bool,
    limited_until: Option<Instant>,
}

impl Health {
    /// Failures in a row after which it rests.
    pub const FAILURES: u32 = 5;

    /// How long it rests.
    pub const REST: Duration = Duration::from_secs(30);

    /// Failures in a row.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Whether it may be asked.
    #[must_use]
    pub fn state(&self, now: Instant) -> HealthState {
        match (self.rests_until, self.limited_until) {
            (Some(_), _) if self.on_trial => HealthState::OnTrial,
            (Some(until), _) if until > now => HealthState::Resting { remaining: until - now },
            (Some(_), _) => HealthState::Rested,
            (None, Some(until)) if until > now => HealthState::Limited { remaining: until - now },
            (None, _) => HealthState::Well,
        }
    }

    /// Notes that a request or a probe is under way that decides.
    pub fn begin_trial(&mut self) {
        self.on_trial = true;
    }

    /// Learns from a request, which may have been the trial.
    ///
    /// What was asked before it fell ill and ends while it rests says nothing any more.
    pub fn learn(&mut self, sign: Sign, was_trial: bool, now: Instant) {
        if was_trial {
            self.on_trial = false;
        }
        let counts = was_trial || self.rests_until.is_none();
        match sign {
            Sign::Failure if counts => {
                self.failures = self.failures.saturating_add(1);
                if was_trial || self.failures >= Self::FAILURES {
                    self.rests_until = Some(now + Self::REST);
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

/// Whether one may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum HealthState {
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

impl fmt::Display for HealthState {
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

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn health_follows_its_signs() {
        let check = |signs: &[Sign], expected: HealthState, failures: u32| {
            let (mut health, now) = (Health::default(), Instant::now());
            signs.iter().for_each(|sign| health.learn(*sign, false, now));
            assert_eq!((health.state(now), health.failures()), (expected, failures), "{signs:?}");
        };
        let (bad, limit) = (Sign::Failure, Sign::Limited(SECOND));
        let resting = HealthState::Resting { remaining: Health::REST };
        check(&[], HealthState::Well, 0);
        check(&[bad; 4], HealthState::Well, 4);
        check(&[bad; 5], resting, 5);
        check(&[bad; 64], resting, 5);
        check(&[bad, bad, bad, bad, Sign::Life, bad, bad, bad, bad], HealthState::Well, 4);
        check(&[bad, bad, bad, bad, Sign::None, bad], resting, 5);
        check(&[bad, bad, bad, bad, limit], HealthState::Limited { remaining: SECOND }, 4);
        check(&[bad, bad, bad, bad, bad, Sign::Life], resting, 5);
    }

    #[tokio::test(start_paused = true)]
    async fn a_trial_decides() {
        let check = |sign: Sign, expected: HealthState| {
            let (mut health, now) = (Health::default(), Instant::now());
            (0..Health::FAILURES).for_each(|_| health.learn(Sign::Failure, false, now));
            let later = now + Health::REST;
            assert_eq!(health.state(later), HealthState::Rested);
            health.begin_trial();
            assert_eq!(health.state(later), HealthState::OnTrial);
            health.learn(sign, true, later);
            assert_eq!(health.state(later), expected, "{sign:?}");
        };
        check(Sign::Life, HealthState::Well);
        check(Sign::Failure, HealthState::Resting { remaining: Health::REST });
        check(Sign::Limited(SECOND), HealthState::Limited { remaining: SECOND });
        check(Sign::None, HealthState::Rested);
    }
}
