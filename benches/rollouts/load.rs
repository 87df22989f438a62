//! Makes attempts, and what is measured of that.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use futures::StreamExt;
use offseeker::agent_loop::{Agent, Journal, Protocol, Run, Stop, Tools};
use offseeker::chat::{OpenAi, Options};
use offseeker::trajectory::{Question, StopReason, Trajectory};
use offseeker::trajectory_store::embedded::{self, Embedded};
use offseeker::trajectory_store::{InMemory, RunStore, Stored};
use serde::{Deserialize, Serialize};

use crate::cpu::cpu_seconds;
use crate::memory::memory;
use crate::world::{AtOnce, LookUp, STEPS, text};

/// Where attempts are kept while they are made.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Keep {
    Nowhere,
    Memory,
    File,
}

impl Keep {
    pub(crate) const ALL: [Self; 3] = [Self::Nowhere, Self::Memory, Self::File];

    pub(crate) fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|keep| keep.name() == name).expect("nowhere, memory or file")
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nowhere => "nowhere",
            Self::Memory => "memory",
            Self::File => "file",
        }
    }

    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Self::Nowhere => "nowhere: the loop alone",
            Self::Memory => "a run, in memory",
            Self::File => "a run, in a file, each step synced",
        }
    }
}

/// What was measured.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Measured {
    pub(crate) steps: usize,
    pub(crate) seconds: f64,
    pub(crate) steps_per_second: f64,
    pub(crate) steps_per_cpu_second: f64,
    pub(crate) cpu_us_per_step: f64,
    /// Memory at its most over that before, for each attempt in flight.
    pub(crate) bytes_in_flight: f64,
    pub(crate) peak_rss_mb: f64,
    pub(crate) stored_bytes_per_step: f64,
}

/// Makes attempts with a model in this process.
pub(crate) fn make(keep: Keep, attempts: usize, at_once: usize) -> Measured {
    let agent = Agent::new(Arc::new(AtOnce), tools());
    let folder = folder();
    match keep {
        Keep::Nowhere => measured(attempts, at_once, None, make_alone(agent, attempts, at_once)),
        Keep::Memory => measured(attempts, at_once, None, run(agent, Arc::new(InMemory::new()), attempts, at_once)),
        Keep::File => {
            let store = open(folder.path());
            measured(attempts, at_once, Some(folder.path()), run(agent, Arc::new(store), attempts, at_once))
        }
    }
}

/// Makes attempts with a model behind a server, and keeps them in a file.
pub(crate) fn ask(base: &str, attempts: usize, at_once: usize) -> Measured {
    let model = OpenAi::new(base, "made", None, Options { stream: false, ..Options::default() });
    let native = Protocol::shipped("native").expect("it is shipped");
    let agent = Agent::new(Arc::new(model.expect("the URL is good")), tools()).speaking(native);
    let folder = folder();
    let store = open(folder.path());
    measured(attempts, at_once, Some(folder.path()), run(agent, Arc::new(store), attempts, at_once))
}

fn tools() -> Tools {
    Tools::made_of(|| vec![Box::new(LookUp) as _])
}

/// A folder on the disk that the program was built on: what keeps temporary files may be no disk.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder can be made")
}

fn open(folder: &Path) -> Embedded {
    Embedded::open(folder.join("attempts.db"), &embedded::Options::default()).expect("a store can be made")
}

fn questions(attempts: usize) -> impl Iterator<Item = Question> {
    (0..attempts).map(|number| Question::new(format!("Which river does mill {number} stand on?"), ["the Orsa"]))
}

async fn make_alone(agent: Agent, attempts: usize, at_once: usize) {
    let make = |question| {
        let agent = agent.clone();
        tokio::spawn(async move {
            let beginning = Stored::new(Trajectory::new(question, 0));
            agent.go_on(beginning, &Journal::none(), &Stop::default()).await.trajectory
        })
    };
    let made = futures::stream::iter(questions(attempts)).map(make).buffer_unordered(at_once);
    let answered = made.filter(|made| {
        let trajectory = made.as_ref().expect("an attempt does not panic");
        let whole = trajectory.stop == Some(StopReason::Answered) && trajectory.nodes().len() == 2 * STEPS + 1;
        std::future::ready(whole)
    });
    assert_eq!(answered.count().await, attempts, "all attempts are answered");
}

async fn run(agent: Agent, store: Arc<dyn RunStore>, attempts: usize, at_once: usize) {
    let manifest = agent.manifest("rollouts", 42).expect("the tools can be made");
    let run = Run::new(agent, store, manifest).at_once(at_once);
    let summary = run.attempt_all(futures::stream::iter(questions(attempts))).await.expect("the run goes through");
    assert_eq!(summary.ended.get("answered").copied(), Some(attempts as u64), "all attempts are answered: {summary:?}");
    assert_eq!(summary.usage.requests, (attempts * STEPS) as u64);
}

fn measured(attempts: usize, at_once: usize, stored: Option<&Path>, work: impl Future<Output = ()>) -> Measured {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime can be made");
    // Made before the clock runs.
    assert!(text(0, 8).len() >= 2_000);
    let (resident, cpu, begun) = (memory("VmRSS"), cpu_seconds(), Instant::now());
    runtime.block_on(work);
    let (seconds, cpu, peak) = (begun.elapsed().as_secs_f64(), cpu_seconds() - cpu, memory("VmHWM"));
    let steps = attempts * STEPS;
    Measured {
        steps,
        seconds,
        steps_per_second: steps as f64 / seconds,
        steps_per_cpu_second: steps as f64 / cpu,
        cpu_us_per_step: cpu * 1e6 / steps as f64,
        bytes_in_flight: (peak - resident) / at_once.min(attempts) as f64,
        peak_rss_mb: peak / (1 << 20) as f64,
        stored_bytes_per_step: stored.map_or(0.0, |folder| size(&folder.join("attempts.db"))) / steps as f64,
    }
}

fn size(path: &Path) -> f64 {
    std::fs::metadata(path).map_or(0.0, |known| known.len() as f64)
}
