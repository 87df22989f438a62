//! Runs that are killed at random points, alone and in pairs, become what they would have become.
//!
//! The test program starts itself again as the run that is killed: [`child`] does nothing unless it is told where.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::TryStreamExt;
use offseeker_agent_loop::context::{ContextPolicy, Part};
use offseeker_agent_loop::run::RunError;
use offseeker_agent_loop::{Agent, Desk, Halt, Run, Tools};
use offseeker_chat::{ChatError, ChatModel, ChatModelExt, Mode, Reply, Request, Scripted};
use offseeker_tools::{Function, Observation, Tool};
use offseeker_trajectory::{CallStatus, Message, Origin, Question, Role, RunId, StopReason, Trajectory};
use offseeker_trajectory_store::embedded::{Embedded, Options};
use offseeker_trajectory_store::{
    Claim, Entry, Filter, InMemory, Manifest, Progress, RunStore, StoreError, Stored, TrajectoryStore,
    TrajectoryStoreExt, WorkQueue, Worker,
};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;

const FOLDER: &str = "OFFSEEKER_TEST_FOLDER";

/// How often a run is killed, in all.
const KILLS: u32 = 120;

/// How often a run is killed whose lives have different clocks.
const KILLS_BY_OTHER_CLOCKS: u32 = 30;

const QUESTIONS: usize = 20;
const ATTEMPTS: u32 = 4;

/// The run that is killed, or comes to its end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    let Ok(folder) = env::var(FOLDER) else { return };
    let folder = PathBuf::from(folder);
    let log = Log::to(&folder.join("log"));
    let model = Logged { inner: script().recorded(folder.join("cassette"), Mode::ReplayStrict), log: log.clone() };
    let store = Arc::new(Embedded::open(folder.join("store"), &Options::default()).unwrap());
    let run = run(agent(Arc::new(model), log), store);
    let summary = run.attempt_all(futures::stream::iter(questions())).await.unwrap();
    assert_eq!(summary.progress.open(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_killed_becomes_what_it_would_have_become() {
    kill(KILLS, None).await;
}

/// Every life has a clock of its own, up to two days from that of others, at the same time too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_changes_nothing_of_that() {
    let places =
        ["x86_64-linux-gnu", "aarch64-linux-gnu"].map(|place| format!("/usr/lib/{place}/faketime/libfaketime.so.1"));
    match places.iter().find(|place| Path::new(place).exists()) {
        Some(library) => kill(KILLS_BY_OTHER_CLOCKS, Some(library)).await,
        None => println!("skipped: nothing sets the clock of a program; install the package `faketime`"),
    }
}

/// Kills runs at random points until they were killed so often. With a library that sets clocks, each life has its own.
async fn kill(times: u32, clocks: Option<&str>) {
    let folder = tempfile::tempdir().unwrap();
    let whole = uninterrupted(&folder.path().join("cassette")).await;
    assert_eq!(whole.len(), QUESTIONS * ATTEMPTS as usize);

    let mut random = StdRng::seed_from_u64(7);
    let (mut kills, mut runs, mut went_on) = (0, 0, 0);
    while kills < times {
        runs += 1;
        let store = folder.path().join("store");
        for entry in fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()) {
            match entry.file_name().unwrap().to_str().unwrap() {
                "cassette" => {}
                _ if entry.is_dir() => fs::remove_dir_all(entry).unwrap(),
                _ => fs::remove_file(entry).unwrap(),
            }
        }
        loop {
            let done = done(&store).await;
            went_on += usize::from(!done.is_empty());
            let mut lives: Vec<Child> = (0..random.random_range(1..=2))
                .map(|_| start(folder.path(), clocks, random.random_range(-86_400..=86_400)))
                .collect();
            let is_killed = live(&mut lives, Duration::from_millis(random.random_range(5..400)));
            let again: Vec<String> = asked(&folder.path().join("log")).intersection(&done).cloned().collect();
            assert!(again.is_empty(), "asked again though its answer was written down: {again:?}");
            kills += u32::from(is_killed);
            if !is_killed {
                break;
            }
        }
        let store = Embedded::open(&store, &Options::default()).unwrap();
        let found: BTreeMap<String, Value> = all(&store).await;
        assert_eq!(found.keys().collect::<Vec<_>>(), whole.keys().collect::<Vec<_>>());
        for (id, attempt) in &whole {
            assert_eq!(found[id], *attempt, "{id}");
        }
    }
    println!("{kills} kills in {runs} runs of {} attempts, {went_on} lives went on from what was there", whole.len());
}

