//! Comfort for every store.

use async_trait::async_trait;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use offseeker_trajectory::{Trajectory, TrajectoryId};

use crate::{Filter, StoreError, Stored, TrajectoryStore};

/// How many attempts are read at once. One may be large, so it is a few.
const AT_ONCE: usize = 8;

/// How many such reads are under way: the next one is made while somebody works on what the last one gave.
const AHEAD: usize = 2;

/// Comfort for every store.
#[async_trait]
pub trait TrajectoryStoreExt: TrajectoryStore {
    /// One attempt.
    async fn get(&self, id: &TrajectoryId) -> Result<Stored, StoreError> {
        let mut found = self.read(std::slice::from_ref(id)).await?;
        found.pop().ok_or_else(|| StoreError::NotFound { attempt: id.clone() })
    }

    /// One attempt, or none where it has not begun.
    async fn find(&self, id: &TrajectoryId) -> Result<Option<Stored>, StoreError> {
        match self.get(id).await {
            Err(StoreError::NotFound { .. }) => Ok(None),
            found => found.map(Some),
        }
    }

    /// All attempts that fit, in the order of their ids, a few at a time.
    fn trajectories(&self, filter: &Filter) -> BoxStream<'_, Result<Trajectory, StoreError>> {
        self.scan(filter)
            .try_chunks(AT_ONCE)
            .map_err(|error| error.1)
            .map_ok(move |ids| async move { self.read(&ids).await })
            .try_buffered(AHEAD)
            .map_ok(|found| futures::stream::iter(found.into_iter().map(|stored| Ok(stored.trajectory))))
            .try_flatten()
            .boxed()
    }

    /// How many attempts fit.
    async fn count(&self, filter: &Filter) -> Result<u64, StoreError> {
        self.scan(filter).try_fold(0, async |count, _| Ok(count + 1)).await
    }
}

impl<S: TrajectoryStore + ?Sized> TrajectoryStoreExt for S {}
