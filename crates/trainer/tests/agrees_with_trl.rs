//! Fifty steps from the same weights over the same data have the curves of TRL's trainers.
//!
//! `benches/peers/training/trl_curves.py` made the files; `tests/fixtures/trl/README.md` says what stands in them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use offseeker_language_model::{Config, Keep, Weights};
use offseeker_trainer::metrics::{Metrics, PreferenceMetrics};
use offseeker_trainer::schedule::{Schedule, Shape, Warmup};
use offseeker_trainer::{
    AdamW, Batching, Dpo, Engine, Length, Order, PerStep, Run, Sequence, SequencePair, SequencePairs, Sequences, Sft,
    TokenLoss, Training, dpo, sft,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// How far a curve may be from TRL's, of its size.
const MOST: f64 = 1e-3;

#[derive(Deserialize)]
struct Settings {
    max_steps: u64,
    per_device_train_batch_size: usize,
    gradient_accumulation_steps: usize,
    learning_rate: f64,
    warmup_steps: u64,
    lr_scheduler_type: String,
    weight_decay: f64,
    adam_beta1: f64,
    adam_beta2: f64,
    adam_epsilon: f64,
    max_grad_norm: f64,
    #[serde(default)]
    beta: f64,
}

#[derive(Deserialize)]
struct Step {
    loss: f64,
    grad_norm: f64,
    learning_rate: f64,
    #[serde(flatten)]
    preference: Option<PreferenceMetrics>,
}

#[derive(Deserialize)]
struct Moved {
    norm: f64,
    moved: f64,
}

#[derive(Deserialize)]
struct Side {
    ids: Vec<u32>,
    weights: Vec<f32>,
    #[serde(default)]
    reference: f64,
}

#[derive(Deserialize)]
struct Paired {
    chosen: Side,
    rejected: Side,
}

#[derive(Deserialize)]
struct Fixture {
    settings: Settings,
    #[serde(default)]
    sequences: Vec<Side>,
    #[serde(default)]
    pairs: Vec<Paired>,
    steps: Vec<Step>,
    r#final: BTreeMap<String, Moved>,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/trl")
}

fn read<T: DeserializeOwned>(name: &str) -> T {
    serde_json::from_str(&fs::read_to_string(folder().join(name)).unwrap()).unwrap()
}

fn start() -> Weights {
    Weights::read(&folder().join("start")).unwrap()
}

impl From<Side> for Sequence {
    fn from(side: Side) -> Self {
        Self { tokens: side.ids, weights: side.weights }
    }
}

impl Settings {
    fn training(&self, tokens_at_once: usize) -> Training {
        let shape = match self.lr_scheduler_type.as_str() {
            "linear" => Shape::Linear,
            "cosine" => Shape::Cosine,
            other => panic!("no schedule {other}"),
        };
        let rows = self.per_device_train_batch_size * self.gradient_accumulation_steps;
        Training {
            length: Length::Steps(self.max_steps),
            batching: Batching { per_step: PerStep::Sequences(rows), order: Order::AsGiven, tokens_at_once },
            optimiser: AdamW {
                beta1: self.adam_beta1,
                beta2: self.adam_beta2,
                epsilon: self.adam_epsilon,
                weight_decay: self.weight_decay,
            },
            schedule: Schedule {
                peak: self.learning_rate,
                floor: 0.0,
                warmup: Warmup::Steps(self.warmup_steps),
                shape,
            },
            clip: Some(self.max_grad_norm),
            seed: 42,
            average: None,
        }
    }
}

/// The largest difference between two curves, of the size of TRL's.
fn apart(name: &str, pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
    let pairs: Vec<(f64, f64)> = pairs.collect();
    assert_eq!(pairs.len(), 50);
    let size = pairs.iter().map(|(theirs, _)| theirs.abs()).fold(0.0, f64::max);
    let at_step = |(theirs, ours): &(f64, f64)| (theirs - ours).abs() / theirs.abs().max(1e-3 * size);
    let worst = pairs.iter().map(at_step).fold(0.0, f64::max);
    println!("{name}: at most {worst:.1e} apart");
    worst
}

/// Compares the curves of both, and where the weights ended.
fn check(fixture: &Fixture, rows: &[Metrics], end: &Weights) {
    let both = || fixture.steps.iter().zip(rows);
    for (theirs, ours) in both().step_by(7) {
        println!("step {:2}: TRL {:.6}, here {:.6}", ours.step, theirs.loss, ours.loss);
    }
    assert!(apart("loss", both().map(|(theirs, ours)| (theirs.loss, ours.loss))) < MOST);
    assert!(apart("gradient", both().map(|(theirs, ours)| (theirs.grad_norm, ours.gradient_norm))) < MOST);
    assert!(apart("rate", both().map(|(theirs, ours)| (theirs.learning_rate, ours.learning_rate))) < 1e-6);
    let start = start();
    for place in end.layout().places() {
        let Moved { norm, moved } = fixture.r#final[&place.name()];
        let length = |values: &mut dyn Iterator<Item = f64>| values.map(|it| it * it).sum::<f64>().sqrt();
        let of = |weights: &Weights| weights.tensor(place).iter().map(|it| f64::from(*it)).collect::<Vec<_>>();
        let (end, start) = (of(end), of(&start));
        let found = length(&mut end.iter().copied());
        let went = length(&mut end.iter().zip(&start).map(|(end, start)| end - start));
        assert!((found - norm).abs() < MOST * norm, "{}: {found} {norm}", place.name());
        assert!((went - moved).abs() < 5.0 * MOST * moved, "{}: moved {went} {moved}", place.name());
    }
}

#[test]
fn fine_tuning_has_the_curve_of_the_sft_trainer() {
    let mut fixture: Fixture = read("sft.json");
    let data = Sequences::new(fixture.sequences.drain(..).map(Sequence::from).collect()).unwrap();
    for (tokens_at_once, keep) in [(100_000, Keep::Everything), (64, Keep::Inputs)] {
        let folder = tempfile::tempdir().unwrap();
        let (mut policy, mut rows) = (Engine::whole(start()).keeping(keep), Vec::new());
        let settings = Sft { loss: TokenLoss::Nll, training: fixture.settings.training(tokens_at_once) };
        sft(&mut policy, &data, &settings, Run::new(folder.path()).watched_by(|row| rows.push(row.clone()))).unwrap();
        check(&fixture, &rows, policy.weights());
    }
}

#[test]
fn preference_has_the_curve_of_the_dpo_trainer() {
    let mut fixture: Fixture = read("dpo.json");
    let mut reference = Vec::new();
    let pair = |pair: Paired| {
        reference.push((pair.chosen.reference, pair.rejected.reference));
        SequencePair { chosen: vec![pair.chosen.into()], rejected: vec![pair.rejected.into()] }
    };
    let data = SequencePairs::new(fixture.pairs.drain(..).map(pair).collect()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (mut policy, mut rows) = (Engine::whole(start()), Vec::new());
    let mut settings = Dpo { training: fixture.settings.training(300), ..Dpo::default() };
    settings.objective.beta = fixture.settings.beta;
    let run = Run::new(folder.path()).watched_by(|row| rows.push(row.clone()));
    dpo(&mut policy, None, &data, &settings, run).unwrap();
    check(&fixture, &rows, policy.weights());

    let of = |of: fn(&PreferenceMetrics) -> f64| {
        // In the first two steps all is rounding.
        let both = fixture.steps.iter().zip(&rows);
        both.map(move |(theirs, ours)| (of(&theirs.preference.unwrap()), of(&ours.preference.unwrap())))
    };
    assert!(apart("logps/chosen", of(|row| row.chosen_log_probability)) < MOST);
    assert!(apart("logps/rejected", of(|row| row.rejected_log_probability)) < MOST);
    let last = |of: fn(&PreferenceMetrics) -> f64| {
        let (theirs, ours) = (fixture.steps.last().unwrap(), rows.last().unwrap());
        (of(&theirs.preference.unwrap()), of(&ours.preference.unwrap()))
    };
    for (theirs, ours) in [last(|row| row.margin), last(|row| row.chosen_reward), last(|row| row.rejected_reward)] {
        assert!((theirs - ours).abs() < MOST * theirs.abs(), "{theirs} {ours}");
    }

    // The reference says what TRL's says.
    let kept = fs::read_to_string(folder.path().join("reference/reference.jsonl")).unwrap();
    let kept: Vec<serde_json::Value> = kept.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (line, (chosen, rejected)) in kept.iter().zip(&reference) {
        for (name, theirs) in [("chosen", chosen), ("rejected", rejected)] {
            let ours = line[name].as_f64().unwrap();
            assert!((ours - theirs).abs() < 1e-5 * theirs.abs(), "{ours} {theirs}");
        }
    }
}

/// The shape that the fixtures have is one that the toolkit reads.
#[test]
fn the_start_is_a_hugging_face_folder() {
    let config = Config::read(&folder().join("start")).unwrap();
    assert!(!config.tie_word_embeddings && config.head_dim == 24);
    assert_eq!(start().values().len(), 102_816);
}
