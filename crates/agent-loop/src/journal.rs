//! Where an attempt is written down while it is made.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use offseeker_trajectory::TrajectoryId;
use offseeker_trajectory_store::{Claim, Entry, StoreError, Stored, TrajectoryStore, TrajectoryStoreExt};

/// Where an attempt is written down while it is made: each step before the next one is taken.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    store: Option<Arc<dyn TrajectoryStore>>,
    claim: Option<Claim>,
    /// How many writes went through, of all journals that share it.
    written: Arc<AtomicU64>,
}

impl Journal {
    /// Nowhere: the attempt is gone when the program is.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// In a store, by whoever gets there.
    pub fn into_store(store: Arc<dyn TrajectoryStore>) -> Self {
        Self { store: Some(store), ..Self::default() }
    }

    /// In a store, as long as the claim holds.
    pub fn claimed(store: Arc<dyn TrajectoryStore>, claim: Claim) -> Self {
        Self { store: Some(store), claim: Some(claim), ..Self::default() }
    }

    /// Counts its writes together with those of others.
    pub(crate) fn counting(self, written: Arc<AtomicU64>) -> Self {
        Self { written, ..self }
    }

    /// The same place, for attempts beside the one that is claimed.
    pub(crate) fn beside(&self) -> Self {
        Self { store: self.store.clone(), claim: None, written: self.written.clone() }
    }

    /// Whether what is written outlasts the attempt.
    pub(crate) fn lasts(&self) -> bool {
        self.store.is_some()
    }

    /// What is written of an attempt.
    pub(crate) async fn find(&self, attempt: &TrajectoryId) -> Result<Option<Stored>, StoreError> {
        match &self.store {
            Some(store) => store.find(attempt).await,
            None => Ok(None),
        }
    }

    /// Writes entries; when this returns they are there.
    pub(crate) async fn write(&self, entries: Vec<Entry>) -> Result<(), StoreError> {
        if let Some(store) = &self.store {
            store.write(entries, self.claim.as_ref()).await?;
        }
        self.written.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}
