//! A store in a file holds when several processes share it, when they are killed, and when the disk refuses.
//!
//! The test program starts itself again as the other process: [`child`] does nothing unless it is told its part.

#![cfg(all(feature = "embedded", unix))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use futures::TryStreamExt;
use futures::future::join_all;
use offseeker_trajectory::{Message, Node, NodeId, Question, RunId, StopReason, Trajectory, TrajectoryId};
use offseeker_trajectory_store::embedded::{Embedded, Options};
use offseeker_trajectory_store::{Entry, Filter, StoreError, TrajectoryStore, TrajectoryStoreExt, WorkQueue, Worker};

const PART: &str = "OFFSEEKER_TEST_PART";
const STORE: &str = "OFFSEEKER_TEST_STORE";
const FIRST: &str = "OFFSEEKER_TEST_FIRST";

/// Writers that are killed.
const KILLED: u32 = 50;

/// Attempts that a writer makes at once.
const LANES: u32 = 8;

/// Attempts by which the writers are apart, so that each makes attempts of its own.
const STRIDE: u32 = 1_000_000;

/// Messages after which an attempt ends.
const MESSAGES: u32 = 12;

/// Planned attempts.
const PLANNED: u32 = 20;

/// The other process.
#[tokio::test(flavor = "multi_thread")]
async fn child() {
    let Ok(part) = env::var(PART) else { return };
    let path = PathBuf::from(env::var(STORE).unwrap());
    let first: u32 = env::var(FIRST).unwrap().parse().unwrap();
    match part.as_str() {
        "write" => write_for_ever(&open(&path), first).await,
        "some" => {
            let store = open(&path);
            join_all((0..LANES / 2).map(|lane| write_attempt(&store, first + lane))).await;
            while !read_mark(&path).exists() {
                std::thread::sleep(Duration::from_millis(1));
            }
            join_all((LANES / 2..LANES).map(|lane| write_attempt(&store, first + lane))).await;
            say("finished");
        }
        "claim" => claim_and_hang(&open(&path)).await,
        "refused" => refused(&path),
        "limited" => limited(&open(&path)).await,
        _ => panic!("there is no part {part}"),
    }
}

/// The file that says that the store has been read while it was written.
fn read_mark(store: &Path) -> PathBuf {
    store.with_extension("read")
}

fn open(path: &Path) -> Embedded {
    Embedded::open(path, &Options::default()).unwrap()
}

/// Says it at once: the output of a test is kept back otherwise.
fn say(line: &str) {
    // A line of its own, wherever the test harness stands.
    println!("\n{line}");
    std::io::stdout().flush().unwrap();
}

fn beginning(number: u32) -> Trajectory {
    Trajectory::new(Question::new("Which river does the Karlin mill stand on?", ["the Orsa"]), number)
}

/// A message that says which it is, in a text that other attempts have too and one that no other has.
fn message(number: u32, place: u32) -> Vec<Entry> {
    let text = if place.is_multiple_of(3) {
        format!("page {place} ").repeat(200)
    } else {
        format!("{number}/{place} {}", blake3::hash(&[number, place].map(u32::to_le_bytes).concat()).to_hex().repeat(9))
    };
    let node = Box::new(Node::given(place.checked_sub(1).map(NodeId::new), Message::user(text)));
    vec![Entry::Node { attempt: beginning(number).id, place: NodeId::new(place), node }]
}

async fn write_attempt(store: &Embedded, number: u32) {
    let beginning = beginning(number);
    let id = beginning.id.clone();
    // What is written together is there together.
    let mut entries = vec![Entry::Begin(Box::new(beginning))];
    entries.extend(message(number, 0));
    entries.extend(message(number, 1));
    store.write(entries, None).await.unwrap();
    say(&format!("done {number} 2"));
    for place in 2..MESSAGES {
        store.write(message(number, place), None).await.unwrap();
        say(&format!("done {number} {}", place + 1));
    }
    let end = Entry::End { attempt: id, stop: StopReason::Answered, answer: Some(number.to_string()) };
    store.write(vec![end], None).await.unwrap();
    say(&format!("done {number} {}", MESSAGES + 1));
}

async fn write_for_ever(store: &Embedded, first: u32) {
    let store = &store;
    join_all((0..LANES).map(async |lane| {
        for number in (first + lane..).step_by(LANES as usize) {
            write_attempt(store, number).await;
        }
    }))
    .await;
}

fn run() -> RunId {
    RunId::new("shared")
}

async fn claim_and_hang(store: &Embedded) {
    let worker = Worker { lease: Duration::from_secs(1_000_000), ..Worker::new("hangs") };
    let claims = store.claim(&run(), &worker, PLANNED as usize / 2).await.unwrap();
    say(&format!("done {} 0", claims.len()));
    std::future::pending::<()>().await;
}

