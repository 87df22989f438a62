//! Many attempts at many questions, made side by side and taken up again where they stopped.

mod event;
mod pace;
mod worker;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::Stream;
use offseeker_trajectory::{Question, TrajectoryError, Usage};
use offseeker_trajectory_store::{Manifest, Progress, RunStore, StoreError, Worker};

pub use event::Event;
pub use pace::Pace;

use crate::{ProtocolError, Researcher, Stop};
use worker::Work;

/// Many attempts at many questions, made side by side.
///
/// Which attempts are to be made is planned in the store, and each is claimed before it is made. So a run goes on where
/// it stopped when it is run again, and several programs on one store share its work. Questions are taken as there is
/// room, 256 at a time at most; of those that were taken, first attempts come before second ones.
///
/// ```
/// use std::sync::Arc;
///
/// use offseeker_agent_loop::{Agent, Run, Tools};
/// use offseeker_chat::{Reply, Scripted};
/// use offseeker_trajectory::{Message, Question};
/// use offseeker_trajectory_store::InMemory;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let model = Scripted::by(|_| Ok(Reply::new(Message::assistant("<answer>the Orsa</answer>"))));
/// let agent = Agent::new(Arc::new(model), Tools::none());
/// let manifest = agent.manifest("first try", 42)?;
///
/// let questions = ["Which river does the Karlin mill stand on?", "Which river is the longest?"];
/// let questions = questions.map(|text| Question::new(text, ["the Orsa"]));
/// let run = Run::new(agent, Arc::new(InMemory::new()), manifest).attempting(4);
/// let summary = run.attempt_all(futures::stream::iter(questions)).await?;
/// assert_eq!(summary.progress.ended, 8);
/// # Ok(())
/// # }
/// ```
pub struct Run {
    researcher: Arc<dyn Researcher>,
    store: Arc<dyn RunStore>,
    manifest: Manifest,
    attempts: u32,
    at_once: usize,
    worker: Worker,
    stall: Duration,
    most_failures: u32,
    again: bool,
    stop: Stop,
    observer: Arc<dyn Fn(&Event) + Send + Sync>,
}

/// What became of a run, so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// How far the run is, what others did included.
    pub progress: Progress,
    /// The attempts that ended here, by the kind of their stop reason.
    pub ended: std::collections::BTreeMap<&'static str, u64>,
    /// What the attempts that ended or rested here cost, over all lives of the program.
    pub usage: Usage,
    /// Whether somebody asked it to stop before it was done.
    pub was_stopped: bool,
}

/// Why a run cannot go on. What was made is kept; run again, it goes on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The store cannot do what it was asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The manifest has no name.
    #[error("the manifest cannot be hashed: {0}")]
    Manifest(#[from] TrajectoryError),
    /// What may be spent is spent.
    #[error("{reason}; raise the budget and run again to go on")]
    Budget {
        /// What was spent.
        reason: String,
    },
    /// The tools cannot be made.
    #[error("the tools cannot be made: {reason}")]
    Tools {
        /// What went wrong.
        reason: String,
    },
    /// Nobody knows how to read what the model writes.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
    /// One attempt after the other failed through no fault of its own.
    #[error("{times} attempts on end failed, the last with: {reason}; mend that, and run again to make them anew")]
    Failing {
        /// How many.
        times: u32,
        /// What the last one says.
        reason: String,
    },
    /// Nothing happened for too long.
    #[error("nothing was written for {} s by {in_flight} attempts under way; run again to go on", after.as_secs())]
    Stalled {
        /// For how long.
        after: Duration,
        /// How many attempts were under way.
        in_flight: usize,
    },
    /// An attempt came to an end that is none.
    #[error("a task of the run failed: {reason}")]
    Task {
        /// What it said.
        reason: String,
    },
}

impl Run {
    /// One attempt at each question by an agent or several that work together, 64 at once, by this process.
    pub fn new(researcher: impl Researcher + 'static, store: Arc<dyn RunStore>, manifest: Manifest) -> Self {
        Self {
            researcher: Arc::new(researcher).or_seeded(manifest.seed),
            store,
            manifest,
            attempts: 1,
            at_once: 64,
            worker: Worker::new(worker::own_name()),
            stall: Duration::from_secs(30 * 60),
            most_failures: 50,
            again: false,
            stop: Stop::default(),
            observer: Arc::new(|_| {}),
        }
    }

    /// Makes so many attempts at each question; one, at least.
    #[must_use]
    pub fn attempting(self, attempts: u32) -> Self {
        Self { attempts: attempts.max(1), ..self }
    }

    /// Makes so many attempts at once.
    #[must_use]
    pub fn at_once(self, at_once: usize) -> Self {
        Self { at_once: at_once.max(1), ..self }
    }

    /// Works under this name.
    #[must_use]
    pub fn working_as(self, worker: Worker) -> Self {
        Self { worker, ..self }
    }

    /// Gives up when nothing was written for so long.
    #[must_use]
    pub fn stalling_after(self, stall: Duration) -> Self {
        Self { stall, ..self }
    }

    /// Gives up when so many attempts on end failed through no fault of their own.
    #[must_use]
    pub fn failing_after(self, times: u32) -> Self {
        Self { most_failures: times.max(1), ..self }
    }

    /// Makes attempts anew that had failed through no fault of their own.
    #[must_use]
    pub fn mending_failures(self) -> Self {
        Self { again: true, ..self }
    }

    /// Stops when this is asked to.
    #[must_use]
    pub fn stopped_by(self, stop: Stop) -> Self {
        Self { stop, ..self }
    }

    /// Tells somebody what happens.
    #[must_use]
    pub fn telling(self, observer: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        Self { observer: Arc::new(observer), ..self }
    }

    /// Attempts all questions, and what was left of earlier ones. Questions are taken as there is room for them.
    ///
    /// # Errors
    ///
    /// When the run cannot go on. Everything that was made is in the store.
    pub async fn attempt_all(&self, questions: impl Stream<Item = Question> + Send) -> Result<Summary, RunError> {
        Work::begin(self).await?.until_done(questions).await
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").field("manifest", &self.manifest).field("store", &self.store).finish_non_exhaustive()
    }
}
