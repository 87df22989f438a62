//! What always holds of training: how a step is cut up changes nothing, a policy is its own reference, observations teach
//! nothing, and what is no number stops the run.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;

use offseeker_language_model::{Config, Weights};
use offseeker_trainer::losses::{PreferenceLoss, PreferenceObjective};
use offseeker_trainer::metrics::Metrics;
use offseeker_trainer::schedule::Schedule;
use offseeker_trainer::{
    Batching, Dpo, Engine, HeldOutPairs, Length, Order, PerStep, Policy, Run, Sequence, SequencePair, SequencePairs,
    Sequences, Sft, TokenLoss, TrainError, Training, dpo, held_out_loss, sft,
};

fn policy() -> Engine {
    seeded(1)
}

fn seeded(seed: u64) -> Engine {
    Engine::whole(Weights::from_seed(&Config { initializer_range: 0.1, ..Config::small(32, 16, 2, 2) }, seed).unwrap())
}

/// A sequence that goes on by a rule, so that there is something to learn.
fn sequence(number: u32) -> Sequence {
    let length = 5 + number % 9;
    let tokens = (0..length).map(|at| (number * 7 + at * 3) % 32).collect();
    let weights = (0..length).map(|at| if at > 1 { 1.0 + (at % 2) as f32 } else { 0.0 }).collect();
    Sequence { tokens, weights }
}

fn sequences(count: u32) -> Sequences {
    Sequences::new((0..count).map(sequence).collect()).unwrap()
}

fn pairs(count: u32) -> SequencePairs {
    let wrong = |number| {
        let mut sequence = sequence(number);
        sequence.tokens[3..].iter_mut().for_each(|token| *token = (*token * 5 + 2) % 32);
        sequence.weights[2] = 0.0;
        sequence
    };
    let right = |number| {
        let mut sequence = sequence(number);
        sequence.weights[2] = 0.0;
        sequence
    };
    let pair = |number| SequencePair { chosen: vec![right(number)], rejected: vec![wrong(number)] };
    SequencePairs::new((0..count).map(pair).collect()).unwrap()
}

fn training(steps: u64, rate: f64) -> Training {
    let batching = Batching { per_step: PerStep::Sequences(6), order: Order::AsGiven, tokens_at_once: 1000 };
    Training { length: Length::Steps(steps), batching, schedule: Schedule::constant(rate), ..Training::default() }
}

