//! A run that is killed twenty times ends with the bytes of one that nothing disturbed.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use offseeker_pipeline::{Event, Pipeline, Watcher};

use crate::tiny::config;

/// The variables by which this program is told to be a run: the folder, and at which event it waits for its end.
const FOLDER: &str = "OFFSEEKER_TEST_RUN";
const EVENT: &str = "OFFSEEKER_TEST_EVENT";
/// What a run says on the standard output.
const HERE: &str = "here it is";
const DONE: &str = "it is done";
const KILLS: u64 = 20;

/// A run in a process of its own. It waits for its end at an event, and tells who kills it.
#[test]
fn a_run_of_its_own() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let at: u64 = std::env::var(EVENT).unwrap().parse().unwrap();
    let count = AtomicU64::new(0);
    let watcher = Watcher::new(move |event| {
        let is_work = !matches!(event, Event::Kept { .. });
        if is_work && count.fetch_add(1, Ordering::SeqCst) + 1 == at {
            println!("\n{HERE}");
            std::thread::sleep(Duration::from_secs(600));
        }
    });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(Pipeline::new(config(), folder).watched_by(watcher).run()).unwrap();
    println!("\n{DONE}");
}

fn begin(folder: &Path, event: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::a_run_of_its_own", "--nocapture"])
        .env(FOLDER, folder)
        .env(EVENT, event.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Waits until a run says where it is; true at its end.
fn is_done(child: &mut Child) -> bool {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = lines.map_while(Result::ok).filter(|line| line == HERE || line == DONE);
    said.next().expect("a run says where it is") == DONE
}

#[test]
fn twenty_kills_change_no_byte() {
    let (calm, killed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut child = begin(calm.path(), u64::MAX);
    assert!(is_done(&mut child));
    child.wait().unwrap();

    let mut drawn = 7_u64;
    let mut kills = 0;
    for life in 0.. {
        drawn = drawn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // Events of training come thick; a life in three goes farther.
        let most = if life % 3 == 2 { 120 } else { 6 };
        let event = if kills < KILLS { 1 + (drawn >> 33) % most } else { u64::MAX };
        let mut child = begin(killed.path(), event);
        let done = is_done(&mut child);
        if !done {
            // Other threads of the run are somewhere between two bytes.
            std::thread::sleep(Duration::from_millis((drawn >> 40) % 30));
            child.kill().unwrap();
            kills += 1;
        }
        child.wait().unwrap();
        if done {
            break;
        }
    }
    assert_eq!(kills, KILLS, "the run was over before it was killed so often");
    let report = |folder: &Path| std::fs::read_to_string(folder.join("report.json")).unwrap();
    assert_eq!(report(killed.path()), report(calm.path()));
}
