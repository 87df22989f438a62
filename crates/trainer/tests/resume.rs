//! A run that is killed and begun again ends with the same bits as one that was not, whatever learns and however.
//!
//! The test program starts itself again as the run: [`child`] does nothing unless it is told what to train.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use offseeker_language_model::{Adapter, AdapterConfig, Config, Keep, Weights};
use offseeker_remote::Stop;
use offseeker_trainer::losses::{PreferenceLoss, PreferenceObjective};
use offseeker_trainer::metrics::{Metrics, read_metrics};
use offseeker_trainer::{
    Batching, Dpo, Engine, Length, Order, Outcome, PerStep, Policy, Run, Sequence, SequencePair, SequencePairs,
    Sequences, Sft, Training, dpo, sft,
};

const CASE: &str = "OFFSEEKER_TEST_CASE";
const FOLDER: &str = "OFFSEEKER_TEST_FOLDER";
/// How many steps a run has.
const STEPS: u64 = 24;

/// What is trained, and how.
#[derive(Clone, Copy)]
struct Case {
    name: &'static str,
    preference: bool,
    adapter: bool,
    packed: bool,
    mixes: bool,
}

const CASES: [Case; 5] = [
    Case { name: "sft", preference: false, adapter: false, packed: false, mixes: false },
    Case { name: "sft-lora-packed", preference: false, adapter: true, packed: true, mixes: false },
    Case { name: "dpo", preference: true, adapter: false, packed: false, mixes: false },
    Case { name: "dpo-lora-packed", preference: true, adapter: true, packed: true, mixes: false },
    Case { name: "kto", preference: true, adapter: false, packed: true, mixes: true },
];

fn policy(case: Case) -> Engine {
    let weights = Weights::from_seed(&Config::small(32, 16, 2, 2), 1).unwrap();
    if !case.adapter {
        return Engine::whole(weights).keeping(Keep::Inputs);
    }
    let adapter = Adapter::from_seed(weights.config(), &AdapterConfig::new(2), 2).unwrap();
    Engine::adapting(Arc::new(weights), adapter).unwrap()
}

fn sequence(number: u32) -> Sequence {
    let length = 4 + number % 9;
    let tokens = (0..length).map(|at| (number * 7 + at * at * 3 + 1) % 32).collect();
    let weights = (0..length).map(|at| if at > 1 && at % 4 != 3 { 1.0 } else { 0.0 }).collect();
    Sequence { tokens, weights }
}

fn training(case: Case) -> Training {
    let per_step = if case.packed { PerStep::Packs { count: 2, tokens: 40 } } else { PerStep::Sequences(4) };
    let batching = Batching { per_step, order: Order::Shuffled, tokens_at_once: 24 };
    Training { length: Length::Steps(STEPS), batching, average: Some(0.9), ..Training::default() }
}

fn train(case: Case, run: Run<'_>) -> Outcome {
    let (mut policy, training) = (policy(case), training(case));
    if !case.preference {
        let data = Sequences::new((0..30).map(sequence).collect()).unwrap();
        return sft(&mut policy, &data, &Sft { training, ..Sft::default() }, run).unwrap();
    }
    let pair = |number| SequencePair { chosen: vec![sequence(number)], rejected: vec![sequence(number + 100)] };
    let data = SequencePairs::new((0..20).map(pair).collect()).unwrap();
    let kto = PreferenceLoss::Kto { desirable: 1.0, undesirable: 1.0 };
    let objective = if case.mixes { PreferenceObjective::of(kto) } else { PreferenceObjective::default() };
    let settings = Dpo { objective, training, rendering: "none".to_owned() };
    dpo(&mut policy, None, &data, &settings, run).unwrap()
}

#[test]
fn child() {
    let Ok(name) = env::var(CASE) else { return };
    let case = CASES.into_iter().find(|case| case.name == name).unwrap();
    // Slowly, so that it is killed in the middle.
    let run = Run::new(env::var(FOLDER).unwrap()).checkpoints(3, 2);
    let run = run.watched_by(|_| std::thread::sleep(Duration::from_millis(5)));
    assert!(train(case, run).is_finished);
}

