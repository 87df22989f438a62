//! What an index acknowledged is there after its writer was killed, wherever that was.
//!
//! The test program starts itself again as the other process: [`child`] does nothing unless it is told its part.

#![cfg(feature = "index")]
#![allow(clippy::unwrap_used)]

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use offseeker_pages::{Library, Page};
use offseeker_search::{LocalIndex, Query, Settings, WriterOptions};

const FOLDER: &str = "OFFSEEKER_TEST_FOLDER";
const FIRST: &str = "OFFSEEKER_TEST_FIRST";

/// Writers that are killed.
const KILLED: u64 = 50;

/// Documents that are committed together.
const TOGETHER: u64 = 20;

/// Documents that are there from the beginning, and are replaced by each commit.
const REPLACED: u64 = 5;

/// The writer: puts documents in for ever, and says the last number of each commit that is done.
#[test]
fn child() {
    let Ok(folder) = env::var(FOLDER) else { return };
    let first: u64 = env::var(FIRST).unwrap().parse().unwrap();
    let index = LocalIndex::open_or_create(folder, Settings::default()).unwrap();
    let mut writer = index.writer(WriterOptions { threads: 2, memory: 32 << 20 }).unwrap();
    println!("begins");
    for number in first.. {
        writer.add(page(&format!("doc:{number}"), number)).unwrap();
        if number % TOGETHER == TOGETHER - 1 {
            for place in 0..REPLACED {
                writer.add(page(&format!("replaced:{place}"), number)).unwrap();
            }
            writer.commit().unwrap();
            println!("done {number}");
            std::io::stdout().flush().unwrap();
        }
    }
}

fn page(url: &str, number: u64) -> Page {
    let noise = blake3::hash(&number.to_le_bytes()).to_hex();
    Page::new(url, format!("Document {number}"), format!("number{number} is noisy: {}", noise.repeat(40)))
}

#[tokio::test]
async fn what_was_acknowledged_outlives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let (mut acknowledged, mut commits, mut state) = (None, 0_u64, 88_172_645_463_325_252_u64);
    for kill in 0..KILLED {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let first = acknowledged.map_or(0, |last: u64| last + 1);
        let after = Duration::from_micros(state % 120_000);
        // Some are killed before they began, the others after so many commits and a moment more.
        let commits_first = (kill % 10 != 0).then_some(state >> 20 & 3);
        let said = run_and_kill(folder.path(), first, commits_first, after);
        commits += said.len() as u64;
        acknowledged = said.last().copied().or(acknowledged);
        check(folder.path(), acknowledged).await;
    }
    println!("{KILLED} writers were killed, {commits} commits acknowledged, {acknowledged:?} is the last document");
    assert!(commits > KILLED / 2, "only {commits} commits were acknowledged");
    let index = LocalIndex::open(folder.path()).unwrap();
    index.verify().unwrap();
    index.writer(WriterOptions::default()).unwrap().finish().unwrap();
}

/// What a writer acknowledged before it was killed.
fn run_and_kill(folder: &Path, first: u64, commits_first: Option<u64>, after: Duration) -> Vec<u64> {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture", "--test-threads", "1"])
        .env(FOLDER, folder)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut lines = lines.filter(|line| line.contains("begins") || line.starts_with("done "));
    let mut said = Vec::new();
    if let Some(commits) = commits_first {
        said.extend((0..=commits).map(|_| lines.next().expect("the writer goes on until it is killed")));
    }
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    said.extend(lines);
    said.iter().filter_map(|line| line.strip_prefix("done ").and_then(|number| number.parse().ok())).collect()
}

/// Everything up to the last acknowledged document is there, and what is there beyond it is whole.
async fn check(folder: &Path, acknowledged: Option<u64>) {
    let Some(last) = acknowledged else { return };
    let index = LocalIndex::open(folder).unwrap();
    for number in 0..=last {
        let expected = page(&format!("doc:{number}"), number);
        assert_eq!(index.get(&expected.url).await.unwrap(), expected);
    }
    let documents = index.len() - REPLACED;
    assert!(documents > last && documents.is_multiple_of(TOGETHER), "{documents} documents, {last} acknowledged");
    let newest = documents - 1;
    for place in 0..REPLACED {
        let url = format!("replaced:{place}");
        assert_eq!(index.get(&url).await.unwrap(), page(&url, newest));
    }
    let hits = index.find(&Query::new(format!("number{last}"))).unwrap();
    assert!(hits.iter().any(|hit| hit.url == format!("doc:{last}")), "{hits:?}");
}