/// Lets lives be, for so long; says whether they had to be killed.
fn live(lives: &mut [Child], long: Duration) -> bool {
    let step = Duration::from_millis(1);
    let mut left = long;
    while left > Duration::ZERO {
        if lives.iter_mut().all(|life| life.try_wait().unwrap().is_some_and(|status| status.success())) {
            return false;
        }
        std::thread::sleep(step);
        left = left.saturating_sub(step);
    }
    let mut is_killed = false;
    for life in lives {
        is_killed |= life.try_wait().unwrap().is_none();
        life.kill().unwrap();
        let status = life.wait().unwrap();
        assert!(status.success() || status.code().is_none(), "a run failed by itself: {status}");
    }
    is_killed
}

fn start(folder: &Path, clocks: Option<&str>, seconds: i64) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "child", "--nocapture"]).env(FOLDER, folder);
    if let Some(library) = clocks {
        let clock = [("LD_PRELOAD", library), ("FAKETIME_DONT_FAKE_MONOTONIC", "1"), ("DONT_FAKE_MONOTONIC", "1")];
        command.envs(clock).env("FAKETIME", format!("{seconds:+}"));
    }
    command.stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().unwrap()
}

/// What was asked in the lives that were last, and forgets it.
fn asked(log: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(log).unwrap_or_default();
    fs::write(log, "").unwrap();
    text.lines().map(str::to_owned).collect()
}

/// The requests and calls whose answers are written down. Each has a mark that nothing else has.
async fn done(store: &Path) -> BTreeSet<String> {
    if !store.exists() {
        return BTreeSet::new();
    }
    let store = Embedded::open(store, &Options::default()).unwrap();
    let ids: Vec<_> = store.scan(&Filter::default()).try_collect().await.unwrap();
    let mut done = BTreeSet::new();
    for Stored { trajectory, ahead } in store.read(&ids).await.unwrap() {
        for node in trajectory.nodes().iter().chain(ahead.values()) {
            let mark = node.message.content.split("mark ").nth(1).and_then(|rest| rest.split('.').next());
            let is_answer = match &node.origin {
                Origin::Sampled(_) => true,
                Origin::Observed(observed) => observed.status == CallStatus::Ok,
                _ => false,
            };
            done.extend(mark.filter(|_| is_answer).map(str::to_owned));
        }
    }
    done
}

async fn all(store: &dyn TrajectoryStore) -> BTreeMap<String, Value> {
    let attempts: Vec<Trajectory> = store.trajectories(&Filter::default()).try_collect().await.unwrap();
    attempts.iter().map(|attempt| (attempt.id.to_string(), timeless(attempt))).collect()
}

/// An attempt without what the clock had a part in.
fn timeless(attempt: &Trajectory) -> Value {
    fn forget(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.remove("at");
                fields.remove("elapsed_ms");
                fields.values_mut().for_each(forget);
            }
            Value::Array(items) => items.iter_mut().for_each(forget),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(attempt).unwrap();
    forget(&mut value);
    value
}

