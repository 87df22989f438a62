//! Recordings hold when several processes share a folder, and when one of them is killed.
//!
//! The test program starts itself again as the other process: [`child`] does nothing unless it is told its part.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::env;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::iter;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::future::join_all;
use offseeker_chat::{ChatError, ChatModel, ChatModelExt, Mode, Recorded, Reply, Request};
use offseeker_trajectory::Message;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tempfile::TempDir;

const PART: &str = "OFFSEEKER_TEST_PART";
const FOLDER: &str = "OFFSEEKER_TEST_FOLDER";
const FIRST: &str = "OFFSEEKER_TEST_FIRST";

/// Requests that every process makes.
const REQUESTS: usize = 50;

/// Writers that are killed.
const KILLED: usize = 40;

/// Recordings that a writer writes at once.
const LANES: usize = 8;

/// Requests by which the writers are apart, so that each writes recordings of its own.
const STRIDE: usize = 10_000;

/// The other process.
#[tokio::test]
async fn child() {
    let Ok(part) = env::var(PART) else { return };
    let folder = PathBuf::from(env::var(FOLDER).unwrap());
    let first: usize = env::var(FIRST).unwrap().parse().unwrap();
    // Nobody is ahead: all begin when they are told to.
    std::io::stdin().read_line(&mut String::new()).unwrap();
    match part.as_str() {
        "ask" => ask_all(&folder, first).await,
        "write" => write_for_ever(&folder, first).await,
        "hang" => drop(Recorded::new(Hanging, folder, Mode::Replay).ask(&first.to_string()).await),
        _ => panic!("there is no part {part}"),
    }
}

/// Asks all requests, some at once, beginning at another one in each process.
async fn ask_all(folder: &Path, first: usize) {
    let log = File::options().append(true).create(true).open(folder.join("asked.log")).unwrap();
    let model = Recorded::new(Logging(log), folder.join("recordings"), Mode::Replay);
    let texts: Vec<String> = (0..REQUESTS).map(|number| ((number + first) % REQUESTS).to_string()).collect();
    for some in texts.chunks(10) {
        let answers = join_all(some.iter().map(|text| model.ask(text))).await;
        for (text, answer) in some.iter().zip(answers) {
            assert_eq!(answer.unwrap(), long_text(text));
        }
    }
}

/// Records many at once, one after the other in each of several lanes, and says each that is done.
async fn write_for_ever(folder: &Path, first: usize) {
    let model = &Recorded::new(Instantly, folder, Mode::Record);
    join_all((0..LANES).map(async |lane| {
        for number in (first + lane..).step_by(LANES) {
            model.ask(&number.to_string()).await.unwrap();
            println!("done {number}");
        }
    }))
    .await;
}

/// A text that does not compress, so that writing it takes a moment.
fn long_text(seed: &str) -> String {
    let mut bytes = vec![0; 50_000];
    blake3::Hasher::new().update(seed.as_bytes()).finalize_xof().fill(&mut bytes);
    bytes.iter().map(|byte| char::from(b'!' + byte % 94)).collect()
}

fn answer(request: Request<'_>) -> Reply {
    Reply::new(Message::assistant(long_text(&request.messages[0].content)))
}

/// Answers at once.
#[derive(Debug)]
struct Instantly;

#[async_trait]
impl ChatModel for Instantly {
    fn name(&self) -> &'static str {
        "test"
    }

    async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError> {
        Ok(answer(request))
    }
}

/// Notes what it is asked, and takes long enough for others to ask the same.
#[derive(Debug)]
struct Logging(File);

#[async_trait]
impl ChatModel for Logging {
    fn name(&self) -> &'static str {
        "test"
    }

    async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError> {
        (&self.0).write_all(format!("{}\n", request.messages[0].content).as_bytes()).unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
        Ok(answer(request))
    }
}

/// Says that it is asked and never answers.
#[derive(Debug)]
struct Hanging;

#[async_trait]
impl ChatModel for Hanging {
    fn name(&self) -> &'static str {
        "test"
    }

    async fn reply(&self, _: Request<'_>) -> Result<Reply, ChatError> {
        println!("done asking");
        std::future::pending().await
    }
}

