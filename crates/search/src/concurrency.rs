//! Lets only so many requests be under way at once.

use async_trait::async_trait;
use offseeker_pages::{Library, Page, PageError};
use tokio::sync::Semaphore;

use crate::{Hit, Query, SearchBackend, SearchError};

/// Lets only so many requests be under way at once; the others wait in the order in which they came.
///
/// A backend, around a backend, and a library around a library.
#[derive(Debug)]
pub struct Concurrency<B> {
    inner: B,
    places: Semaphore,
}

impl<B> Concurrency<B> {
    /// Asks `inner` at most `most` things at once; nought counts as one.
    pub fn new(inner: B, most: usize) -> Self {
        Self { inner, places: Semaphore::new(most.clamp(1, Semaphore::MAX_PERMITS)) }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<B: SearchBackend> SearchBackend for Concurrency<B> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, SearchError> {
        let _place = self.places.acquire().await.expect("the semaphore is never closed");
        self.inner.search(query).await
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<L: Library> Library for Concurrency<L> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn get(&self, url: &str) -> Result<Page, PageError> {
        let _place = self.places.acquire().await.expect("the semaphore is never closed");
        self.inner.get(url).await
    }
}
