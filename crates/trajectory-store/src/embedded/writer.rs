//! The one thread that writes: all writes that wait go into one transaction, and share one flush to the disk.

use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};
use tokio::sync::{mpsc, oneshot};

use super::fault::{Fault, Maybe};
use super::opening::io_error;
use super::workers::Workers;
use crate::StoreError;

/// Writes that may wait for their turn before further ones wait to be let in.
const WAITING: usize = 1024;

/// Writes that go into one transaction at most.
const TOGETHER: usize = 1024;

/// Bytes after which a transaction takes no further writes.
const HEAVY: usize = 16 << 20;

/// Between two looks whether another process has finished its transaction.
const PAUSE: Duration = Duration::from_micros(300);

/// What a write has at hand.
pub(super) struct Desk {
    pub(super) db: Connection,
    pub(super) path: PathBuf,
    pub(super) workers: Workers,
    /// How long it is waited for another process.
    pub(super) patience: Duration,
}

/// The thread that writes.
#[derive(Debug)]
pub(super) struct Writer {
    path: PathBuf,
    tasks: Option<mpsc::Sender<Box<dyn Task>>>,
    thread: Option<JoinHandle<()>>,
}

/// A write that waits for its turn.
trait Task: Send {
    fn weight(&self) -> usize;
    /// Writes, inside a transaction that others share. It is called again where that transaction fails.
    fn run(&mut self, desk: &Desk) -> Maybe<()>;
    /// Tells the one who asked; `Ok` once it is on the disk.
    fn answer(self: Box<Self>, outcome: Result<(), StoreError>);
}

struct Asked<T, W> {
    work: W,
    weight: usize,
    done: Option<T>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T: Send, W: FnMut(&Desk) -> Maybe<T> + Send> Task for Asked<T, W> {
    fn weight(&self) -> usize {
        self.weight
    }

    fn run(&mut self, desk: &Desk) -> Maybe<()> {
        self.done = Some((self.work)(desk)?);
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<(), StoreError>) {
        let Self { done, reply, .. } = *self;
        // Nobody may be waiting any more; it is written all the same.
        let _ = reply.send(outcome.map(|()| done.expect("a write that came through was run")));
    }
}

impl Writer {
    pub(super) fn start(desk: Desk) -> Result<Self, StoreError> {
        let path = desk.path.clone();
        let (tasks, waiting) = mpsc::channel(WAITING);
        let thread = std::thread::Builder::new()
            .name("trajectory-store".to_owned())
            .spawn(move || write_all(&desk, waiting))
            .map_err(|error| io_error(&path, &error))?;
        Ok(Self { path, tasks: Some(tasks), thread: Some(thread) })
    }

    /// Writes something that weighs so many bytes; it is on the disk when this returns.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        weight: usize,
        work: impl FnMut(&Desk) -> Maybe<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let gone = || StoreError::Unavailable {
            place: self.path.display().to_string(),
            reason: "the thread that writes has ended; open the store again".to_owned(),
        };
        let (reply, answer) = oneshot::channel();
        let task = Box::new(Asked { work, weight, done: None, reply });
        let tasks = self.tasks.as_ref().ok_or_else(gone)?;
        tasks.send(task).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Without senders the thread ends when nothing waits any more.
        self.tasks = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn write_all(desk: &Desk, mut waiting: mpsc::Receiver<Box<dyn Task>>) {
    while let Some(first) = waiting.blocking_recv() {
        let mut weight = first.weight();
        let mut tasks = vec![first];
        while weight < HEAVY && tasks.len() < TOGETHER {
            let Ok(task) = waiting.try_recv() else { break };
            weight += task.weight();
            tasks.push(task);
        }
        write_together(desk, tasks);
    }
}

/// Writes all in one transaction; where that cannot be had or fails as a whole, each in one of its own.
fn write_together(desk: &Desk, mut tasks: Vec<Box<dyn Task>>) {
    let outcomes = match transaction(desk, &mut tasks) {
        Ok(outcomes) => outcomes,
        Err(fault) if tasks.len() == 1 || is_busy(&fault) => {
            let error = fault.at(&desk.path);
            tasks.iter().map(|_| Err(again(&error))).collect()
        }
        Err(_) => tasks.iter_mut().map(|task| alone(desk, task)).collect(),
    };
    for (task, outcome) in tasks.into_iter().zip(outcomes) {
        task.answer(outcome);
    }
}

type Outcome = Result<(), StoreError>;

fn alone(desk: &Desk, task: &mut Box<dyn Task>) -> Outcome {
    match transaction(desk, std::slice::from_mut(task)) {
        Ok(mut outcomes) => outcomes.pop().expect("one outcome for one write"),
        Err(fault) => Err(fault.at(&desk.path)),
    }
}

/// What came of each write, or why the transaction failed as a whole.
fn transaction(desk: &Desk, tasks: &mut [Box<dyn Task>]) -> Maybe<Vec<Outcome>> {
    begin(desk)?;
    let written = tasks.iter_mut().map(|task| one(desk, task.as_mut())).collect::<Maybe<Vec<_>>>();
    let committed = written.and_then(|outcomes| {
        desk.db.prepare_cached("COMMIT")?.execute([])?;
        Ok(outcomes)
    });
    if committed.is_err() && !desk.db.is_autocommit() {
        // It fails where the transaction has ended meanwhile, which is what is wanted.
        let _ = desk.db.execute_batch("ROLLBACK");
    }
    committed
}

/// One write, which leaves no trace in the transaction if it fails.
fn one(desk: &Desk, task: &mut dyn Task) -> Maybe<Outcome> {
    desk.db.prepare_cached("SAVEPOINT one")?.execute([])?;
    let outcome = task.run(desk);
    if desk.db.is_autocommit() {
        // SQLite has rolled back everything: the disk is full, or the file is broken.
        return Err(outcome.err().unwrap_or_else(|| Fault::damage("a transaction ended by itself")));
    }
    if outcome.is_err() {
        desk.db.prepare_cached("ROLLBACK TO one")?.execute([])?;
    }
    desk.db.prepare_cached("RELEASE one")?.execute([])?;
    Ok(outcome.map_err(|fault| fault.at(&desk.path)))
}

/// Begins a transaction, after those of other processes.
fn begin(desk: &Desk) -> Maybe<()> {
    let deadline = Instant::now() + desk.patience;
    loop {
        match desk.db.prepare_cached("BEGIN IMMEDIATE")?.execute([]) {
            Err(error) if is_busy_error(&error) && Instant::now() < deadline => std::thread::sleep(PAUSE),
            begun => return Ok(begun.map(|_| ())?),
        }
    }
}

fn is_busy(fault: &Fault) -> bool {
    matches!(fault, Fault::Sql(error) if is_busy_error(error))
}

fn is_busy_error(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// The same error for another one who asked.
fn again(error: &StoreError) -> StoreError {
    match error {
        StoreError::Unavailable { place, reason } => {
            StoreError::Unavailable { place: place.clone(), reason: reason.clone() }
        }
        StoreError::Full { place } => StoreError::Full { place: place.clone() },
        StoreError::Damaged { path, what } => StoreError::Damaged { path: path.clone(), what: what.clone() },
        StoreError::Io { place, reason } => StoreError::Io { place: place.clone(), reason: reason.clone() },
        other => StoreError::Io { place: "the store".to_owned(), reason: other.to_string() },
    }
}