fn start(case: Case, folder: &Path) -> std::process::Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "child"]).env(CASE, case.name).env(FOLDER, folder);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// All files below a folder that do not tell of time.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder_now) = folders.pop() {
        for entry in fs::read_dir(folder_now).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().unwrap() != "metrics.jsonl" && !path.display().to_string().contains("tfevents") {
                files.insert(path.strip_prefix(folder).unwrap().display().to_string(), fs::read(path).unwrap());
            }
        }
    }
    files
}

/// How many rows of metrics there are.
fn rows(folder: &Path) -> usize {
    fs::read(folder.join("metrics.jsonl")).map_or(0, |text| text.iter().filter(|byte| **byte == b'\n').count())
}

/// The rows of the metrics without what tells of time.
fn metrics(folder: &Path) -> Vec<Metrics> {
    read_metrics(&folder.join("metrics.jsonl")).unwrap().iter().map(Metrics::timeless).collect()
}

#[test]
fn a_run_that_is_killed_goes_on_to_the_same_bits() {
    for case in CASES {
        let (whole, killed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        assert!(train(case, Run::new(whole.path()).checkpoints(3, 2)).is_finished);
        // One is killed before it has gone a step, the others after so many.
        for kill in 0..5 {
            let mut run = start(case, killed.path());
            while rows(killed.path()) < 5 * kill {
                assert!(run.try_wait().unwrap().is_none(), "{} ended at once", case.name);
                std::thread::sleep(Duration::from_millis(1));
            }
            std::thread::sleep(Duration::from_millis(3 * kill as u64));
            run.kill().unwrap();
            run.wait().unwrap();
        }
        assert!(start(case, killed.path()).wait().unwrap().success(), "{}", case.name);
        assert_eq!(metrics(whole.path()), metrics(killed.path()), "{}", case.name);
        let (expected, found) = (files(whole.path()), files(killed.path()));
        assert_eq!(expected.keys().collect::<Vec<_>>(), found.keys().collect::<Vec<_>>(), "{}", case.name);
        for (name, bytes) in expected {
            assert!(found[&name] == bytes, "{}: {name} differs", case.name);
        }
    }
}

#[test]
fn a_run_that_is_asked_to_stop_goes_on_to_the_same_bits() {
    for case in CASES {
        let (whole, stopped) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        train(case, Run::new(whole.path()).checkpoints(7, 1));
        let mut outcomes = Vec::new();
        for after in [5, 11, STEPS] {
            let stop = Stop::default();
            let asked = stop.clone();
            let watch = move |metrics: &Metrics| {
                if metrics.step == after {
                    asked.ask();
                }
            };
            let run = Run::new(stopped.path()).checkpoints(7, 1).stopped_by(&stop).watched_by(watch);
            outcomes.push(train(case, run));
        }
        let steps: Vec<_> = outcomes.iter().map(|outcome| (outcome.steps, outcome.is_finished)).collect();
        assert_eq!(steps, [(5, false), (11, false), (STEPS, true)], "{}", case.name);
        assert!(files(whole.path()) == files(stopped.path()), "{}", case.name);
        // Once more there is nothing left to do.
        let again = train(case, Run::new(stopped.path()));
        assert!(again.is_finished && again.last.is_none() && again.steps == STEPS);
    }
}

#[test]
fn a_run_goes_on_only_with_what_it_was_begun_with() {
    let folder = tempfile::tempdir().unwrap();
    let data = Sequences::new((0..30).map(sequence).collect()).unwrap();
    let begun = Sft { training: training(CASES[0]), ..Sft::default() };
    let mut first = policy(CASES[0]);
    sft(&mut first, &data, &begun, Run::new(folder.path())).unwrap();
    let says = |policy: &mut dyn Policy, data: &Sequences, settings: &Sft, expected: &str| {
        let error = sft(policy, data, settings, Run::new(folder.path())).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    let mut other = begun.clone();
    other.training.seed = 7;
    says(&mut policy(CASES[0]), &data, &other, "`run.sft.training.seed` was 42 and is 7");
    let less = Sequences::new((0..29).map(sequence).collect()).unwrap();
    says(&mut policy(CASES[0]), &less, &begun, "`run.data` was");
    // The model that came out is another than the one that went in.
    let mut trained = Engine::whole((**first.weights()).clone());
    says(&mut trained, &data, &begun, "`model.origin` was");
}