/// The run that nobody kills; what its model says is recorded.
async fn uninterrupted(cassette: &Path) -> BTreeMap<String, Value> {
    let store = Arc::new(InMemory::new());
    let log = Log::default();
    let model = Logged { inner: script().recorded(cassette, Mode::Record), log: log.clone() };
    run(agent(Arc::new(model), log), store.clone()).attempt_all(futures::stream::iter(questions())).await.unwrap();
    let found = all(&*store).await;
    let kinds: BTreeSet<&str> = found.values().map(|attempt| attempt["stop"]["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, BTreeSet::from(["answered", "forced_answer", "malformed"]), "there is some of everything");
    found
}

fn questions() -> Vec<Question> {
    (0..QUESTIONS).map(|number| Question::new(format!("Which river, {number}?"), ["the Orsa"])).collect()
}

fn run(agent: Agent, store: Arc<dyn RunStore>) -> Run {
    let manifest = agent.manifest("killed", 7).unwrap();
    Run::new(agent, store, manifest).attempting(ATTEMPTS).at_once(9)
}

fn agent(model: Arc<dyn ChatModel>, log: Log) -> Agent {
    let limits = offseeker_agent_loop::Limits { turns: 6, ..offseeker_agent_loop::Limits::default() };
    let tools = Tools::made_of(move || vec![Box::new(look(log.clone())) as Box<dyn Tool>]);
    Agent::new(model, tools).limited(limits).resampling(2).remembering(Shorten)
}

/// A tool whose calls end in another order than they begin.
fn look(log: Log) -> impl Tool {
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct Look {
        at: String,
    }
    Function::new("look", "Looks.", move |look: Look| {
        let log = log.clone();
        async move {
            log.note(&look.at);
            let wait = u64::from(look.at.bytes().fold(0_u8, u8::wrapping_add)) % 7;
            tokio::time::sleep(Duration::from_millis(wait)).await;
            Ok(Observation::ok(format!("It is the Orsa, says mark {}. {}", look.at, "And so on. ".repeat(30))))
        }
    })
}

/// A policy that asks for a summary of the first observation once there are three turns.
#[derive(Debug)]
struct Shorten;

#[async_trait]
impl ContextPolicy for Shorten {
    fn name(&self) -> &'static str {
        "shorten"
    }

    async fn rewrite(&self, desk: &mut Desk<'_, '_>) -> Result<Option<Vec<Part>>, Halt> {
        let path = desk.path();
        if desk.turns() != 3 {
            return Ok(None);
        }
        let observed =
            path.iter().find(|id| desk.node(**id).is_some_and(|node| matches!(node.origin, Origin::Observed(_))));
        let Some(observed) = observed.copied() else { return Ok(None) };
        let text = desk.node(observed).map(|node| node.message.content.clone()).unwrap_or_default();
        let summary = desk.ask("summary", vec![Message::user(format!("Summarise: {text}"))], None, None).await?;
        let part = |id| {
            if id == observed {
                Part::Put { message: Message::user(summary.clone()), of: vec![id] }
            } else {
                Part::Keep(id)
            }
        };
        Ok(Some(path.into_iter().map(part).collect()))
    }
}

/// What the model says: by the question, by the number of the turn, with a mark by the seed.
fn script() -> Scripted {
    Scripted::by(|request| {
        let seed = request.sampling.seed.unwrap();
        if request.messages.len() == 1 {
            return Ok(Reply::new(Message::assistant(format!("In short: mark {seed}. The Orsa."))));
        }
        let turns = request.messages.iter().filter(|message| message.role == Role::Assistant).count();
        let number: usize =
            request.messages[1].content.split(", ").nth(1).unwrap().trim_end_matches('?').parse().unwrap();
        let call = |at: usize| {
            format!("<tool_call>{{\"name\": \"look\", \"arguments\": {{\"at\": \"{seed}-{at}\"}}}}</tool_call>")
        };
        let thought = format!("<think>This is mark {seed}.</think>");
        let last = request.messages.last().unwrap();
        let text = match (number % 10, turns) {
            _ if last.content.contains("You have reached") => "<answer>the Orsa</answer>".to_owned(),
            (9, 2) => "<tool_call>nonsense".to_owned(),
            (1, 1) if !last.content.contains("could not be used") => "<think>and so".to_owned(),
            (2, _) | (_, 0..4) => call(0) + &call(1) + &call(2),
            _ => "<answer>the Orsa</answer>".to_owned(),
        };
        Ok(Reply::new(Message::assistant(thought + &text)))
    })
}

/// A file to which every request and every call is written before it is made. It outlives the process.
#[derive(Debug, Clone, Default)]
struct Log(Option<Arc<Mutex<File>>>);

impl Log {
    fn to(path: &Path) -> Self {
        Self(Some(Arc::new(Mutex::new(File::options().create(true).append(true).open(path).unwrap()))))
    }

    fn note(&self, what: &str) {
        if let Some(file) = &self.0 {
            file.lock().unwrap().write_all(format!("{what}\n").as_bytes()).unwrap();
        }
    }
}

#[derive(Debug)]
struct Logged<M> {
    inner: M,
    log: Log,
}

#[async_trait]
impl<M: ChatModel> ChatModel for Logged<M> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError> {
        self.log.note(&request.sampling.seed.unwrap().to_string());
        self.inner.reply(request).await
    }
}

