//! The port: answers a query with ranked hits.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use crate::{Hit, Query, SearchError};

/// Answers a query with ranked hits.
///
/// A backend may be asked many things at once. Dropping the future gives a request up and leaves the backend usable.
#[async_trait]
pub trait SearchBackend: Debug + Send + Sync {
    /// What the backend is called: the same at every call, and another for other content or settings, because what is
    /// kept of its answers is kept under this name. No key is in it.
    fn name(&self) -> &str;

    /// Gives the best hits first, at most [`Query::limit`] of them. No hit at all is an empty list, not an error.
    async fn search(&self, query: &Query) -> Result<Vec<Hit>, SearchError>;
}

#[async_trait]
impl<B: SearchBackend + ?Sized> SearchBackend for &B {
    fn name(&self) -> &str {
        (**self).name()
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, SearchError> {
        (**self).search(query).await
    }
}

#[async_trait]
impl<B: SearchBackend + ?Sized> SearchBackend for Arc<B> {
    fn name(&self) -> &str {
        (**self).name()
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, SearchError> {
        (**self).search(query).await
    }
}

#[async_trait]
impl<B: SearchBackend + ?Sized> SearchBackend for Box<B> {
    fn name(&self) -> &str {
        (**self).name()
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, SearchError> {
        (**self).search(query).await
    }
}