/// Trains, and gives the rows of the run and what was learnt.
fn run(train: &dyn Fn(&mut dyn Policy, Run<'_>) -> Result<(), TrainError>) -> (Vec<Metrics>, Vec<f32>) {
    let folder = tempfile::tempdir().unwrap();
    let (mut policy, mut rows) = (policy(), Vec::new());
    train(&mut policy, Run::new(folder.path()).watched_by(|metrics| rows.push(metrics.clone()))).unwrap();
    (rows, policy.weights().values().to_vec())
}

fn run_sft(data: &Sequences, settings: &Sft) -> (Vec<Metrics>, Vec<f32>) {
    run(&|policy, run| sft(policy, data, settings, run).map(|_| ()))
}

fn run_dpo(data: &SequencePairs, settings: &Dpo) -> (Vec<Metrics>, Vec<f32>) {
    run(&|policy, run| dpo(policy, None, data, settings, run).map(|_| ()))
}

/// The largest difference between what was learnt, over the largest change.
fn apart(one: &[f32], other: &[f32]) -> f32 {
    let start = policy();
    let most = one.iter().zip(start.weights().values()).map(|(end, start)| (end - start).abs()).fold(0.0, f32::max);
    one.iter().zip(other).map(|(one, other)| (one - other).abs()).fold(0.0, f32::max) / most
}

#[test]
fn how_much_goes_through_the_network_at_once_changes_nothing() {
    let data = sequences(12);
    for loss in [TokenLoss::Nll, TokenLoss::Dft] {
        let whole = Sft { loss, training: training(4, 1e-3) };
        let mut alone = whole.clone();
        alone.training.batching.tokens_at_once = 1;
        let ((expected, one), (found, other)) = (run_sft(&data, &whole), run_sft(&data, &alone));
        for (expected, found) in expected.iter().zip(&found) {
            assert!((expected.loss - found.loss).abs() < 1e-5, "{} {}", expected.loss, found.loss);
        }
        assert!(apart(&one, &other) < 1e-2, "{}", apart(&one, &other));
    }
    let data = pairs(12);
    for loss in [PreferenceLoss::Sigmoid, PreferenceLoss::Sft, PreferenceLoss::Aot, PreferenceLoss::SigmoidNorm] {
        let objective = PreferenceObjective::of(loss);
        let whole = Dpo { objective, training: training(4, 1e-3), rendering: String::new() };
        let mut alone = whole.clone();
        alone.training.batching.tokens_at_once = 1;
        let ((expected, one), (found, other)) = (run_dpo(&data, &whole), run_dpo(&data, &alone));
        for (expected, found) in expected.iter().zip(&found) {
            assert!((expected.loss - found.loss).abs() < 1e-5, "{loss:?}: {} {}", expected.loss, found.loss);
        }
        assert!(apart(&one, &other) < 1e-2, "{loss:?}: {}", apart(&one, &other));
    }
}

#[test]
fn packs_and_single_sequences_have_the_same_loss() {
    let data = sequences(9);
    let one_step = |per_step| {
        let mut settings = Sft { loss: TokenLoss::Nll, training: training(1, 1e-3) };
        settings.training.batching.per_step = per_step;
        let (rows, learnt) = run_sft(&data, &settings);
        (rows[0].loss, learnt)
    };
    let (single, one) = one_step(PerStep::Sequences(9));
    let (packed, other) = one_step(PerStep::Packs { count: 9, tokens: 30 });
    assert!((single - packed).abs() < 1e-6, "{single} {packed}");
    assert!(apart(&one, &other) < 1e-2);
}

#[test]
fn the_loss_is_the_weighted_mean_over_the_tokens_of_the_step() {
    let data = sequences(6);
    let expected = held_out_loss(&mut policy(), &data, 20).unwrap();
    let (rows, _) = run_sft(&data, &Sft { loss: TokenLoss::Nll, training: training(1, 1e-6) });
    assert!((rows[0].loss - expected).abs() < 1e-6, "{} {expected}", rows[0].loss);
    assert_eq!(rows[0].learnt_tokens, data.all().iter().map(|it| it.counted().count() as u64).sum::<u64>());
}

#[test]
fn what_is_taught_is_learnt() {
    let (rows, _) = run_sft(&sequences(12), &Sft { loss: TokenLoss::Nll, training: training(60, 1e-2) });
    assert!(rows[59].loss < 0.5 * rows[0].loss, "{} {}", rows[0].loss, rows[59].loss);
    let settings = Dpo { training: training(30, 1e-3), ..Dpo::default() };
    let (rows, _) = run_dpo(&pairs(12), &settings);
    assert!((rows[0].loss - 2_f64.ln()).abs() < 1e-6, "{}", rows[0].loss);
    assert_eq!(rows[0].preference.unwrap().margin, 0.0);
    assert!(rows[29].loss < 0.3 && rows[29].preference.unwrap().accuracy == 1.0, "{:?}", rows[29]);
}

#[test]
fn held_out_pairs_become_right_too() {
    let (mut policy, folder) = (policy(), tempfile::tempdir().unwrap());
    let settings = Dpo { training: training(30, 1e-3), ..Dpo::default() };
    let all = pairs(12).all().to_vec();
    let [data, held_out] = [&all[..9], &all[9..]].map(|some| SequencePairs::new(some.to_vec()).unwrap());
    let mut looks = Vec::new();
    for tokens_at_once in [1, 1000] {
        looks.push(HeldOutPairs::new(&mut policy, held_out.clone(), &settings.objective, tokens_at_once).unwrap());
    }
    for look in &looks {
        assert!((look.look(&mut policy).unwrap()["held_out_loss"] - 2_f64.ln()).abs() < 1e-6);
    }
    dpo(&mut policy, None, &data, &settings, Run::new(folder.path())).unwrap();
    let [alone, together] = [&looks[0], &looks[1]].map(|look| look.look(&mut policy).unwrap());
    assert!((alone["held_out_loss"] - together["held_out_loss"]).abs() < 1e-5);
    assert!(alone["held_out_loss"] < 0.6 && alone["held_out_accuracy"] == 1.0, "{alone:?}");
}

#[test]
fn another_reference_is_asked_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let data = pairs(6);
    let mut other = seeded(9);
    let settings = Dpo { training: training(2, 1e-3), ..Dpo::default() };
    let mut first = None;
    let watch = |metrics: &Metrics| {
        first.get_or_insert(metrics.loss);
    };
    dpo(&mut policy(), Some(&mut other), &data, &settings, Run::new(folder.path()).watched_by(watch)).unwrap();
    assert!((first.unwrap() - 2_f64.ln()).abs() > 1e-4);

    // What it said is of no use to another policy, another rendering, or other pairs.
    let says = |policy: &mut dyn Policy, data: &SequencePairs, settings: &Dpo, expected: &str| {
        let error = dpo(policy, None, data, settings, Run::new(folder.path())).unwrap_err();
        assert!(matches!(error, TrainError::Mismatch { .. }), "{error:?}");
        assert!(error.to_string().contains(expected), "{error}");
    };
    says(&mut policy(), &data, &settings, "`model.origin` was");
    let renamed = Dpo { rendering: "another".to_owned(), ..settings.clone() };
    says(&mut other, &data, &renamed, "`rendering` was \"\" and is \"another\"");
}

