//! The port: makes attempts at questions.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use offseeker_trajectory::Trajectory;
use offseeker_trajectory_store::{Entry, Stored};

use crate::agent::Made;
use crate::{Agent, Journal, Pause, Stop};

/// Makes attempts at questions: an agent, or several that work together.
#[async_trait]
pub trait Researcher: Debug + Send + Sync {
    /// Makes an attempt from where it is on. What is in the journal is not done again.
    async fn go_on(&self, stored: Stored, journal: &Journal, stop: &Stop) -> Made;

    /// The same, with the seeds of its requests derived from this one, unless it has one already.
    fn or_seeded(self: Arc<Self>, seed: u64) -> Arc<dyn Researcher>;
}

#[async_trait]
impl Researcher for Agent {
    async fn go_on(&self, stored: Stored, journal: &Journal, stop: &Stop) -> Made {
        Self::go_on(self, stored, journal, stop).await
    }

    fn or_seeded(self: Arc<Self>, seed: u64) -> Arc<dyn Researcher> {
        Arc::new(Arc::unwrap_or_clone(self).seeded_unless(seed))
    }
}

/// Makes an attempt that belongs to another: takes it up where it was begun, and leaves it be where it has ended, unless
/// that was no fault of its own.
pub(super) async fn make(
    researcher: &dyn Researcher,
    beginning: Trajectory,
    journal: &Journal,
    stop: &Stop,
) -> Result<Trajectory, Pause> {
    let mut stored = journal.find(&beginning.id).await?.unwrap_or_else(|| Stored::new(beginning));
    if stored.trajectory.stop.as_ref().is_some_and(offseeker_trajectory::StopReason::is_infrastructure) {
        journal.write(vec![Entry::Reopen { attempt: stored.trajectory.id.clone() }]).await?;
        stored.trajectory.stop = None;
        stored.trajectory.answer = None;
    }
    let made = researcher.go_on(stored, journal, stop).await;
    made.rests.map_or(Ok(made.trajectory), Err)
}
