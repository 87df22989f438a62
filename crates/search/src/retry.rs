//! Asks again when it failed in a way that passes.

use async_trait::async_trait;
use offseeker_pages::{Library, Page, PageError};
use offseeker_remote::RetryPolicy;

use crate::{Hit, Query, SearchBackend, SearchError};

/// Asks again when it failed in a way that passes.
///
/// Only failures for which [`SearchError::is_transient`] or [`PageError::is_transient`] holds are tried again; a query
/// that is wrong stays wrong, and a page that is not there is an answer.
#[derive(Debug)]
pub struct Retry<B> {
    inner: B,
    policy: RetryPolicy,
}

impl<B> Retry<B> {
    /// Asks `inner` as often as the policy says.
    pub fn new(inner: B, policy: RetryPolicy) -> Self {
        Self { inner, policy }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<B: SearchBackend> SearchBackend for Retry<B> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, SearchError> {
        self.policy.run(self.inner.name(), || self.inner.search(query)).await
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<L: Library> Library for Retry<L> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn get(&self, url: &str) -> Result<Page, PageError> {
        self.policy.run(self.inner.name(), || self.inner.get(url)).await
    }
}