/// A disk that is full from a write on, until there is room again.
#[derive(Debug)]
struct FullDisk {
    inner: Arc<InMemory>,
    room: Mutex<u32>,
}

#[async_trait]
impl TrajectoryStore for FullDisk {
    async fn write(&self, entries: Vec<Entry>, claim: Option<&Claim>) -> Result<(), StoreError> {
        {
            let mut room = self.room.lock().unwrap();
            *room = room.checked_sub(1).ok_or_else(|| StoreError::Full { place: "/full".to_owned() })?;
        }
        self.inner.write(entries, claim).await
    }

    async fn read(&self, ids: &[offseeker_trajectory::TrajectoryId]) -> Result<Vec<Stored>, StoreError> {
        self.inner.read(ids).await
    }

    fn scan(
        &self,
        filter: &Filter,
    ) -> futures::stream::BoxStream<'_, Result<offseeker_trajectory::TrajectoryId, StoreError>> {
        self.inner.scan(filter)
    }
}

#[async_trait]
impl WorkQueue for FullDisk {
    async fn plan(&self, run: &RunId, questions: &[Question], attempts: u32) -> Result<u64, StoreError> {
        self.inner.plan(run, questions, attempts).await
    }

    async fn claim(&self, run: &RunId, worker: &Worker, most: usize) -> Result<Vec<Claim>, StoreError> {
        self.inner.claim(run, worker, most).await
    }

    async fn renew(&self, claims: &[Claim]) -> Result<Vec<Claim>, StoreError> {
        self.inner.renew(claims).await
    }

    async fn release(&self, claims: &[Claim]) -> Result<(), StoreError> {
        self.inner.release(claims).await
    }

    async fn progress(&self, run: &RunId) -> Result<Progress, StoreError> {
        self.inner.progress(run).await
    }

    async fn manifest(&self, run: &RunId) -> Result<Option<Manifest>, StoreError> {
        self.inner.manifest(run).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_is_full_stops_the_run_and_loses_nothing() {
    let cassette = tempfile::tempdir().unwrap();
    let whole = uninterrupted(cassette.path()).await;
    let disk = Arc::new(FullDisk { inner: Arc::new(InMemory::new()), room: Mutex::new(3) });
    let work = || {
        let model = script().recorded(cassette.path(), Mode::ReplayStrict);
        run(agent(Arc::new(model), Log::default()), disk.clone())
    };
    let mut refusals = 0;
    loop {
        match work().attempt_all(futures::stream::iter(questions())).await {
            Ok(summary) => break assert_eq!(summary.progress.open(), 0),
            Err(error) => {
                assert!(matches!(&error, RunError::Store(StoreError::Full { .. })), "{error}");
                assert!(error.to_string().contains("Make room and go on"));
                refusals += 1;
                *disk.room.lock().unwrap() = 37;
            }
        }
    }
    assert!(refusals > 20, "{refusals}");
    assert_eq!(all(&*disk.inner).await, whole);
    let failed = whole.values().filter(|attempt| attempt["stop"]["kind"] == StopReason::Cancelled.kind());
    assert_eq!(failed.count(), 0);
}
