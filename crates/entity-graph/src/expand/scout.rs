//! The port of exploration: says what there is to know of an entity.

mod asking;
mod findings;
mod links;
mod reading;

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use offseeker_pages::Page;

pub use asking::{Asking, Told};
pub use findings::{Finding, Findings, Way};
pub use links::Links;
pub use reading::{Reading, ReadingOptions};

use super::Setback;
use crate::Entity;

/// What is known of an entity that is explored.
#[derive(Debug, Clone, Copy)]
pub struct Outlook<'a> {
    /// The entity.
    pub entity: &'a Entity,
    /// Pages that name it, as far as they were read before.
    pub pages: &'a [Page],
    /// Why earlier attempts could not be used.
    pub tried: &'a [String],
    /// What the randomness of this attempt comes from.
    pub seed: u64,
}

/// Says what there is to know of an entity: facts, and relations that lead on.
///
/// [`Links`] follows the links of a corpus without a model, [`Reading`] searches, reads and asks a model, and [`Asking`]
/// lets an agent do it. A scout may be asked for many entities at once.
#[async_trait]
pub trait Scout: Debug + Send + Sync {
    /// What it is called: the same at every call, and another for another model or corpus, because a folder goes on only
    /// with the scout that it was begun with.
    fn name(&self) -> &str;

    /// Explores an entity. Nothing to know is an answer; see [`Setback`] for what is none.
    async fn explore(&self, outlook: Outlook<'_>) -> Result<Findings, Setback>;
}

#[async_trait]
impl<S: Scout + ?Sized> Scout for Arc<S> {
    fn name(&self) -> &str {
        (**self).name()
    }

    async fn explore(&self, outlook: Outlook<'_>) -> Result<Findings, Setback> {
        (**self).explore(outlook).await
    }
}
