//! The engine and a Qwen3 in plain candle agree on logits, losses, and the gradient of every weight.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod candle_qwen3;

use candle_core::Tensor;
use candle_qwen3::Qwen3;
use offseeker_language_model::{Batch, Cache, Config, Gradients, Keep, Network, Pass, Weights, Yarn};

/// How far the engine, in f32, may be from candle, in f64: the length of the difference over the length.
const SHARE: f64 = 1e-5;

#[track_caller]
fn agree(what: &str, found: &[f32], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len(), "{what}");
    let distance: f64 = found.iter().zip(expected).map(|(x, y)| (f64::from(*x) - y).powi(2)).sum();
    let length: f64 = expected.iter().map(|y| y * y).sum();
    assert!(length > 0.0, "{what}: candle says nothing");
    let off = (distance / length).sqrt();
    assert!(off <= SHARE, "{what}: off by {off:e}");
    off
}

fn shapes() -> Vec<Config> {
    let small = Config::small(37, 24, 2, 4);
    vec![
        Config { head_dim: 8, ..small.clone() },
        Config {
            head_dim: 6,
            tie_word_embeddings: false,
            num_attention_heads: 6,
            num_key_value_heads: 2,
            ..small.clone()
        },
        Config { head_dim: 16, yarn: Some(Yarn::new(4.0, 24)), rope_theta: 50.0, ..small.clone() },
        Config { head_dim: 16, num_key_value_heads: 4, rope_theta: 1e4, num_hidden_layers: 3, ..small },
    ]
}

/// Weights that are larger than those of a fresh network, so that every gradient counts.
fn weights(config: &Config) -> Weights {
    let mut weights = Weights::from_seed(&Config { initializer_range: 0.2, ..config.clone() }, 7).unwrap();
    for place in weights.layout().clone().places().filter(|place| place.is_norm()) {
        for (at, value) in weights.tensor_mut(place).iter_mut().enumerate() {
            *value = 0.7 + 0.1 * (at % 7) as f32;
        }
    }
    weights
}

fn tokens(count: usize, seed: usize) -> Vec<u32> {
    (0..count).map(|at| ((at * at + 3 * at + seed * 11) % 37) as u32).collect()
}

#[test]
fn logits_agree_whether_a_sequence_runs_at_once_or_token_by_token() {
    for config in shapes() {
        let weights = weights(&config);
        let (network, oracle) = (Network::new(&weights), Qwen3::new(&weights).unwrap());
        let tokens = tokens(30, 1);
        let expected: Vec<f64> = oracle.logits(&tokens).unwrap().flatten_all().unwrap().to_vec1().unwrap();
        let mut batch = Batch::new();
        batch.push(&tokens, &[false; 30]).unwrap();
        let mut pass = Pass::new(Keep::Nothing);
        let hidden = network.hidden(&batch, &mut pass).unwrap().to_vec();
        agree("at once", &network.logits(&hidden), &expected);
        let mut cache = Cache::new(&config, &[30]).unwrap();
        let mut found = Vec::new();
        for token in &tokens {
            found.extend(network.extend(&mut cache, &[(0, &[*token])], &mut pass).unwrap());
        }
        agree("token by token", &found, &expected);
    }
}

#[test]
fn losses_and_the_gradient_of_every_weight_agree_however_much_is_kept() {
    for config in shapes() {
        let weights = weights(&config);
        let (network, oracle) = (Network::new(&weights), Qwen3::new(&weights).unwrap());
        let sequences = [tokens(23, 1), tokens(70, 2), tokens(2, 3)];
        // Each chosen token counts by another weight; every fourth is not chosen.
        let counts = |at: usize| if at.is_multiple_of(4) { 0.0 } else { -0.1 * (at % 5 + 1) as f32 };
        let mut loss = Tensor::zeros((), candle_core::DType::F64, &candle_core::Device::Cpu).unwrap();
        let (mut batch, mut expected, mut upstream) = (Batch::new(), Vec::new(), Vec::new());
        for tokens in &sequences {
            let chosen: Vec<bool> = (0..tokens.len()).map(|at| counts(at) != 0.0).collect();
            batch.push(tokens, &chosen).unwrap();
            let log_probabilities = oracle.log_probabilities(tokens).unwrap();
            let weight: Vec<f64> = (1..tokens.len()).map(|at| f64::from(counts(at))).collect();
            let weight = Tensor::new(weight, &candle_core::Device::Cpu).unwrap();
            loss = ((&log_probabilities * weight).unwrap().sum_all().unwrap() + loss).unwrap();
            let all = log_probabilities.to_vec1::<f64>().unwrap();
            expected.extend(all.into_iter().enumerate().filter(|(at, _)| chosen[at + 1]).map(|(_, x)| x));
            upstream.extend((0..tokens.len()).map(counts).filter(|count| *count != 0.0));
        }
        let by_candle = loss.backward().unwrap();
        for keep in [Keep::Inputs, Keep::Everything] {
            let (mut pass, mut gradients) = (Pass::new(keep), Gradients::of_weights(&weights));
            let found = network.forward(&batch, &mut pass).unwrap();
            let mut worst = (agree("log-probabilities", &found, &expected), String::new());
            network.backward(&mut pass, &upstream, &mut gradients).unwrap();
            for place in weights.layout().places() {
                let name = place.name();
                let expected = by_candle.get(&oracle.vars[&name]).expect("candle has a gradient for every weight");
                let expected: Vec<f64> = expected.flatten_all().unwrap().to_vec1().unwrap();
                let off = agree(&name, &gradients.values()[weights.layout().range(place)], &expected);
                if off > worst.0 {
                    worst = (off, name);
                }
            }
            println!("{keep:?}: at most {:e} off, for {}", worst.0, worst.1);
        }
    }
}
