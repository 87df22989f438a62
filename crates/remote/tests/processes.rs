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

use futures::future::join_all;
use offseeker_remote::{Asked, Cassette, CassetteError, Failure, Mode};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

const PART: &str = "OFFSEEKER_TEST_PART";
const FOLDER: &str = "OFFSEEKER_TEST_FOLDER";
const FIRST: &str = "OFFSEEKER_TEST_FIRST";

/// Requests that every process makes.
const REQUESTS: usize = 50;

/// Writers that are killed.
const KILLED: usize = 50;

/// Recordings that a writer writes at once.
const LANES: usize = 8;

/// Requests by which the writers are apart, so that each writes recordings of its own.
const STRIDE: usize = 10_000;

/// How long what is cached is fresh.
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

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
        "hang" => hang(&folder, first).await,
        _ => panic!("there is no part {part}"),
    }
}

/// Asks all requests, some at once, beginning at another one in each process.
async fn ask_all(folder: &Path, first: usize) {
    let log = File::options().append(true).create(true).open(folder.join("asked.log")).unwrap();
    let cassette = Tape::new(folder.join("recordings"), Mode::Replay);
    let numbers: Vec<usize> = (0..REQUESTS).map(|number| (number + first) % REQUESTS).collect();
    for some in numbers.chunks(10) {
        let answers = join_all(some.iter().map(async |number| {
            // It notes what it is asked, and takes long enough for others to ask the same.
            let answer = async {
                (&log).write_all(format!("{number}\n").as_bytes()).unwrap();
                tokio::time::sleep(Duration::from_millis(5)).await;
                Ok(long_text(*number))
            };
            cassette.answer(&asked(*number), answer).await
        }));
        for (number, answer) in some.iter().zip(answers.await) {
            assert_eq!(answer, Ok(Ok(long_text(*number))));
        }
    }
}

/// Caches many at once, one after the other in each of several lanes, and says each that is done.
async fn write_for_ever(folder: &Path, first: usize) {
    let cache = &Tape::cache(folder, WEEK);
    join_all((0..LANES).map(async |lane| {
        for number in (first + lane..).step_by(LANES) {
            at_once(cache, number).await.unwrap().unwrap();
            println!("done {number}");
        }
    }))
    .await;
}

/// Says that it is asked and never answers.
async fn hang(folder: &Path, number: usize) {
    let answer = async {
        println!("done asking");
        std::future::pending().await
    };
    let _ = Tape::new(folder, Mode::Replay).answer(&asked(number), answer).await;
}

type Tape = Cassette<String, Never>;

/// A failure that there never is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("never")]
struct Never;

impl Failure for Never {
    fn kind(&self) -> &'static str {
        "never"
    }

    fn is_transient(&self) -> bool {
        false
    }

    fn is_rate_limit(&self) -> bool {
        false
    }

    fn retry_after(&self) -> Option<Duration> {
        None
    }

    fn is_verdict(&self) -> bool {
        false
    }
}

fn asked(number: usize) -> Asked {
    Asked::new(format!(r#"{{"number":{number}}}"#))
}

/// Asks one who answers at once.
async fn at_once(cassette: &Tape, number: usize) -> Result<Result<String, Never>, CassetteError> {
    cassette.answer(&asked(number), async { Ok(long_text(number)) }).await
}

/// A text that does not compress, so that writing it takes a moment.
fn long_text(seed: usize) -> String {
    let mut bytes = vec![0; 50_000];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut bytes);
    bytes.iter().map(|byte| char::from(b'!' + byte % 94)).collect()
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
    let strict = Tape::new(folder.path(), Mode::ReplayStrict);
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
            match at_once(&strict, number).await {
                Ok(found) => {
                    assert_eq!(found, Ok(long_text(number)));
                    beyond += usize::from(!done.contains(&number));
                }
                Err(error) => {
                    assert!(matches!(error, CassetteError::NotRecorded { .. }), "{error} (seed {seed})");
                    assert!(!done.contains(&number), "{number} was said and is not there (seed {seed})");
                }
            }
        }
    }
    println!("{said} recordings were said and are whole, {beyond} were there unsaid, {KILLED} writers were killed");
}

#[tokio::test]
async fn a_lock_of_a_process_that_was_killed_holds_nobody_up() {
    let folder = folder();
    let mut other = Other::start("hang", folder.path(), 7);
    other.begin();
    assert_eq!(other.done().unwrap(), "asking");
    assert_eq!(locks(folder.path()), 1);

    // While it lives, nobody else asks.
    let cassette = Tape::new(folder.path(), Mode::Replay);
    let waited = tokio::time::timeout(Duration::from_millis(50), at_once(&cassette, 7)).await;
    assert!(waited.is_err());

    other.kill();
    assert_eq!(at_once(&cassette, 7).await, Ok(Ok(long_text(7))));
    assert_eq!(locks(folder.path()), 0);
}
