//! Claims attempts, makes them, and holds on to the claims meanwhile.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::{FutureExt, Stream, StreamExt, TryStreamExt};
use offseeker_trajectory::{Question, RunId, StopReason, TrajectoryId};
use offseeker_trajectory_store::{Claim, Entry, Filter, Progress, RunStore, StoreError, Stored, TrajectoryStoreExt};
use tokio::task::JoinSet;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

use super::{Event, Pace, Run, RunError, Summary};
use crate::{Journal, Made, Pause, Stop};

/// How often progress is told, and claims and stalls are looked after.
const TICK: Duration = Duration::from_secs(1);

/// How long to wait before looking again whether others left work behind.
const IDLE: Duration = Duration::from_millis(250);

/// The most questions that are planned in one write.
const PLANNED_AT_ONCE: usize = 256;

/// The work on a run in this program.
#[derive(Debug)]
pub(super) struct Work<'a> {
    run: &'a Run,
    /// Stops the attempts that are under way here.
    stop: Stop,
    id: RunId,
    tasks: JoinSet<(Claim, Result<Made, StoreError>)>,
    claims: HashMap<TrajectoryId, Claim>,
    /// Claims on attempts that have ended. They are given up so that one that is taken back can be made anew at once.
    done: Vec<Claim>,
    written: Arc<AtomicU64>,
    begun: Instant,
    /// When the claims were renewed last.
    renewed: Instant,
    /// How many steps were written down when it was looked last whether there are new ones, and since when.
    seen: (u64, Instant),
    /// Whether an attempt was stopped by somebody who stops nothing else.
    was_halted: bool,
    summary: Summary,
    /// Attempts on end that failed through no fault of their own.
    failures: u32,
    /// Why the run goes no further, once that is known.
    fault: Option<RunError>,
}

