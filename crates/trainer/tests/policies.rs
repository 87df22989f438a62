//! Policies give the gradients that finite differences give, whatever they are made of.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use candle_core::{DType, Device, Tensor, Var};
use offseeker_language_model::{Adapter, AdapterConfig, Batch, Config, Keep, Weights};
use offseeker_trainer::{AdamW, CandleModel, CandlePolicy, Engine, Padded, Policy, State, Update};

/// A model that guesses a token from the one before it.
#[derive(Debug)]
struct Bigrams {
    table: Var,
    head: Var,
    /// Used by nothing where it is not nought.
    idle: Option<Var>,
}

impl Bigrams {
    fn new(idle: bool) -> Self {
        let numbers = |seed: u32| (0..40_u32).map(move |at| ((at * 7 + seed) % 13) as f32 / 13.0 - 0.5);
        let var = |seed| Var::from_vec(numbers(seed).collect::<Vec<_>>(), (10, 4), &Device::Cpu).unwrap();
        let idle = idle.then(|| Var::zeros(3, DType::F32, &Device::Cpu).unwrap());
        Self { table: var(3), head: var(5), idle }
    }
}

impl CandleModel for Bigrams {
    fn log_probabilities(&self, batch: &Batch) -> candle_core::Result<Tensor> {
        let padded = Padded::of(batch, &Device::Cpu)?;
        let (rows, longest) = padded.tokens_bt.dims2()?;
        let hidden_nd = self.table.embedding(&padded.tokens_bt.flatten_all()?)?.tanh()?;
        padded.log_probabilities(&hidden_nd.reshape((rows, longest, 4))?, &self.head)
    }

    fn parameters(&self) -> Vec<(String, Var)> {
        let mut all = vec![("table".to_owned(), self.table.clone()), ("head".to_owned(), self.head.clone())];
        all.extend(self.idle.clone().map(|idle| ("idle".to_owned(), idle)));
        all
    }
}

fn batch() -> Batch {
    let mut batch = Batch::new();
    batch.push(&[1, 2, 3, 4, 2], &[false, true, false, true, true]).unwrap();
    batch.push(&[5, 6, 5], &[false, false, true]).unwrap();
    batch
}

const UPSTREAM: [f32; 4] = [-0.5, 1.0, -2.0, 0.25];

/// The gradient that is read off the first step of an optimiser which only keeps it.
fn gradient_of(policy: &mut dyn Policy) -> Vec<f32> {
    policy.forward(&batch()).unwrap();
    policy.backward(&UPSTREAM).unwrap();
    let keeping = AdamW { beta1: 0.0, weight_decay: 0.0, ..AdamW::default() };
    policy.step(&Update { step: 1, rate: 0.0, clip: None, optimiser: keeping }).unwrap();
    policy.state().first.into_owned()
}

fn check(policy: &mut dyn Policy, places: impl Iterator<Item = usize>, tolerance: f64) {
    let gradient = gradient_of(policy);
    let state = policy.state();
    let kept: Vec<f32> = state.values.to_vec();
    let zeros = vec![0.0; kept.len()];
    let mut loss = |values: Vec<f32>| -> f64 {
        let state = State { values: values.into(), first: zeros.clone().into(), second: zeros.clone().into() };
        policy.restore(state).unwrap();
        let found = policy.log_probabilities(&batch()).unwrap();
        found.iter().zip(UPSTREAM).map(|(log, up)| f64::from(*log) * f64::from(up)).sum()
    };
    let mut worst = 0.0_f64;
    for at in places {
        let step = 3e-3;
        let mut moved = |by: f32| {
            let mut values = kept.clone();
            values[at] += by;
            loss(values)
        };
        let found = (moved(step) - moved(-step)) / (2.0 * f64::from(step));
        worst = worst.max((found - f64::from(gradient[at])).abs() / (1.0 + found.abs()));
    }
    println!("worst difference {worst:.1e}");
    assert!(worst < tolerance, "{worst}");
}

#[test]
fn a_candle_model_learns_by_candles_gradients() {
    check(&mut CandlePolicy::new(Bigrams::new(false), "bigrams").unwrap(), 0..80, 1e-3);
}

#[test]
fn all_weights_learn_and_an_adapter_learns() {
    let weights = Weights::from_seed(&Config { initializer_range: 0.3, ..Config::small(16, 8, 2, 2) }, 3).unwrap();
    let count = weights.values().len();
    for keep in [Keep::Everything, Keep::Inputs] {
        check(&mut Engine::whole(weights.clone()).keeping(keep), (0..count).step_by(7), 2e-3);
    }
    let mut adapter = Adapter::from_seed(weights.config(), &AdapterConfig::new(2), 5).unwrap();
    adapter.values_mut().iter_mut().enumerate().for_each(|(at, value)| *value += (at % 5) as f32 * 0.05 - 0.1);
    let count = adapter.values().len();
    check(&mut Engine::adapting(Arc::new(weights), adapter).unwrap(), (0..count).step_by(5), 2e-3);
}

#[test]
fn a_parameter_without_a_gradient_is_named() {
    let mut policy = CandlePolicy::new(Bigrams::new(true), "bigrams").unwrap();
    policy.forward(&batch()).unwrap();
    let error = policy.backward(&UPSTREAM).unwrap_err().to_string();
    assert!(error.contains("`idle` gets no gradient"), "{error}");
}

#[test]
fn a_snapshot_of_an_adapter_says_what_both_say() {
    let weights = Arc::new(Weights::from_seed(&Config::small(16, 8, 2, 2), 3).unwrap());
    let mut adapter = Adapter::from_seed(weights.config(), &AdapterConfig::new(2), 5).unwrap();
    adapter.values_mut().iter_mut().for_each(|value| *value += 0.1);
    let mut policy = Engine::adapting(weights, adapter).unwrap();
    let expected = policy.log_probabilities(&batch()).unwrap();
    let found = Engine::whole(policy.snapshot().unwrap()).log_probabilities(&batch()).unwrap();
    let worst = expected.iter().zip(found).map(|(x, y)| (x - y).abs()).fold(0.0, f32::max);
    assert!(worst < 1e-5, "{worst}");
}

#[test]
fn what_is_saved_is_there_once() {
    let folder = tempfile::tempdir().unwrap();
    let policy = CandlePolicy::new(Bigrams::new(false), "bigrams").unwrap();
    policy.save(folder.path()).unwrap();
    let saved = candle_core::safetensors::load(folder.path().join("model.safetensors"), &Device::Cpu).unwrap();
    assert_eq!(saved["table"].to_vec2::<f32>().unwrap(), policy.model().table.to_vec2::<f32>().unwrap());
    assert!(policy.save(folder.path()).is_err());
}
