//! Tests of how tokens are drawn.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{GenerateOptions, Sampling, generate};
use crate::{Config, Network, NetworkError, Weights};

/// Five tokens of which the second is the likeliest.
const LOGITS: [f32; 5] = [1.0, 3.0, 2.0, -1.0, 2.0];

#[test]
fn tokens_are_drawn_from_those_that_are_left() {
    // Their shares are about 0.072, 0.529, 0.195, 0.010 and 0.195.
    for (sampling, expected) in [
        (Sampling::greedy(), &[1][..]),
        (Sampling::default(), &[0, 1, 2, 3, 4]),
        (Sampling { top_k: 1, ..Sampling::default() }, &[1]),
        (Sampling { top_k: 2, ..Sampling::default() }, &[1, 2]),
        (Sampling { top_k: 99, ..Sampling::default() }, &[0, 1, 2, 3, 4]),
        (Sampling { top_p: 0.5, ..Sampling::default() }, &[1]),
        (Sampling { top_p: 0.6, ..Sampling::default() }, &[1, 2]),
        (Sampling { top_p: 0.9, ..Sampling::default() }, &[1, 2, 4]),
        (Sampling { top_p: 1e-9, ..Sampling::default() }, &[1]),
        // Half of what the two likeliest weigh is less than what the likeliest does.
        (Sampling { top_k: 2, top_p: 0.7, ..Sampling::default() }, &[1]),
        (Sampling { temperature: 1e-3, ..Sampling::default() }, &[1]),
        (Sampling { temperature: 50.0, top_p: 0.5, ..Sampling::default() }, &[1, 2, 4]),
    ] {
        let mut draws = sampling.draws(0);
        let found: BTreeSet<u32> = (0..2000).map(|_| sampling.sample(&LOGITS, &mut draws).unwrap().token).collect();
        assert_eq!(found.into_iter().collect::<Vec<_>>(), expected, "{sampling:?}");
    }
}

#[test]
fn tokens_are_drawn_as_often_as_they_are_likely() {
    for sampling in [
        Sampling::default(),
        Sampling { temperature: 2.0, ..Sampling::default() },
        Sampling { top_k: 3, ..Sampling::default() },
    ] {
        let weights: Vec<f64> = LOGITS
            .iter()
            .enumerate()
            .map(|(token, logit)| {
                let left = sampling.top_k == 0 || [1, 2, 4].contains(&token);
                if left { f64::from(logit / sampling.temperature).exp() } else { 0.0 }
            })
            .collect();
        let (mut draws, mut counts) = (sampling.draws(3), [0.0; 5]);
        for _ in 0..20_000 {
            counts[sampling.sample(&LOGITS, &mut draws).unwrap().token as usize] += 1.0 / 20_000.0;
        }
        for (count, weight) in counts.iter().zip(&weights) {
            let expected = weight / weights.iter().sum::<f64>();
            assert!((count - expected).abs() < 0.015, "{count} for {expected}, {sampling:?}");
        }
    }
}

#[test]
fn equally_likely_tokens_are_taken_in_their_order() {
    let sampling = Sampling::greedy();
    assert_eq!(sampling.sample(&[0.0, 2.0, 2.0], &mut sampling.draws(0)).unwrap().token, 1);
    let sampling = Sampling { top_k: 1, ..Sampling::default() };
    assert_eq!(sampling.sample(&[2.0; 500], &mut sampling.draws(0)).unwrap().token, 0);
}

proptest! {
    #[test]
    fn a_large_share_of_many_tokens_is_drawn_from_as_if_all_were_in_order(seed in 0_u64..50, top_p in 0.01_f32..0.999) {
        // Far more tokens than are put in order at first, nearly equally likely.
        let logits: Vec<f32> = (0..3000_u32).map(|token| (token * 7919 % 3000) as f32 * 1e-4).collect();
        let sampling = Sampling { top_p, seed, ..Sampling::default() };
        let token = sampling.sample(&logits, &mut sampling.draws(0)).unwrap().token as usize;
        let all: f64 = logits.iter().map(|logit| f64::from(*logit).exp()).sum();
        let before: f64 = logits.iter().filter(|logit| **logit > logits[token]).map(|logit| f64::from(*logit).exp()).sum();
        prop_assert!(before < f64::from(top_p) * all * (1.0 + 1e-6));
    }

    #[test]
    fn the_log_probability_is_that_of_the_network_whatever_the_temperature(temperature in 0.0_f32..3.0, seed in 0_u64..99) {
        let sampling = Sampling { temperature, seed, ..Sampling::default() };
        let sampled = sampling.sample(&LOGITS, &mut sampling.draws(1)).unwrap();
        let all: f32 = LOGITS.iter().map(|logit| logit.exp()).sum();
        prop_assert!((sampled.log_probability - (LOGITS[sampled.token as usize] - all.ln())).abs() < 1e-5);
    }
}

