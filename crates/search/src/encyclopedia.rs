//! The port to an encyclopedia: a name in, its entry out.

use std::fmt::Debug;

use async_trait::async_trait;
use offseeker_pages::{Page, PageError};

/// Looks names up.
#[async_trait]
pub trait Encyclopedia: Debug + Send + Sync {
    /// What the encyclopedia is called, by the same rule as for a
    /// [`SearchBackend`](crate::SearchBackend::name).
    fn name(&self) -> &str;

    /// Gives the entry of a name, after all redirects.
    async fn look_up(&self, name: &str) -> Result<Entry, PageError>;
}

/// What an encyclopedia has under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// An entry.
    Article(Page),
    /// Several entries that the name may mean, by their titles.
    Several(Vec<String>),
    /// Nothing; the titles of entries near it.
    Missing(Vec<String>),
}

#[async_trait]
impl<E: Encyclopedia + ?Sized> Encyclopedia for std::sync::Arc<E> {
    fn name(&self) -> &str {
        (**self).name()
    }

    async fn look_up(&self, name: &str) -> Result<Entry, PageError> {
        (**self).look_up(name).await
    }
}
