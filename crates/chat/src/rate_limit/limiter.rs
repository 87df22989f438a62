//! Decides when a request may go; shared by all who keep to the same rates.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use offseeker_trajectory::Limit;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

use super::Rates;
use super::bucket::Bucket;
use crate::estimate::{Estimates, taken};
use crate::{ChatError, Reply, Request};

/// The longest pause that is kept in mind; a clock cannot say every time that a server can ask for.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// Decides when a request may go. Clones share one account, for several models behind one key.
#[derive(Debug, Clone)]
pub struct Limiter(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    rates: Rates,
    estimates: Estimates,
    /// Held by the request that goes next; the lock is fair, so the others come after it in their order.
    turn: tokio::sync::Mutex<()>,
    /// Tells the request that goes next that it has to look again.
    changed: Notify,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    requests: Option<Bucket>,
    tokens: Option<Bucket>,
    paused_until: Option<Instant>,
}

/// The tokens that a request was let through with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Admitted(u64);

impl From<Rates> for Limiter {
    fn from(rates: Rates) -> Self {
        Self::new(rates)
    }
}

impl Limiter {
    /// Keeps to these rates, beginning with a full burst.
    #[must_use]
    pub fn new(rates: Rates) -> Self {
        let state = State {
            requests: rates.requests_per_minute.map(|rate| Bucket::new(rate.into(), rates.burst)),
            tokens: rates.tokens_per_minute.map(|rate| Bucket::new(rate, rates.burst)),
            paused_until: None,
        };
        Self(Arc::new(Shared {
            rates,
            estimates: Estimates::default(),
            turn: tokio::sync::Mutex::default(),
            changed: Notify::new(),
            state: Mutex::new(state),
        }))
    }

    /// Waits until the request may go.
    pub(super) async fn admit(&self, request: &Request<'_>) -> Result<Admitted, ChatError> {
        self.lets_something_through()?;
        let tokens = self.0.estimates.likely(request);
        let _turn = self.0.turn.lock().await;
        loop {
            let wait = self.take_or_wait(tokens)?;
            if wait.is_zero() {
                return Ok(Admitted(tokens));
            }
            tokio::select! {
                () = sleep(wait) => {}
                () = self.0.changed.notified() => {}
            }
        }
    }

    /// Puts what a request took in the place of what it was thought to take.
    pub(super) fn settle(&self, admitted: Admitted, request: &Request<'_>, answer: &Result<Reply, ChatError>) {
        let Admitted(estimated) = admitted;
        let took = match answer {
            Ok(reply) => {
                let usage = taken(request, reply);
                self.0.estimates.learn(request, &usage);
                usage.total_tokens()
            }
            Err(error) => {
                if let Some(pause) = error.retry_after() {
                    self.pause(pause);
                }
                if was_sampled(error) { estimated } else { 0 }
            }
        };
        if let Some(tokens) = &mut self.state().tokens {
            tokens.take(took.saturating_sub(estimated));
            tokens.give_back(estimated.saturating_sub(took));
        }
        self.0.changed.notify_one();
    }

    fn lets_something_through(&self) -> Result<(), ChatError> {
        let rates = &self.0.rates;
        let nothing = |which| Err(ChatError::Budget { which, spent: 0, allowed: 0 });
        match (rates.requests_per_minute, rates.tokens_per_minute) {
            (Some(0), _) => nothing(Limit::Requests),
            (_, Some(0)) => nothing(Limit::Tokens),
            _ => Ok(()),
        }
    }

    /// Takes what a request needs if that is possible now, otherwise says how long to wait.
    fn take_or_wait(&self, tokens: u64) -> Result<Duration, ChatError> {
        let now = Instant::now();
        let state = &mut *self.state();
        let paused = state.paused_until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        if paused > self.0.rates.longest_pause {
            let reason = "the server has asked everybody to wait".to_owned();
            return Err(ChatError::RateLimited { reason, retry_after: Some(paused) });
        }
        let for_requests = state.requests.as_mut().map_or(Duration::ZERO, |bucket| bucket.wait(1, now));
        let for_tokens = state.tokens.as_mut().map_or(Duration::ZERO, |bucket| bucket.wait(tokens, now));
        let wait = paused.max(for_requests).max(for_tokens);
        if wait.is_zero() {
            if let Some(bucket) = &mut state.requests {
                bucket.take(1);
            }
            if let Some(bucket) = &mut state.tokens {
                bucket.take(tokens);
            }
        }
        Ok(wait)
    }

    fn pause(&self, pause: Duration) {
        tracing::warn!(pause_s = pause.as_secs_f64(), "the server asks to wait");
        let until = Instant::now() + pause.min(LONGEST);
        let mut state = self.state();
        state.paused_until = state.paused_until.max(Some(until));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the server may have written something before it failed.
fn was_sampled(error: &ChatError) -> bool {
    match error {
        ChatError::RateLimited { .. }
        | ChatError::ContextTooLong { .. }
        | ChatError::Unauthorized { .. }
        | ChatError::InvalidRequest { .. }
        | ChatError::Budget { .. }
        | ChatError::NotRecorded { .. } => false,
        ChatError::Transient { .. } | ChatError::Refused { .. } | ChatError::Broken { .. } => true,
    }
}