/// When to tell progress, and to look after claims and stalls.
fn ticks() -> Interval {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// A name that no other worker has.
pub(super) fn own_name() -> String {
    let nanos = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_nanos();
    format!("{}-{nanos:x}", std::process::id())
}

impl<'a> Work<'a> {
    pub(super) async fn begin(run: &'a Run) -> Result<Self, RunError> {
        let id = run.manifest.id()?;
        run.store.write(vec![Entry::Run(Box::new(run.manifest.clone()))], None).await?;
        if run.again {
            reopen(run, &id).await?;
        }
        Ok(Self {
            run,
            stop: Stop::default(),
            id,
            tasks: JoinSet::new(),
            claims: HashMap::new(),
            done: Vec::new(),
            written: Arc::default(),
            begun: Instant::now(),
            renewed: Instant::now(),
            seen: (0, Instant::now()),
            was_halted: false,
            summary: Summary::default(),
            failures: 0,
            fault: None,
        })
    }

    pub(super) async fn until_done(
        mut self,
        questions: impl Stream<Item = Question> + Send,
    ) -> Result<Summary, RunError> {
        let outcome = self.work(questions).await;
        // Whatever happened: what is under way is ended, and what is claimed is given up.
        let rest = self.wind_up(outcome.is_err()).await;
        outcome.and(rest)?;
        match self.fault.take() {
            Some(fault) => Err(fault),
            None => Ok(self.summary),
        }
    }

    async fn work(&mut self, questions: impl Stream<Item = Question> + Send) -> Result<(), RunError> {
        let mut questions = pin!(questions.ready_chunks(PLANNED_AT_ONCE).fuse());
        let mut tick = ticks();
        let mut has_work = true;
        while !self.is_over() {
            has_work = has_work && self.claim().await?;
            let may_wait = self.tasks.is_empty();
            if may_wait && questions.is_done() && !has_work && self.progress().await?.open() == 0 {
                return Ok(());
            }
            tokio::select! {
                () = self.run.stop.asked() => return Ok(()),
                Some(joined) = self.tasks.join_next() => {
                    self.ended(joined)?;
                    has_work = true;
                }
                Some(chunk) = questions.next(), if self.tasks.len() < self.run.at_once => {
                    let new = self.run.store.plan(&self.id, &chunk, self.run.attempts).await?;
                    self.tell(&Event::Planned { new });
                    has_work = true;
                }
                _ = tick.tick() => {
                    if let Some(stalled) = self.look_after().await? {
                        self.fault = Some(stalled);
                    }
                    has_work = true;
                }
                () = tokio::time::sleep(IDLE), if may_wait => has_work = true,
            }
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.fault.is_some() || self.was_halted || self.run.stop.is_asked()
    }

    /// Claims what there is room for, and says whether there was any.
    async fn claim(&mut self) -> Result<bool, RunError> {
        let room = self.run.at_once.saturating_sub(self.tasks.len());
        if room == 0 {
            return Ok(true);
        }
        let claims = self.run.store.claim(&self.id, &self.run.worker, room).await?;
        let found = !claims.is_empty();
        for claim in claims {
            self.start(claim);
        }
        Ok(found)
    }

    fn start(&mut self, claim: Claim) {
        let id = claim.id();
        self.claims.insert(id.clone(), claim.clone());
        let (researcher, stop, observer) = (self.run.researcher.clone(), self.stop.clone(), self.run.observer.clone());
        let (store, written) = (self.run.store.clone(), self.written.clone());
        self.tasks.spawn(async move {
            let stored = match store.find(&id).await {
                Ok(found) => found.unwrap_or_else(|| Stored::new(claim.begin())),
                Err(error) => return (claim, Err(error)),
            };
            observer(&Event::Begun { attempt: id.clone(), messages: stored.trajectory.nodes().len() });
            let journal = Journal::claimed(store.clone(), claim.clone()).counting(written);
            // A tool that panics is no reason to lose what is under way beside it.
            let made = match AssertUnwindSafe(researcher.go_on(stored, &journal, &stop)).catch_unwind().await {
                Ok(made) => Ok(made),
                Err(panic) => match crashed(&*store, &journal, &id).await {
                    Err(StoreError::NotFound { .. }) => resume_unwind(panic),
                    made => made,
                },
            };
            (claim, made)
        });
    }

    fn ended(
        &mut self,
        joined: Result<(Claim, Result<Made, StoreError>), tokio::task::JoinError>,
    ) -> Result<(), RunError> {
        let (claim, made) = joined.map_err(|error| RunError::Task { reason: error.to_string() })?;
        let id = claim.id();
        let Made { trajectory, rests } = made?;
        let usage = trajectory.usage();
        self.summary.usage += usage;
        match (trajectory.stop, rests) {
            (Some(stop), None) => {
                self.drop_claim(&id, &claim);
                self.done.push(claim);
                self.has_ended(&stop);
                self.tell(&Event::Ended { attempt: id, stop, usage });
            }
            (_, rests) => {
                let pause = rests.unwrap_or(Pause::Stopped);
                self.tell(&Event::Rested { attempt: id.clone(), reason: pause.to_string() });
                self.rested(&id, &claim, pause);
            }
        }
        Ok(())
    }

    fn has_ended(&mut self, stop: &StopReason) {
        *self.summary.ended.entry(stop.kind()).or_default() += 1;
        let reason = match stop {
            StopReason::ModelFailure { reason } | StopReason::ToolFailure { reason, .. } => reason.clone(),
            StopReason::Crashed => "a panic, which the program has written to its output".to_owned(),
            _ => {
                self.failures = 0;
                return;
            }
        };
        self.failures += 1;
        if self.failures >= self.run.most_failures && self.fault.is_none() {
            self.fault = Some(RunError::Failing { times: self.failures, reason });
        }
    }

    /// An attempt rests: alone where only its claim is lost, and with all others where nothing can be written or spent.
    fn rested(&mut self, id: &TrajectoryId, claim: &Claim, pause: Pause) {
        match pause {
            Pause::Store(StoreError::ClaimLost { .. }) => self.drop_claim(id, claim),
            Pause::Store(error) => self.fault = Some(error.into()),
            Pause::Budget { reason, .. } => self.fault = Some(RunError::Budget { reason }),
            Pause::Tools { reason } => self.fault = Some(RunError::Tools { reason }),
            Pause::Protocol(error) => self.fault = Some(error.into()),
            Pause::Stopped => self.was_halted = true,
        }
    }

    /// Holds on to a claim no more, unless the attempt was claimed anew here since.
    fn drop_claim(&mut self, id: &TrajectoryId, claim: &Claim) {
        if self.claims.get(id).is_some_and(|held| held.fence == claim.fence) {
            self.claims.remove(id);
        }
    }

    /// Tells how far the run is, holds on to the claims, and says when nothing has happened for too long.
    async fn look_after(&mut self) -> Result<Option<RunError>, RunError> {
        let progress = self.progress().await?;
        let pace = self.pace(progress);
        self.tell(&Event::Progress(pace));
        if !self.done.is_empty() {
            self.run.store.release(&std::mem::take(&mut self.done)).await?;
        }
        if self.renewed.elapsed() >= self.run.worker.lease / 3 {
            self.renewed = Instant::now();
            let claims: Vec<Claim> = self.claims.values().cloned().collect();
            // Who has lost a claim finds out when it writes.
            self.run.store.renew(&claims).await?;
        }
        if self.seen.0 != pace.steps || self.tasks.is_empty() {
            self.seen = (pace.steps, Instant::now());
        }
        let is_stalled = self.seen.1.elapsed() >= self.run.stall;
        Ok(is_stalled.then(|| RunError::Stalled { after: self.run.stall, in_flight: self.tasks.len() }))
    }

    async fn progress(&mut self) -> Result<Progress, RunError> {
        self.summary.progress = self.run.store.progress(&self.id).await?;
        Ok(self.summary.progress)
    }

    fn pace(&self, progress: Progress) -> Pace {
        Pace {
            progress,
            in_flight: self.tasks.len(),
            steps: self.written.load(Ordering::Relaxed),
            elapsed: self.begun.elapsed(),
            ended_here: self.summary.ended.values().sum(),
        }
    }

    fn tell(&self, event: &Event) {
        (self.run.observer)(event);
    }

    /// Ends what is under way, and gives up what is claimed, so that it can be gone on with at once.
    async fn wind_up(&mut self, failed: bool) -> Result<(), RunError> {
        if failed || matches!(self.fault, Some(RunError::Stalled { .. } | RunError::Store(_))) {
            self.tasks.abort_all();
        }
        let was_asked = self.was_halted || self.run.stop.is_asked();
        self.stop.ask();
        let outcome = self.see_out().await;
        let mut claims = std::mem::take(&mut self.done);
        claims.extend(self.claims.drain().map(|(_, claim)| claim));
        let released = self.run.store.release(&claims).await;
        outcome.and(released.map_err(RunError::from))?;
        let progress = self.progress().await?;
        self.summary.was_stopped = was_asked && progress.open() > 0;
        let pace = self.pace(progress);
        self.tell(&Event::Progress(pace));
        Ok(())
    }

    /// Waits for what is under way, and holds on to it meanwhile: what the first one says that went wrong.
    async fn see_out(&mut self) -> Result<(), RunError> {
        let mut outcome = Ok(());
        let mut tick = ticks();
        let mut may_wait = true;
        while !self.tasks.is_empty() {
            tokio::select! {
                Some(joined) = self.tasks.join_next() => match joined {
                    Err(error) if error.is_cancelled() => {}
                    joined => outcome = outcome.and(self.ended(joined)),
                },
                () = self.run.stop.now(), if may_wait => {
                    may_wait = false;
                    self.stop.ask();
                }
                _ = tick.tick() => match self.look_after().await {
                    Ok(None) => {}
                    Ok(Some(stalled)) => {
                        self.tasks.abort_all();
                        outcome = outcome.and(Err(stalled));
                    }
                    Err(error) => outcome = outcome.and(Err(error)),
                },
            }
        }
        outcome
    }
}

/// Ends an attempt in which something panicked.
async fn crashed(store: &dyn RunStore, journal: &Journal, id: &TrajectoryId) -> Result<Made, StoreError> {
    let end = Entry::End { attempt: id.clone(), stop: StopReason::Crashed, answer: None };
    journal.write(vec![end]).await?;
    Ok(Made { trajectory: store.get(id).await?.trajectory, rests: None })
}

/// Takes back the ends of attempts that were no fault of their own.
async fn reopen(run: &Run, id: &RunId) -> Result<(), RunError> {
    for stop in ["model_failure", "tool_failure", "store_failure", "cancelled", "crashed"] {
        let filter = Filter { stop: Some(stop.to_owned()), ..Filter::of_run(id.clone()) };
        let failed: Vec<TrajectoryId> = run.store.scan(&filter).try_collect().await?;
        let entries = failed.into_iter().map(|attempt| Entry::Reopen { attempt });
        run.store.write(entries.collect(), None).await?;
    }
    Ok(())
}