fn refused(path: &Path) {
    match Embedded::open(path, &Options::default()) {
        Err(error @ StoreError::Io { .. }) => say(&format!("refused {error}")),
        other => say(&format!("another outcome: {other:?}")),
    }
}

/// Writes until the system refuses.
async fn limited(store: &Embedded) {
    for place in 0.. {
        let text = (0..2000_u32).map(|part| blake3::hash(&[place, part].map(u32::to_le_bytes).concat()).to_hex());
        let text: String = text.map(|hash| hash.to_string()).collect();
        let attempt = beginning(0);
        let node = Box::new(Node::given(None, Message::user(text)));
        let node = Entry::Node { attempt: attempt.id.clone(), place: NodeId::new(place), node };
        match store.write(vec![Entry::Begin(Box::new(attempt)), node], None).await {
            Ok(()) => say(&format!("done 0 {}", place + 1)),
            Err(error @ (StoreError::Io { .. } | StoreError::Full { .. })) => {
                say(&format!("refused {error}"));
                // What is there can still be read.
                let found = store.get(&beginning(0).id).await.unwrap();
                say(&format!("read {}", found.trajectory.nodes().len()));
                return;
            }
            Err(error) => panic!("{error:?}"),
        }
    }
}

/// Starts the other process, and gives what it says.
fn start(part: &str, store: &Path, first: u32) -> Process {
    let mut command = Command::new(env::current_exe().unwrap());
    spawn(command.args(["--exact", "child", "--nocapture", "--test-threads", "1"]), part, store, first)
}

fn spawn(command: &mut Command, part: &str, store: &Path, first: u32) -> Process {
    let command = command.env(PART, part).env(STORE, store).env(FIRST, first.to_string());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap());
    Process { child, lines }
}

struct Process {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Process {
    /// The next line that means something.
    fn next(&mut self) -> Option<String> {
        let mut line = String::new();
        while self.lines.read_line(&mut line).unwrap() > 0 {
            if ["done ", "refused ", "read ", "finished"].iter().any(|start| line.starts_with(start)) {
                return Some(line.trim_end().to_owned());
            }
            assert!(!line.starts_with("another"), "{line}");
            line.clear();
        }
        None
    }

    /// The rest of what it says.
    fn rest(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.next()).collect()
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// How much of each attempt was acknowledged: its messages, and its end counted as one more.
type Acknowledged = BTreeMap<u32, u32>;

fn note(acknowledged: &mut Acknowledged, lines: &[String]) {
    for line in lines {
        let Some((number, count)) = line.strip_prefix("done ").and_then(|rest| rest.split_once(' ')) else { continue };
        acknowledged.insert(number.parse().unwrap(), count.parse().unwrap());
    }
}

/// Everything that was acknowledged is there, and of what was not, there is all or nothing.
async fn check(path: &Path, acknowledged: &Acknowledged) {
    let store = open(path);
    for (number, count) in acknowledged {
        let found = store.get(&beginning(*number).id).await.unwrap().trajectory;
        let there = found.nodes().len() + usize::from(found.stop.is_some());
        assert!(there >= *count as usize, "attempt {number} has {there} of {count}");
    }
    let ids: Vec<TrajectoryId> = store.scan(&Filter::default()).try_collect().await.unwrap();
    for found in store.read(&ids).await.unwrap() {
        let (number, nodes) = (found.trajectory.attempt, found.trajectory.nodes());
        assert!(nodes.len() >= 2 && found.ahead.is_empty(), "half of a write is there");
        for (place, node) in (0..).zip(nodes) {
            let Entry::Node { node: expected, .. } = message(number, place).remove(0) else { unreachable!() };
            assert_eq!(*node, *expected);
        }
        assert!(found.trajectory.stop.is_none() || nodes.len() == MESSAGES as usize);
    }
}

#[tokio::test]
async fn what_was_acknowledged_outlives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let (mut acknowledged, mut state, mut writes) = (Acknowledged::new(), 88_172_645_463_325_252_u64, 0);
    for kill in 0..KILLED {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let mut writer = start("write", &path, kill * STRIDE);
        let mut lines = Vec::new();
        // Some are killed before they have written, the others after so many writes and a moment more.
        if kill % 10 != 0 {
            lines.extend((0..=state >> 20 & 63).map(|_| writer.next().expect("it writes until it is killed")));
        }
        std::thread::sleep(Duration::from_micros(state % 30_000));
        writer.kill();
        lines.extend(writer.rest());
        writes += lines.len();
        note(&mut acknowledged, &lines);
        check(&path, &acknowledged).await;
    }
    println!("{KILLED} writers were killed, {writes} writes acknowledged");
    assert!(writes > 1000, "only {writes} writes were acknowledged");
    let verified = Embedded::verify(&path, |_| {}).unwrap();
    assert!(verified.is_whole(), "{verified:?}");
}

#[tokio::test]
async fn two_processes_write_and_a_third_reads_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let mut writers = [start("some", &path, 0), start("some", &path, STRIDE)];
    let store = open(&path);
    let (mut reads, mut most) = (0, 0);
    while writers.iter_mut().any(|writer| writer.child.try_wait().unwrap().is_none()) {
        let ids: Vec<TrajectoryId> = store.scan(&Filter::default()).try_collect().await.unwrap();
        let found = store.read(&ids).await.unwrap();
        let messages: usize = found.iter().map(|found| found.trajectory.nodes().len()).sum();
        assert!(messages >= most, "{messages} messages after {most}");
        if reads == 0 {
            fs::write(read_mark(&path), "").unwrap();
        }
        (reads, most) = (reads + 1, messages);
    }
    println!("{reads} reads while two wrote");
    let mut acknowledged = Acknowledged::new();
    for writer in &mut writers {
        let lines = writer.rest();
        assert_eq!(lines.last().map(String::as_str), Some("finished"));
        note(&mut acknowledged, &lines);
    }
    assert_eq!(acknowledged.len(), 2 * LANES as usize);
    assert!(acknowledged.values().all(|count| *count == MESSAGES + 1), "{acknowledged:?}");
    check(&path, &acknowledged).await;
}

