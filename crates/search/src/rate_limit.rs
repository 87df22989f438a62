//! Keeps to the rate that a server allows.

use async_trait::async_trait;
use offseeker_pages::{Library, Page, PageError};
use offseeker_remote::{Failure, Throttle};

use crate::{Hit, Query, SearchBackend, SearchError};

/// Keeps to the rate that a server allows; requests wait their turn in the order in which they came.
///
/// Wrappers that are given clones of one [`Throttle`] keep to its rate together, for all who are behind one key. When
/// the server itself asks to wait, everybody waits; where it asks for more than [`Pace::longest_pause`], requests fail at
/// once until that time is over.
///
/// Around a library this is one rate for all its pages, which is right for a corpus behind one server. What fetches from
/// the whole web keeps a rate for each host itself.
///
/// [`Pace::longest_pause`]: offseeker_remote::Pace::longest_pause
#[derive(Debug)]
pub struct RateLimit<B> {
    inner: B,
    throttle: Throttle,
}

impl<B> RateLimit<B> {
    /// Keeps `inner` to a [`Pace`](offseeker_remote::Pace), or to a throttle that others keep to as well.
    pub fn new(inner: B, throttle: impl Into<Throttle>) -> Self {
        Self { inner, throttle: throttle.into() }
    }

    fn learn<T>(&self, answer: &Result<T, impl Failure>) {
        if let Some(pause) = answer.as_ref().err().and_then(Failure::retry_after) {
            self.throttle.pause(pause);
        }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<B: SearchBackend> SearchBackend for RateLimit<B> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, SearchError> {
        self.throttle.admit([1]).await.map_err(|paused| SearchError::RateLimited {
            backend: self.inner.name().to_owned(),
            reason: paused.to_string(),
            retry_after: Some(paused.remaining),
        })?;
        let answer = self.inner.search(query).await;
        self.learn(&answer);
        answer
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<L: Library> Library for RateLimit<L> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn get(&self, url: &str) -> Result<Page, PageError> {
        self.throttle.admit([1]).await.map_err(|paused| PageError::RateLimited {
            url: url.to_owned(),
            reason: paused.to_string(),
            retry_after: Some(paused.remaining),
        })?;
        let answer = self.inner.get(url).await;
        self.learn(&answer);
        answer
    }
}
