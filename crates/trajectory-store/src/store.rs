//! The port: keeps attempts, from their first message on.

use std::fmt::Debug;

use async_trait::async_trait;
use futures::stream::BoxStream;
use offseeker_trajectory::TrajectoryId;

use crate::{Claim, Entry, Filter, StoreError, Stored};

/// Keeps attempts, from their first message on.
///
/// The laws that every store keeps are in [`conformance`](crate::conformance).
#[async_trait]
pub trait TrajectoryStore: Debug + Send + Sync {
    /// Writes entries in their order: all of them or, where there is an error, none.
    ///
    /// When it returns they are on the disk: neither a kill nor a power cut loses them. With a claim they are written
    /// only if the claim still holds, and all of them have to belong to the claimed attempt.
    async fn write(&self, entries: Vec<Entry>, claim: Option<&Claim>) -> Result<(), StoreError>;

    /// Reads attempts, in the order of their ids here.
    async fn read(&self, ids: &[TrajectoryId]) -> Result<Vec<Stored>, StoreError>;

    /// The ids of the attempts that fit, in the order of the ids. What is written meanwhile may be among them or not.
    fn scan(&self, filter: &Filter) -> BoxStream<'_, Result<TrajectoryId, StoreError>>;
}