#[test]
fn a_policy_that_is_not_its_own_reference_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let data = pairs(6);
    let settings = Dpo { training: training(2, 1e-3), ..Dpo::default() };
    let stop = offseeker_remote::Stop::default();
    let asked = stop.clone();
    let watch = move |_: &Metrics| asked.ask();
    dpo(&mut policy(), None, &data, &settings, Run::new(folder.path()).stopped_by(&stop).watched_by(watch)).unwrap();
    // Somebody changes what the reference said.
    let kept = folder.path().join("reference/reference.jsonl");
    let text = fs::read_to_string(&kept).unwrap();
    let other = tempfile::tempdir().unwrap();
    fs::create_dir(other.path().join("reference")).unwrap();
    fs::copy(folder.path().join("reference/reference.json"), other.path().join("reference/reference.json")).unwrap();
    fs::write(other.path().join("reference/reference.jsonl"), text.replace("\"chosen\":-", "\"chosen\":-1")).unwrap();
    let error = dpo(&mut policy(), None, &data, &settings, Run::new(other.path())).unwrap_err().to_string();
    assert!(error.starts_with("reference: at the first step the policy differs from itself"), "{error}");
}

#[test]
fn what_is_no_number_stops_the_run_and_leaves_the_last_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let data = sequences(12);
    let mut settings = Sft { loss: TokenLoss::Nll, training: training(60, 1e30) };
    settings.training.clip = None;
    let error = sft(&mut policy(), &data, &settings, Run::new(folder.path()).checkpoints(1, 2)).unwrap_err();
    assert!(matches!(error, TrainError::NotFinite { .. }), "{error:?}");
    assert!(!folder.path().join("model").exists());
    let steps: Vec<_> = fs::read_dir(folder.path().join("checkpoints")).unwrap().map(|step| step.unwrap()).collect();
    assert!(!steps.is_empty());
    for step in steps {
        let kept = candle_core::safetensors::load(step.path().join("state.safetensors"), &candle_core::Device::Cpu);
        let values = kept.unwrap()["values"].to_vec1::<f32>().unwrap();
        assert!(values.iter().all(|value| value.is_finite()));
    }
}

#[test]
fn settings_without_sense_are_refused_by_their_field() {
    let folder = tempfile::tempdir().unwrap();
    let check = |change: &dyn Fn(&mut Training), expected: &str| {
        let mut training = training(2, 1e-3);
        change(&mut training);
        let settings = Sft { loss: TokenLoss::Nll, training };
        let error = sft(&mut policy(), &sequences(3), &settings, Run::new(folder.path())).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    };
    check(&|it| it.length = Length::Epochs(0), "length: 0");
    check(&|it| it.clip = Some(0.0), "clip: 0; it is above 0");
    check(&|it| it.average = Some(1.0), "average: 1; it is at least 0 and below 1");
    check(&|it| it.optimiser.beta2 = 1.0, "optimiser.beta2: 1; it is at least 0 and below 1");
    check(&|it| it.batching.tokens_at_once = 0, "batching.tokens_at_once: 0");
    assert!(fs::read_dir(folder.path()).unwrap().next().is_none(), "nothing is written");
}

#[test]
fn two_runs_do_not_share_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let data = sequences(3);
    let settings = Sft { loss: TokenLoss::Nll, training: training(2, 1e-3) };
    let mut inner = None;
    let watch = |_: &Metrics| {
        let error = sft(&mut policy(), &data, &settings, Run::new(folder.path())).unwrap_err();
        inner.get_or_insert(error.to_string());
    };
    sft(&mut policy(), &data, &settings, Run::new(folder.path()).watched_by(watch)).unwrap();
    assert!(inner.unwrap().contains("another run is under way here"));
}
