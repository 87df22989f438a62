//! `run` goes on where it was killed.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::ran::{program, run};

/// A run that takes seconds.
const TINY: &str = r#"
name = "tiny"
[corpus.world]
entities = 300
worlds = 1
[questions.train]
one_hop = 36
two_hops = 0
three_hops = 0
clue_two_hops = 0
clue_three_hops = 0
[questions.development]
one_hop = 2
two_hops = 1
three_hops = 0
clue_two_hops = 1
clue_three_hops = 0
[questions.test]
one_hop = 2
two_hops = 1
three_hops = 0
clue_two_hops = 1
clue_three_hops = 0
[questions.fresh]
one_hop = 2
two_hops = 1
three_hops = 0
clue_two_hops = 1
clue_three_hops = 0
[agent]
turns = 5
calls = 4
window = 1024
reply_tokens = 24
[student.fresh]
width = 32
layers = 1
heads = 2
head_dim = 16
vocabulary = 460
[sft]
renamings = 0
opening_renamings = 0
epochs = 10
checkpoint = 20
rate = 0.01
per_step = 4
[rollouts]
questions = 8
times = 4
[pairs]
least_margin = 0.0
[dpo]
checkpoint = 1
per_step = 4
[evaluation]
temperatures = [0.0, 0.7]
times = 1
"#;

/// Waits until something is there.
fn wait_for(file: &Path) {
    let begun = Instant::now();
    while !file.exists() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{} does not come", file.display());
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_killed_run_goes_on_to_the_same_report() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::write(here.join("tiny.toml"), TINY).unwrap();
    let whole = run(here, "run tiny.toml whole");
    assert_eq!(whole.code, Some(0), "{whole:?}");
    assert!(whole.out.contains("whole/report.html"), "{whole:?}");

    for stage in ["graph", "attempts", "sft", "rollouts"] {
        let mut child = program(here, "run tiny.toml killed --quiet").spawn().unwrap();
        wait_for(&here.join(format!("killed/stages/{stage}.json")));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let again = run(here, "run tiny.toml killed --json --quiet");
    assert_eq!(again.code, Some(0), "{again:?}");
    let said: serde_json::Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!(said["report"], "killed/report.json");
    let report = |name: &str| fs::read_to_string(here.join(name).join("report.json")).unwrap();
    assert_eq!(report("killed"), report("whole"));

    assert_eq!(run(here, "view whole --out page.html").code, Some(0));
    let trained = run(here, "train sft whole --out again --quiet");
    assert_eq!(trained.code, Some(0), "{trained:?}");
    assert_eq!(run(here, "grade --store whole --quiet").code, Some(0));
}

#[cfg(unix)]
#[test]
fn a_run_that_is_stopped_says_how_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::write(here.join("tiny.toml"), TINY).unwrap();
    let mut command = program(here, "run tiny.toml out --json");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for(&here.join("out/stages/sft.json"));
    crate::signals::send(&child, "INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&said["exit"], &said["hint"]), (&"stopped".into(), &"go on with: offseeker run tiny.toml out".into()));
}