/// This program in a part of its own; killed when it goes out of scope.
struct Other {
    child: Child,
    stdin: ChildStdin,
    said: BufReader<ChildStdout>,
}

impl Other {
    fn start(part: &str, folder: &Path, first: usize) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "child", "--nocapture"])
            .env(PART, part)
            .env(FOLDER, folder)
            .env(FIRST, first.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (stdin, said) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, stdin, said }
    }

    fn begin(&mut self) {
        self.stdin.write_all(b"begin\n").unwrap();
    }

    /// What it says next that it has done; none when it says no more.
    fn done(&mut self) -> Option<String> {
        let mut line = String::new();
        while self.said.read_line(&mut line).unwrap() > 0 {
            // A line that was not finished was not said.
            if let Some((_, done)) = line.split_once("done ").filter(|_| line.ends_with('\n')) {
                return Some(done.trim().to_owned());
            }
            line.clear();
        }
        None
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn locks(recordings: &Path) -> usize {
    let pending = fs::read_dir(recordings.join("pending")).unwrap();
    pending.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|it| it == "lock")).count()
}

#[test]
fn processes_on_one_folder_ask_each_request_once() {
    let folder = folder();
    let mut others: Vec<Other> = [0, 0, REQUESTS / 2].map(|first| Other::start("ask", folder.path(), first)).into();
    others.iter_mut().for_each(Other::begin);
    for other in &mut others {
        assert!(other.child.wait().unwrap().success());
    }
    let log = fs::read_to_string(folder.path().join("asked.log")).unwrap();
    let mut asked: Vec<usize> = log.lines().map(|line| line.parse().unwrap()).collect();
    asked.sort_unstable();
    assert_eq!(asked, (0..REQUESTS).collect::<Vec<_>>());
    assert_eq!(locks(&folder.path().join("recordings")), 0);
}

#[tokio::test]
async fn a_writer_that_is_killed_leaves_every_recording_it_has_said_and_none_that_is_damaged() {
    let folder = folder();
    let seed = rand::random();
    let mut rng = StdRng::seed_from_u64(seed);
    println!("seed {seed}");
    let strict = Recorded::new(Instantly, folder.path(), Mode::ReplayStrict);
    let (mut said, mut beyond) = (0, 0);
    for round in 0..KILLED {
        let first = round * STRIDE;
        let mut writer = Other::start("write", folder.path(), first);
        writer.begin();
        let mut done = BTreeSet::new();
        for _ in 0..rng.random_range(1..2 * LANES) {
            done.insert(writer.done().expect("the writer goes on for ever").parse::<usize>().unwrap());
        }
        // Anywhere in the recordings that it is at, each of which takes some of these.
        let moment = Instant::now() + Duration::from_micros(rng.random_range(0..10_000));
        while Instant::now() < moment {
            std::hint::spin_loop();
        }
        writer.kill();
        // What it said before it died is still in the pipe.
        done.extend(iter::from_fn(|| writer.done()).map(|done| done.parse::<usize>().unwrap()));
        said += done.len();
        for number in first..=done.last().unwrap() + 2 * LANES {
            let text = number.to_string();
            match strict.ask(&text).await {
                Ok(found) => {
                    assert_eq!(found, long_text(&text));
                    beyond += usize::from(!done.contains(&number));
                }
                Err(error) => {
                    assert_eq!(error.kind(), "not_recorded", "{error} (seed {seed})");
                    assert!(!done.contains(&number), "{number} was said and is not there (seed {seed})");
                }
            }
        }
    }
    println!("{said} recordings were said, {beyond} were there unsaid");
}

#[tokio::test]
async fn a_lock_of_a_process_that_was_killed_holds_nobody_up() {
    let folder = folder();
    let mut other = Other::start("hang", folder.path(), 7);
    other.begin();
    assert_eq!(other.done().unwrap(), "asking");
    assert_eq!(locks(folder.path()), 1);

    // While it lives, nobody else asks.
    let model = Recorded::new(Instantly, folder.path(), Mode::Replay);
    let waited = tokio::time::timeout(Duration::from_millis(50), model.ask("7")).await;
    assert!(waited.is_err());

    other.kill();
    assert_eq!(model.ask("7").await.unwrap(), long_text("7"));
    assert_eq!(locks(folder.path()), 0);
}
