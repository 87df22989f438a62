//! Decides when a request may go; shared by all who keep to the same rates.

use std::num::NonZeroU64;
use std::sync::Arc;

use offseeker_remote::Throttle;
use offseeker_trajectory::Limit;

use super::Rates;
use crate::estimate::{Estimates, taken};
use crate::{ChatError, Reply, Request};

/// Decides when a request may go. Clones share one account, for several models behind one key.
#[derive(Debug, Clone)]
pub struct Limiter(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    rates: Rates,
    estimates: Estimates,
    /// Of requests and of tokens.
    throttle: Throttle<2>,
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
        let requests = rates.requests_per_minute.map(u64::from).and_then(NonZeroU64::new);
        let tokens = rates.tokens_per_minute.and_then(NonZeroU64::new);
        let throttle = Throttle::new([requests, tokens], rates.burst, rates.longest_pause);
        Self(Arc::new(Shared { rates, estimates: Estimates::default(), throttle }))
    }

    /// Waits until the request may go.
    pub(super) async fn admit(&self, request: &Request<'_>) -> Result<Admitted, ChatError> {
        self.lets_something_through()?;
        let tokens = self.0.estimates.likely(request);
        match self.0.throttle.admit([1, tokens]).await {
            Ok(()) => Ok(Admitted(tokens)),
            Err(paused) => {
                Err(ChatError::RateLimited { reason: paused.to_string(), retry_after: Some(paused.remaining) })
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
                    self.0.throttle.pause(pause);
                }
                if was_sampled(error) { estimated } else { 0 }
            }
        };
        self.0.throttle.settle([1, estimated], [1, took]);
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
