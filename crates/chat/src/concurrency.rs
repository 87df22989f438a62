//! Lets only so many requests be under way at once.

use async_trait::async_trait;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::{ChatError, ChatModel, Reply, Request};

/// Lets only so many requests be under way at once; the others wait in the order in which they came.
#[derive(Debug)]
pub struct Concurrency<M> {
    inner: M,
    places: Semaphore,
}

impl<M: ChatModel> Concurrency<M> {
    /// Asks `inner` at most `most` things at once; nought counts as one.
    pub fn new(inner: M, most: usize) -> Self {
        Self { inner, places: Semaphore::new(most.clamp(1, Semaphore::MAX_PERMITS)) }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<M: ChatModel> ChatModel for Concurrency<M> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError> {
        let begun = Instant::now();
        let _place = self.places.acquire().await.expect("the semaphore is never closed");
        let waited = begun.elapsed();
        self.inner.reply(request).await.map(|reply| reply.after_waiting(waited))
    }
}

#[cfg(test)]
mod tests;
