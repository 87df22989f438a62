//! A store in one file, for the processes of one machine.

mod attempt;
mod batch;
mod fault;
mod grade;
mod node;
mod opening;
mod options;
mod packed;
mod piece;
mod question;
mod queue;
mod readers;
mod reading;
mod salvage;
mod scan;
mod step;
mod table;
mod text;
mod verify;
mod work;
mod workers;
mod writer;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use offseeker_trajectory::{Question, RunId, TrajectoryId};

use crate::{Claim, Entry, Filter, Manifest, Progress, StoreError, Stored, TrajectoryStore, WorkQueue, Worker};
use fault::Maybe;
pub use options::{Durability, Options};
use queue::Plan;
use readers::Readers;
pub use salvage::Salvage;
use step::Step;
pub use verify::{Flaw, Verified};
use work::WorkRow;
use workers::Workers;
use writer::{Desk, Writer};

/// What is larger than this is made ready on a thread of its own.
const LARGE: usize = 32 << 10;

/// Attempts that are planned in one transaction, so that others can write in between.
const PLANNED_AT_ONCE: usize = 20_000;

/// A store in one file, for the processes of one machine.
///
/// Several programs may have the same store open, and any number of tasks may use one of them. Writes that come at the
/// same time share one flush to the disk, so many writers cost little more than one. Reads wait for no write.
///
/// An attempt is free to be claimed when nobody holds it, when its lease ran out by the clock of the system, or when
/// the process that claimed it is dead. No clock can do harm: one that jumps ahead takes work from those who are still
/// at it, whose writes are refused from then on, and one that jumps back delays the next claim of what a worker that
/// lives does not renew. Either costs time and never an attempt.
///
/// The file is one of SQLite; it has to be on a disk of this machine, because network drives do not lock as they should.
///
/// ```
/// use offseeker_trajectory::{Message, Node, NodeId, Question, Trajectory};
/// use offseeker_trajectory_store::embedded::{Embedded, Options};
/// use offseeker_trajectory_store::{Entry, TrajectoryStore, TrajectoryStoreExt};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("attempts.db");
/// let attempt = Trajectory::new(Question::new("Which river ...?", ["the Orsa"]), 0);
/// let id = attempt.id.clone();
/// {
///     let store = Embedded::open(&path, &Options::default())?;
///     let node = Box::new(Node::given(None, Message::user("Which river ...?")));
///     let first = Entry::Node { attempt: id.clone(), place: NodeId::new(0), node };
///     store.write(vec![Entry::Begin(Box::new(attempt)), first], None).await?;
/// }
/// let store = Embedded::open(&path, &Options::default())?;
/// assert_eq!(store.get(&id).await?.trajectory.nodes().len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Embedded {
    // The writer is the last to close the file, and puts the log away.
    readers: Readers,
    writer: Writer,
}

impl Embedded {
    /// Opens the store in a file, and makes it where there is none; its folder has to be there.
    ///
    /// It takes some milliseconds, however much is in it.
    ///
    /// # Errors
    ///
    /// When the file is no store or that of a newer version, is damaged at its beginning, or cannot be written.
    pub fn open(path: impl AsRef<Path>, options: &Options) -> Result<Self, StoreError> {
        let path = opening::place(path.as_ref())?;
        let Options { durability, patience, readers } = *options;
        let db = opening::to_write(&path, durability, patience)?;
        let workers = Workers::join(&path).map_err(|error| opening::io_error(&workers::folder_of(&path), &error))?;
        let writer = Writer::start(Desk { db, path: path.clone(), workers, patience })?;
        Ok(Self { readers: Readers::new(path, patience, readers), writer })
    }

    /// Reads everything in a file, checks that it is what was written, and tells after each attempt what was found.
    ///
    /// It blocks its thread for as long as it takes to read the file, and the store may be in use meanwhile.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened. What is damaged is no error but among the [faults](Verified::faults).
    pub fn verify(path: impl AsRef<Path>, tell: impl FnMut(&Verified)) -> Result<Verified, StoreError> {
        verify::verify(path.as_ref(), tell)
    }

    /// Saves what is whole in a damaged file into a new one, which is there when everything is in it.
    ///
    /// The damaged file is only read; no program may write it meanwhile. An attempt of which a message is lost is
    /// saved up to that message, without its end and its grades, so that it can be made from there. Claims are given
    /// up. It blocks its thread for as long as it takes to read one file and write the other.
    ///
    /// # Errors
    ///
    /// When the file cannot be read at all, or the new one is there already or cannot be written. What is lost is no
    /// error but [told](Salvage::lost).
    pub fn recover(from: impl AsRef<Path>, into: impl AsRef<Path>) -> Result<Salvage, StoreError> {
        salvage::recover(from.as_ref(), into.as_ref())
    }
}

#[async_trait]
impl TrajectoryStore for Embedded {
    async fn write(&self, entries: Vec<Entry>, claim: Option<&Claim>) -> Result<(), StoreError> {
        let steps = ready(entries).await?;
        let weight = steps.iter().map(Step::weight).sum();
        // Its id is a hash; the one thread that writes need not make it.
        let claim = claim.map(|claim| (claim.id(), claim.clone()));
        let write = move |desk: &Desk| {
            if let Some((id, claim)) = &claim {
                check_claim(desk, id, claim, &steps)?;
            }
            batch::write(&desk.db, &steps)
        };
        self.writer.run(weight, write).await
    }