#[tokio::test]
async fn the_claims_of_a_killed_worker_are_free_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let store = open(&path);
    let questions: Vec<Question> = (0..PLANNED).map(|number| Question::new(number.to_string(), ["!"])).collect();
    store.plan(&run(), &questions, 1).await.unwrap();
    let mut hanging = start("claim", &path, 0);
    assert_eq!(hanging.next(), Some(format!("done {} 0", PLANNED / 2)));
    let mine = store.claim(&run(), &Worker::new("here"), 100).await.unwrap();
    assert_eq!(mine.len(), PLANNED as usize / 2);
    assert_eq!(store.claim(&run(), &Worker::new("here"), 100).await.unwrap(), Vec::new());
    hanging.kill();
    let taken = store.claim(&run(), &Worker::new("here"), 100).await.unwrap();
    assert_eq!(taken.len(), PLANNED as usize / 2);
    assert!(taken.iter().all(|claim| claim.fence == 2) && mine.iter().all(|claim| claim.fence == 1));
}

#[tokio::test]
async fn a_folder_that_may_not_be_written_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("program");
    // Somebody without rights has to be able to start it.
    fs::copy(env::current_exe().unwrap(), &program).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let path = folder.path().join("store");
    drop(open(&path));
    for name in ["store", "new"] {
        let mut command = Command::new(&program);
        command.args(["--exact", "child", "--nocapture", "--test-threads", "1"]).current_dir("/");
        if fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0) {
            // Nothing is refused to root.
            command.uid(65534).gid(65534);
        } else {
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        }
        let lines = spawn(&mut command, "refused", &folder.path().join(name), 0).rest();
        assert!(lines.len() == 1 && lines[0].starts_with("refused "), "{name}: {lines:?}");
        println!("{}", lines[0]);
    }
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
}

#[tokio::test]
async fn where_the_system_refuses_to_write_nothing_acknowledged_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let mut command = Command::new("sh");
    // Files may have two megabytes, and a write beyond that is an error and no signal.
    command.args(["-c", "trap '' XFSZ; ulimit -f 4096; exec \"$0\" --exact child --nocapture --test-threads 1"]);
    let lines = spawn(command.arg(env::current_exe().unwrap()), "limited", &path, 0).rest();
    let acknowledged = lines.iter().filter(|line| line.starts_with("done ")).count();
    assert!(acknowledged > 2, "{lines:?}");
    let end: Vec<&String> = lines.iter().skip(acknowledged).collect();
    assert!(end.len() == 2 && end[0].starts_with("refused "), "{end:?}");
    println!("{}", end[0]);
    assert_eq!(*end[1], format!("read {acknowledged}"));
    // With room again, it goes on.
    let store = open(&path);
    let found = store.get(&beginning(0).id).await.unwrap();
    assert_eq!(found.trajectory.nodes().len(), acknowledged);
    drop(store);
    assert!(Embedded::verify(&path, |_| {}).unwrap().is_whole());
}
