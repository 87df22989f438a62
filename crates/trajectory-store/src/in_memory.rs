//! A store that lasts as long as the program runs.

pub(crate) mod attempt;
mod queue;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::BoxStream;
use offseeker_trajectory::{Question, RunId, TrajectoryId};
use tokio::time::Instant;

use crate::{Claim, Entry, Filter, Manifest, Progress, StoreError, Stored, TrajectoryStore, WorkQueue, Worker};
use attempt::Attempt;
use queue::Queue;

/// A store that lasts as long as the program runs.
#[derive(Debug, Default)]
pub struct InMemory {
    inside: Mutex<Inside>,
}

#[derive(Debug, Clone, Default)]
struct Inside {
    runs: HashMap<RunId, Manifest>,
    attempts: BTreeMap<TrajectoryId, Attempt>,
    queues: HashMap<RunId, Queue>,
}

impl InMemory {
    /// A store with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    /// Writes all entries or none.
    fn write(&mut self, entries: Vec<Entry>) -> Result<(), StoreError> {
        match <[Entry; 1]>::try_from(entries) {
            Ok([entry]) => self.write_one(entry),
            Err(entries) => self.write_all(entries),
        }
    }

    /// Writes an entry where it belongs: it is taken in or refused as a whole, so nothing has to be copied.
    fn write_one(&mut self, entry: Entry) -> Result<(), StoreError> {
        let id = entry.attempt().filter(|_| !matches!(entry, Entry::Begin(_))).cloned();
        match id.and_then(|id| self.attempts.get_mut(&id).map(|attempt| (id, attempt))) {
            Some((id, attempt)) => attempt.take(entry, &id),
            None => self.write_all(vec![entry]),
        }
    }

    /// Writes all entries into copies of the attempts that they change, which then take the place of those before.
    fn write_all(&mut self, entries: Vec<Entry>) -> Result<(), StoreError> {
        let mut changed: BTreeMap<TrajectoryId, Attempt> = BTreeMap::new();
        let mut runs = Vec::new();
        for entry in entries {
            let Some(id) = entry.attempt().cloned() else {
                if let Entry::Run(manifest) = entry {
                    let id = manifest.id().map_err(|error| StoreError::invalid(error.to_string()))?;
                    runs.push((id, *manifest));
                }
                continue;
            };
            let before = changed.remove(&id).or_else(|| self.attempts.get(&id).cloned());
            changed.insert(id.clone(), Attempt::after(before, entry, &id)?);
        }
        self.runs.extend(runs);
        self.attempts.extend(changed);
        Ok(())
    }
}

#[async_trait]
impl TrajectoryStore for InMemory {
    async fn write(&self, entries: Vec<Entry>, claim: Option<&Claim>) -> Result<(), StoreError> {
        let mut inside = self.inside();
        if let Some(claim) = claim {
            check_claim(&inside, claim, &entries)?;
        }
        inside.write(entries)
    }

    async fn read(&self, ids: &[TrajectoryId]) -> Result<Vec<Stored>, StoreError> {
        let inside = self.inside();
        let read = |id: &TrajectoryId| match inside.attempts.get(id) {
            Some(attempt) => attempt.stored(),
            None => Err(StoreError::NotFound { attempt: id.clone() }),
        };
        ids.iter().map(read).collect()
    }

    fn scan(&self, filter: &Filter) -> BoxStream<'_, Result<TrajectoryId, StoreError>> {
        let inside = self.inside();
        let mut found = Vec::new();
        for (id, attempt) in &inside.attempts {
            match attempt.stored() {
                Ok(stored) if filter.fits(&stored.trajectory) => found.push(Ok(id.clone())),
                Ok(_) => {}
                Err(error) => found.push(Err(error)),
            }
        }
        futures::stream::iter(found).boxed()
    }
}

#[async_trait]
impl WorkQueue for InMemory {
    async fn plan(&self, run: &RunId, questions: &[Question], attempts: u32) -> Result<u64, StoreError> {
        self.inside().queues.entry(run.clone()).or_default().plan(run, questions, attempts)
    }

    async fn claim(&self, run: &RunId, worker: &Worker, most: usize) -> Result<Vec<Claim>, StoreError> {
        let mut inside = self.inside();
        let Inside { queues, attempts, .. } = &mut *inside;
        let has_ended = |id: &TrajectoryId| attempts.get(id).is_some_and(Attempt::has_ended);
        Ok(queues.entry(run.clone()).or_default().claim(run, worker, most, Instant::now(), has_ended))
    }

    async fn renew(&self, claims: &[Claim]) -> Result<Vec<Claim>, StoreError> {
        let mut inside = self.inside();
        let mut renew = |claim: &&Claim| {
            let queue = inside.queues.get_mut(&claim.run);
            !queue.is_some_and(|queue| queue.renew(claim, Instant::now()))
        };
        Ok(claims.iter().filter(&mut renew).cloned().collect())
    }

    async fn release(&self, claims: &[Claim]) -> Result<(), StoreError> {
        let mut inside = self.inside();
        for claim in claims {
            if let Some(queue) = inside.queues.get_mut(&claim.run) {
                queue.release(claim);
            }
        }
        Ok(())
    }

    async fn progress(&self, run: &RunId) -> Result<Progress, StoreError> {
        let inside = self.inside();
        let Some(queue) = inside.queues.get(run) else { return Ok(Progress::default()) };
        let mut progress = Progress::default();
        for id in queue.attempts() {
            let attempt = inside.attempts.get(id);
            progress.planned += 1;
            progress.begun += u64::from(attempt.is_some());
            progress.ended += u64::from(attempt.is_some_and(Attempt::has_ended));
        }
        Ok(progress)
    }

    async fn manifest(&self, run: &RunId) -> Result<Option<Manifest>, StoreError> {
        Ok(self.inside().runs.get(run).cloned())
    }
}

fn check_claim(inside: &Inside, claim: &Claim, entries: &[Entry]) -> Result<(), StoreError> {
    let id = claim.id();
    if let Some(other) = entries.iter().filter_map(Entry::attempt).find(|other| **other != id) {
        return Err(StoreError::invalid(format!("a claim on attempt {id} does not cover attempt {other}")));
    }
    if inside.queues.get(&claim.run).is_some_and(|queue| queue.holds(claim)) {
        Ok(())
    } else {
        Err(StoreError::ClaimLost { attempt: id })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use crate::{InMemory, conformance};

    #[tokio::test(start_paused = true)]
    async fn it_fulfils_the_laws() {
        conformance::check_store(&InMemory::new()).await.unwrap();
        conformance::check_queue(&InMemory::new()).await.unwrap();
    }
}
