//! The port: gives the page at an address.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use crate::{Page, PageError};

/// Gives the page at an address.
///
/// A library may be asked for many pages at once. Dropping the future gives a request up and leaves the library usable.
#[async_trait]
pub trait Library: Debug + Send + Sync {
    /// What the library is called: the same at every call, and another for other content, because what is kept of its
    /// answers is kept under this name.
    fn name(&self) -> &str;

    /// Gives the page at an address; [`PageError::NotFound`] where there is none.
    async fn get(&self, url: &str) -> Result<Page, PageError>;
}

#[async_trait]
impl<L: Library + ?Sized> Library for &L {
    fn name(&self) -> &str {
        (**self).name()
    }

    async fn get(&self, url: &str) -> Result<Page, PageError> {
        (**self).get(url).await
    }
}

#[async_trait]
impl<L: Library + ?Sized> Library for Arc<L> {
    fn name(&self) -> &str {
        (**self).name()
    }

    async fn get(&self, url: &str) -> Result<Page, PageError> {
        (**self).get(url).await
    }
}

#[async_trait]
impl<L: Library + ?Sized> Library for Box<L> {
    fn name(&self) -> &str {
        (**self).name()
    }

    async fn get(&self, url: &str) -> Result<Page, PageError> {
        (**self).get(url).await
    }
}
