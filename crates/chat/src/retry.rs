//! Makes a request again when it failed in a way that passes.

use async_trait::async_trait;
use offseeker_remote::RetryPolicy;

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
        self.policy.run(self.name(), || self.inner.reply(request)).await
    }
}

#[cfg(test)]
mod tests;
