//! Makes a request again when it failed in a way that passes.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use offseeker_remote::RetryPolicy;
use tokio::time::Instant;

use crate::{ChatError, ChatModel, Reply, Request};

/// Makes a request again when it failed in a way that passes.
///
/// Only failures for which [`ChatError::is_transient`] holds are tried again; a request that is wrong stays wrong.
#[derive(Debug)]
pub struct Retry<M> {
    inner: M,
    policy: RetryPolicy,
}

impl<M: ChatModel> Retry<M> {
    /// Asks `inner` as often as the policy says.
    pub fn new(inner: M, policy: RetryPolicy) -> Self {
        Self { inner, policy }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<M: ChatModel> ChatModel for Retry<M> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError> {
        let begun = Instant::now();
        let last = Mutex::new(begun);
        let again = || {
            *last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
            self.inner.reply(request)
        };
        let reply = self.policy.run(self.name(), again).await?;
        let last = last.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(reply.after_waiting(last - begun))
    }
}

#[cfg(test)]
mod tests;