    async fn read(&self, ids: &[TrajectoryId]) -> Result<Vec<Stored>, StoreError> {
        let ids = ids.to_vec();
        self.readers.run(move |db| reading::read(db, &ids)).await
    }

    fn scan(&self, filter: &Filter) -> BoxStream<'_, Result<TrajectoryId, StoreError>> {
        let filter = Arc::new(filter.clone());
        let next = move |after: Option<Option<TrajectoryId>>| {
            let filter = filter.clone();
            async move {
                let Some(after) = after else { return Ok(None) };
                let ids = self.readers.run(move |db| scan::scan(db, &filter, after.as_ref())).await?;
                // Fewer than were asked for are the last ones.
                let last = if ids.len() < scan::AT_ONCE { None } else { ids.last().cloned().map(Some) };
                Ok(Some((futures::stream::iter(ids.into_iter().map(Ok)), last)))
            }
        };
        futures::stream::try_unfold(Some(None), next).try_flatten().boxed()
    }
}

/// Makes entries ready: on this thread where that is soon done, on another one where it is not.
async fn ready(entries: Vec<Entry>) -> Result<Vec<Step>, StoreError> {
    let all = |entries: Vec<Entry>| entries.into_iter().map(Step::of).collect();
    if entries.iter().map(size_of_entry).sum::<usize>() <= LARGE {
        return all(entries);
    }
    tokio::task::spawn_blocking(move || all(entries)).await.unwrap_or_else(|error| Err(broken_off(&error)))
}

/// How large an entry is, where it can be large at all.
fn size_of_entry(entry: &Entry) -> usize {
    let known = match entry {
        Entry::Node { node, .. } => {
            let tokens = node.as_sampled().and_then(|sampled| sampled.tokens.as_ref());
            let text = node.message.content.len() + node.message.reasoning.as_ref().map_or(0, String::len);
            text + tokens.map_or(0, |tokens| 8 * tokens.ids().len().max(tokens.logprobs().len()))
        }
        Entry::Begin(beginning) => beginning.question.text.len(),
        Entry::End { answer, .. } => answer.as_ref().map_or(0, String::len),
        Entry::Run(_) | Entry::Reopen { .. } | Entry::Grade { .. } => 0,
    };
    known + 256
}

fn broken_off(error: &tokio::task::JoinError) -> StoreError {
    StoreError::Unavailable { place: "the store".to_owned(), reason: format!("the work was broken off: {error}") }
}

fn check_claim(desk: &Desk, id: &TrajectoryId, claim: &Claim, steps: &[Step]) -> Maybe<()> {
    if let Some(other) = steps.iter().filter_map(Step::attempt).find(|other| *other != id) {
        return Err(StoreError::invalid(format!("a claim on attempt {id} does not cover attempt {other}")).into());
    }
    match WorkRow::held_by(&desk.db, id, claim)? {
        Some(_) => Ok(()),
        None => Err(StoreError::ClaimLost { attempt: id.clone() }.into()),
    }
}

#[async_trait]
impl WorkQueue for Embedded {
    async fn plan(&self, run: &RunId, questions: &[Question], attempts: u32) -> Result<u64, StoreError> {
        let mut new = 0;
        let at_once = PLANNED_AT_ONCE / usize::try_from(attempts).unwrap_or(usize::MAX).max(1);
        for some in questions.chunks(at_once.max(1)) {
            let some = some.to_vec();
            let ready = tokio::task::spawn_blocking(move || some.iter().map(Plan::of).collect::<Result<Vec<_>, _>>());
            let plans = ready.await.unwrap_or_else(|error| Err(broken_off(&error)))?;
            let run = run.clone();
            new += self.writer.run(0, move |desk| queue::plan(&desk.db, &run, &plans, attempts)).await?;
        }
        Ok(new)
    }

    async fn claim(&self, run: &RunId, worker: &Worker, most: usize) -> Result<Vec<Claim>, StoreError> {
        let (run, worker) = (run.clone(), worker.clone());
        self.writer.run(0, move |desk| queue::claim(&desk.db, &run, &worker, most, &desk.workers)).await
    }

    async fn renew(&self, claims: &[Claim]) -> Result<Vec<Claim>, StoreError> {
        let claims = claims.to_vec();
        self.writer.run(0, move |desk| queue::renew(&desk.db, &claims, &desk.workers)).await
    }

    async fn release(&self, claims: &[Claim]) -> Result<(), StoreError> {
        let claims = claims.to_vec();
        self.writer.run(0, move |desk| queue::release(&desk.db, &claims)).await
    }

    async fn progress(&self, run: &RunId) -> Result<Progress, StoreError> {
        let run = run.clone();
        self.readers.run(move |db| queue::progress(db, &run)).await
    }

    async fn manifest(&self, run: &RunId) -> Result<Option<Manifest>, StoreError> {
        let run = run.clone();
        let read = move |db: &rusqlite::Connection| {
            question::manifest(db, &run)?.map(|manifest| manifest.read(db)).transpose()
        };
        self.readers.run(read).await
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
