//! Keeps to the rates that a server allows.

mod limiter;

#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;
use offseeker_remote::seconds;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

pub use limiter::Limiter;

use crate::{ChatError, ChatModel, Reply, Request};

/// The rates that a server allows.
///
/// Durations are written as numbers of seconds. A rate that is absent is not limited; a rate of nought lets nothing
/// through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rates {
    /// Requests that may be made in a minute.
    pub requests_per_minute: Option<u32>,
    /// Tokens that may be read and written in a minute.
    pub tokens_per_minute: Option<u64>,
    /// How much may come at once after a pause: what the rates allow in this time, and at least one request.
    #[serde(with = "seconds")]
    pub burst: Duration,
    /// The longest that a server's wish to wait is waited for; while it asks for more, requests fail at once.
    #[serde(with = "seconds")]
    pub longest_pause: Duration,
}

impl Default for Rates {
    /// No limits, a burst of six seconds, pauses of up to two minutes.
    fn default() -> Self {
        Self {
            requests_per_minute: None,
            tokens_per_minute: None,
            burst: Duration::from_secs(6),
            longest_pause: Duration::from_secs(120),
        }
    }
}

/// Keeps to the rates that a server allows; requests wait their turn in the order in which they came.
///
/// What a request will take is estimated from its bytes and from the replies before it, and settled when its own reply
/// says what it took: more is a debt that later requests wait for, less is given back. So the rate holds in the long
/// run, however large a request is. A failure that the server found before writing anything gives its tokens back; any
/// other failure, and a dropped request, may have cost what was estimated and keeps it.
///
/// When the server itself asks to wait, everybody waits.
#[derive(Debug)]
pub struct RateLimit<M> {
    inner: M,
    limiter: Limiter,
}

impl<M: ChatModel> RateLimit<M> {
    /// Keeps `inner` to these rates, or to a limiter that others keep to as well.
    pub fn new(inner: M, limiter: impl Into<Limiter>) -> Self {
        Self { inner, limiter: limiter.into() }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<M: ChatModel> ChatModel for RateLimit<M> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError> {
        let begun = Instant::now();
        let admitted = self.limiter.admit(&request).await?;
        let waited = begun.elapsed();
        let answer = self.inner.reply(request).await;
        self.limiter.settle(admitted, &request, &answer);
        answer.map(|reply| reply.after_waiting(waited))
    }
}