#[test]
fn what_cannot_be_drawn_from_is_an_error() {
    for (temperature, top_p) in [(-1.0, 1.0), (f32::NAN, 1.0), (1.0, 0.0), (1.0, 1.5), (1.0, f32::NAN)] {
        let sampling = Sampling { temperature, top_p, ..Sampling::default() };
        assert!(sampling.sample(&LOGITS, &mut sampling.draws(0)).is_err(), "{sampling:?}");
    }
    let sampling = Sampling::default();
    for logit in [f32::NAN, f32::INFINITY] {
        let error = sampling.sample(&[1.0, logit], &mut sampling.draws(0)).unwrap_err();
        assert!(matches!(&error, NetworkError::NotFinite(what) if what.contains("token 1")), "{error}");
    }
    assert!(sampling.sample(&[], &mut sampling.draws(0)).is_err());
}

fn config() -> Config {
    Config { head_dim: 8, initializer_range: 0.2, ..Config::small(23, 16, 2, 2) }
}

fn options(temperature: f32) -> GenerateOptions {
    let sampling = Sampling { temperature, seed: 9, ..Sampling::default() };
    GenerateOptions { sampling, most_tokens: 12, ends: vec![] }
}

fn tokens(generated: &super::Generated) -> Vec<u32> {
    generated.tokens.iter().map(|sampled| sampled.token).collect()
}

#[test]
fn prompts_of_different_lengths_go_on_as_each_would_alone() {
    let weights = Weights::from_seed(&config(), 1).unwrap();
    let network = Network::new(&weights);
    let prompts: Vec<Vec<u32>> = vec![vec![1, 2, 3, 4, 5, 6, 7], vec![8], vec![9, 10, 11]];
    for temperature in [0.0, 1.0] {
        let mut told = vec![Vec::new(); 3];
        let mut tell = |prompt: usize, sampled: super::Sampled| {
            told[prompt].push(sampled);
            true
        };
        let together = generate(&network, &prompts, &options(temperature), &mut tell).unwrap();
        assert_eq!(together, generate(&network, &prompts, &options(temperature), &mut |_, _| true).unwrap());
        for (generated, told) in together.iter().zip(&told) {
            assert_eq!((&generated.tokens, generated.ended), (told, false));
            assert_eq!(told.len(), 12);
        }
        // The first prompt has the first stream of draws, alone as together.
        let alone = generate(&network, &prompts[..1], &options(temperature), &mut |_, _| true).unwrap();
        assert_eq!(tokens(&alone[0]), tokens(&together[0]));
    }
}

#[test]
fn a_sequence_ends_with_a_token_or_when_it_is_told_to() {
    let weights = Weights::from_seed(&config(), 1).unwrap();
    let network = Network::new(&weights);
    let prompts = [vec![1, 2, 3], vec![5]];
    let free = generate(&network, &prompts, &options(1.0), &mut |_, _| true).unwrap();
    let end = tokens(&free[0])[4];
    let at = tokens(&free[0]).iter().position(|token| *token == end).unwrap();
    let ended = GenerateOptions { ends: vec![end], ..options(1.0) };
    let found = generate(&network, &prompts, &ended, &mut |_, _| true).unwrap();
    assert_eq!((tokens(&found[0]), found[0].ended), (tokens(&free[0])[..=at].to_vec(), true));
    let mut count = 0;
    let mut three = |prompt: usize, _| {
        count += usize::from(prompt == 1);
        prompt == 0 || count < 3
    };
    let found = generate(&network, &prompts, &options(1.0), &mut three).unwrap();
    assert_eq!((found[0].tokens.len(), found[1].tokens.len(), found[1].ended), (12, 3, true));
    assert_eq!(tokens(&found[0]), tokens(&free[0]));
    let none = GenerateOptions { most_tokens: 0, ..options(1.0) };
    assert!(generate(&network, &prompts, &none, &mut |_, _| true).unwrap().iter().all(|one| one.tokens.is_empty()));
    assert!(generate(&network, &[vec![]], &options(1.0), &mut |_, _| true).is_err(), "a prompt has a token");
    assert!(generate(&network, &[], &options(1.0), &mut |_, _| true).unwrap().is_empty());
}

#[test]
fn log_probabilities_of_drawn_tokens_are_those_that_the_forward_pass_gives() {
    let weights = Weights::from_seed(&config(), 1).unwrap();
    let network = Network::new(&weights);
    let prompt = vec![3, 1, 4];
    let generated = generate(&network, std::slice::from_ref(&prompt), &options(0.7), &mut |_, _| true).unwrap();
    let all = [prompt, tokens(&generated[0])].concat();
    let chosen: Vec<bool> = (0..all.len()).map(|at| at >= 3).collect();
    let mut batch = crate::Batch::new();
    batch.push(&all, &chosen).unwrap();
    let found = network.forward(&batch, &mut crate::Pass::new(crate::Keep::Nothing)).unwrap();
    for (sampled, found) in generated[0].tokens.iter().zip(found) {
        assert!((sampled.log_probability - found).abs() < 1e-5, "{} for {found}", sampled.log_probability);
    }
}
