//! Stops asking when there is nothing left to spend.

mod ledger;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;

pub use ledger::{Allowance, Ledger};

use crate::estimate::{Estimates, taken};
use crate::{ChatError, ChatModel, Reply, Request};

/// Stops asking when there is nothing left to spend.
///
/// Requests are counted when they are made, whatever becomes of them, and their limit is never passed. Tokens and cost
/// are known only afterwards, so the most that a request may take is set aside before: its bytes, and its
/// `max_tokens` or the longest reply so far, at the highest price so far. A request for which too little is left waits
/// for those under way; when it is alone it goes, so that the limit is passed by at most one request. While nothing
/// bounds a request, as nothing is known of prices before the first reply, it goes alone.
///
/// Budgets are nested by wrapping twice, for a run and for an item in it. Wrap in the same order everywhere, and put no
/// ledger twice on the way to a model: two requests could wait for each other otherwise.
#[derive(Debug)]
pub struct Budget<M> {
    inner: M,
    ledger: Arc<Ledger>,
    estimates: Estimates,
}

impl<M: ChatModel> Budget<M> {
    /// Asks `inner` at the expense of the ledger.
    pub fn new(inner: M, ledger: Arc<Ledger>) -> Self {
        Self { inner, ledger, estimates: Estimates::default() }
    }

    /// The most tokens and the most money that a request may take; at least one token, so that nothing is free.
    fn most(&self, request: &Request<'_>) -> (u64, u64) {
        let tokens = self.estimates.most_tokens(request).max(1);
        (tokens, self.estimates.most_cost(tokens))
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<M: ChatModel> ChatModel for Budget<M> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError> {
        let reservation = self.ledger.reserve(|| self.most(&request)).await?;
        let reply = self.inner.reply(request).await?;
        let usage = taken(&request, &reply);
        self.estimates.learn(&request, &usage);
        reservation.settle(usage);
        Ok(reply)
    }
}
