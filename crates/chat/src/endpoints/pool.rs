//! Chooses the endpoint for a request.

use offseeker_remote::{Health, HealthState, Sign};
use tokio::time::Instant;

use super::EndpointStatus;
use super::sessions::Sessions;
use crate::ChatError;

/// What is known of all endpoints.
#[derive(Debug)]
pub(super) struct Pool {
    members: Vec<Member>,
    sessions: Sessions,
}

#[derive(Debug, Default)]
struct Member {
    health: Health,
    in_flight: usize,
    requests: u64,
    draining: bool,
}

/// The endpoint that was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Picked {
    pub(super) index: usize,
    /// Whether what comes of it decides on the endpoint's health.
    pub(super) on_trial: bool,
}

impl Pool {
    pub(super) fn new(members: usize) -> Self {
        Self { members: (0..members).map(|_| Member::default()).collect(), sessions: Sessions::default() }
    }

    /// Chooses an endpoint that was not tried yet: the session's own, then one that is to be tried again, then the
    /// one with the least under way.
    pub(super) fn pick(&mut self, session: Option<&str>, tried: &[bool], now: Instant) -> Option<Picked> {
        let own = session.and_then(|session| self.sessions.endpoint(session)).filter(|&index| !tried[index]);
        let picked = self.own(own, now).or_else(|| self.rested(tried, now)).or_else(|| self.idlest(tried, now))?;
        if let Some(session) = session {
            self.sessions.settle(session, picked.index);
        }
        let member = &mut self.members[picked.index];
        member.in_flight += 1;
        member.requests += 1;
        if picked.on_trial {
            member.health.begin_trial();
        }
        Some(picked)
    }

    fn own(&self, own: Option<usize>, now: Instant) -> Option<Picked> {
        let index = own.filter(|&index| self.members[index].health.state(now) == HealthState::Well)?;
        Some(Picked { index, on_trial: false })
    }

    fn rested(&self, tried: &[bool], now: Instant) -> Option<Picked> {
        let (index, _) = self.open(tried).find(|(_, member)| member.health.state(now) == HealthState::Rested)?;
        Some(Picked { index, on_trial: true })
    }

    fn idlest(&self, tried: &[bool], now: Instant) -> Option<Picked> {
        let fit = self.open(tried).filter_map(|(index, member)| match member.health.state(now) {
            HealthState::Well => Some((false, member.in_flight, member.requests, index)),
            HealthState::Limited { .. } => Some((true, member.in_flight, member.requests, index)),
            _ => None,
        });
        fit.min().map(|(.., index)| Picked { index, on_trial: false })
    }

    /// Those that were not tried yet and take new sessions.
    fn open<'a>(&'a self, tried: &'a [bool]) -> impl Iterator<Item = (usize, &'a Member)> {
        self.members.iter().enumerate().filter(|(index, member)| !tried[*index] && !member.draining)
    }

    pub(super) fn passed_the_probe(&mut self, index: usize, now: Instant) {
        self.members[index].health.learn(Sign::Life, true, now);
    }

    pub(super) fn leave(&mut self, picked: Picked, sign: Sign, now: Instant) {
        let member = &mut self.members[picked.index];
        member.in_flight -= 1;
        let before = member.health.state(now);
        member.health.learn(sign, picked.on_trial, now);
        let after = member.health.state(now);
        if std::mem::discriminant(&before) != std::mem::discriminant(&after) {
            tracing::info!(endpoint = picked.index, state = %after, "an endpoint changes its state");
        }
    }

    pub(super) fn set_draining(&mut self, index: usize, draining: bool) -> bool {
        let member = self.members.get_mut(index);
        let is_there = member.is_some();
        if let Some(member) = member {
            member.draining = draining;
        }
        is_there
    }

    pub(super) fn status(&self, names: impl Iterator<Item = String>, now: Instant) -> Vec<EndpointStatus> {
        names
            .zip(&self.members)
            .map(|(name, member)| EndpointStatus {
                name,
                in_flight: member.in_flight,
                requests: member.requests,
                failures: member.health.failures(),
                draining: member.draining,
                state: member.health.state(now),
            })
            .collect()
    }

    /// Why no endpoint could be asked.
    pub(super) fn why_nobody(&self, now: Instant) -> ChatError {
        let open = self.members.iter().filter(|member| !member.draining);
        let waits = open.filter_map(|member| match member.health.state(now) {
            HealthState::Resting { remaining } => Some(remaining),
            _ => None,
        });
        let all = self.members.len();
        if self.members.iter().all(|member| member.draining) {
            return ChatError::transient(format!("none of {all} endpoints takes new sessions"));
        }
        ChatError::transient(match waits.min() {
            Some(wait) => format!("none of {all} endpoints is well; the next trial is in {:.1} s", wait.as_secs_f64()),
            None => format!("none of {all} endpoints is well; a trial is under way"),
        })
    }
}
