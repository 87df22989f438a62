//! Makes a request again when it failed in a way that passes.

use std::time::Duration;

use async_trait::async_trait;
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use crate::{ChatError, ChatModel, Reply, Request, seconds};

/// How often a request is made, and how long to wait in between.
///
/// Durations are written as numbers of seconds. After the n-th failure the wait is drawn evenly from nought to
/// `base · 2ⁿ⁻¹`, or to `cap` where that is less, so that many requests that failed together do not come back together.
/// Where the server says how long to wait, the drawn time is added to that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetryPolicy {
    /// The most times that a request is made, the first time included; nought counts as one.
    pub tries: u32,
    /// The longest wait after the first failure; it doubles with every further one.
    #[serde(with = "seconds")]
    pub base: Duration,
    /// The longest wait, however many failures there were.
    #[serde(with = "seconds")]
    pub cap: Duration,
    /// The longest wait that a server may ask for; where it asks for more, its error is given back at once.
    #[serde(with = "seconds")]
    pub longest_wait: Duration,
}

impl Default for RetryPolicy {
    /// Five tries; one second, doubling up to 30; at most two minutes when the server asks for them.
    fn default() -> Self {
        Self {
            tries: 5,
            base: Duration::from_secs(1),
            cap: Duration::from_secs(30),
            longest_wait: Duration::from_secs(120),
        }
    }
}

impl RetryPolicy {
    /// How long to wait after so many failures of a request; none where it is not to be made again.
    fn wait(&self, failures: u32, error: &ChatError, rng: &mut impl Rng) -> Option<Duration> {
        let asked = error.retry_after().unwrap_or_default();
        if !error.is_transient() || failures >= self.tries || asked > self.longest_wait {
            return None;
        }
        let doubled = self.base.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1)));
        let drawn = rng.random_range(Duration::ZERO..=doubled.min(self.cap));
        Some(asked.saturating_add(drawn))
    }
}

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
        let mut failures = 0;
        loop {
            let error = match self.inner.reply(request).await {
                Ok(reply) => return Ok(reply),
                Err(error) => error,
            };
            failures += 1;
            let Some(wait) = self.policy.wait(failures, &error, &mut rand::rng()) else { return Err(error) };
            tracing::warn!(
                model = self.name(),
                failure = error.kind(),
                failures,
                wait_s = wait.as_secs_f64(),
                "asking again"
            );
            tokio::time::sleep(wait).await;
        }
    }
}

#[cfg(test)]
mod tests;
