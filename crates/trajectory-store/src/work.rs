//! The port: hands out attempts to those who make them, each to one at a time.

use std::fmt::{self, Debug};
use std::time::Duration;

use async_trait::async_trait;
use offseeker_trajectory::{Question, RunId, Trajectory, TrajectoryId};
use serde::{Deserialize, Serialize};

use crate::{Manifest, StoreError, TrajectoryStore};

/// Hands out attempts to those who make them, each to one worker at a time.
///
/// An attempt is open until its end is written. A worker that dies loses what it had claimed to the next one, which
/// goes on where it stopped; should the first one not be dead after all, its writes are refused from then on.
#[async_trait]
pub trait WorkQueue: Debug + Send + Sync {
    /// Plans so many attempts at each question of a run, and says how many of them are new.
    ///
    /// Planning the same again changes nothing; more attempts, or more questions, are added. Another text under the id of
    /// a question that is planned is [refused](StoreError::Invalid).
    async fn plan(&self, run: &RunId, questions: &[Question], attempts: u32) -> Result<u64, StoreError>;

    /// Claims up to so many open attempts of a run that nobody holds: first the first attempts at all questions, in
    /// the order in which they were planned, then the second ones.
    async fn claim(&self, run: &RunId, worker: &Worker, most: usize) -> Result<Vec<Claim>, StoreError>;

    /// Holds claims for another while, and gives back those that are lost.
    async fn renew(&self, claims: &[Claim]) -> Result<Vec<Claim>, StoreError>;

    /// Gives up claims, so that others can have them at once. Those that are lost already are passed over.
    async fn release(&self, claims: &[Claim]) -> Result<(), StoreError>;

    /// How far a run is.
    async fn progress(&self, run: &RunId) -> Result<Progress, StoreError>;

    /// The manifest of a run, where it was written.
    async fn manifest(&self, run: &RunId) -> Result<Option<Manifest>, StoreError>;
}

/// A store that also hands out work: what many attempts are made with.
pub trait RunStore: TrajectoryStore + WorkQueue {}

impl<S: TrajectoryStore + WorkQueue + ?Sized> RunStore for S {}

/// Refuses another text under the id of a question that is planned: which of them an attempt is at could not be told.
pub(crate) fn check_same(planned: &Question, question: &Question) -> Result<(), StoreError> {
    if planned.text == question.text {
        return Ok(());
    }
    let id = &question.id;
    let reason =
        format!("another question {id} is planned in this run; give one of them another id, or the run another name");
    Err(StoreError::invalid(reason))
}

/// One who makes attempts: a process, as a rule.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Worker {
    /// Tells it from all others.
    pub name: String,
    /// How long a claim holds that is not renewed, where a store cannot see for itself that a worker is dead.
    pub lease: Duration,
}

impl Worker {
    /// A worker whose claims hold for a minute.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), lease: Duration::from_secs(60) }
    }
}

/// An attempt that is one worker's to make.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// The run.
    pub run: RunId,
    /// What is asked.
    pub question: Question,
    /// Which attempt at the question it is, from nought.
    pub attempt: u32,
    /// Whose it is.
    pub worker: Worker,
    /// How often it has been claimed: a later claim takes it from an earlier one.
    pub fence: u64,
}

impl Claim {
    /// The id of the attempt.
    #[must_use]
    pub fn id(&self) -> TrajectoryId {
        Trajectory::id_in_run(&self.run, &self.question.id, self.attempt)
    }

    /// The attempt with nothing said yet.
    #[must_use]
    pub fn begin(&self) -> Trajectory {
        Trajectory::in_run(self.run.clone(), self.question.clone(), self.attempt)
    }
}

/// How far a run is, in attempts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Those that were planned.
    pub planned: u64,
    /// Those that have begun, the ended ones included.
    pub begun: u64,
    /// Those that have ended.
    pub ended: u64,
}

impl Progress {
    /// Those that are still to be made or finished.
    #[must_use]
    pub fn open(&self) -> u64 {
        self.planned.saturating_sub(self.ended)
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} attempts ended, {} begun", self.ended, self.planned, self.begun)
    }
}
