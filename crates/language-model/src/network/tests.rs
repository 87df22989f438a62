//! Tests of the network as a whole.

use super::{Batch, Cache, Gradients, Keep, Network, Pass};
use crate::{Adapter, AdapterConfig, Config, NetworkError, Weights, Yarn};

fn config() -> Config {
    Config { head_dim: 8, initializer_range: 0.15, ..Config::small(19, 16, 2, 2) }
}

fn tokens(count: usize, seed: usize) -> Vec<u32> {
    (0..count).map(|at| ((at * at + 5 * at + seed * 7) % 19) as u32).collect()
}

fn batch(sequences: &[Vec<u32>]) -> Batch {
    let mut batch = Batch::new();
    for tokens in sequences {
        let chosen: Vec<bool> = (0..tokens.len()).map(|at| at > 0 && !at.is_multiple_of(3)).collect();
        batch.push(tokens, &chosen).unwrap();
    }
    batch
}

fn upstream(batch: &Batch) -> Vec<f32> {
    (0..batch.choices().len()).map(|at| 0.2 - 0.1 * (at % 7) as f32).collect()
}

/// The log-probabilities and gradients of a batch.
fn both(network: Network<'_>, gradients: &mut Gradients, keep: Keep, batch: &Batch) -> Vec<f32> {
    let mut pass = Pass::new(keep);
    let found = network.forward(batch, &mut pass).unwrap();
    network.backward(&mut pass, &upstream(batch), gradients).unwrap();
    found
}

#[test]
fn gradients_of_every_weight_agree_with_differences() {
    for config in
        [Config { tie_word_embeddings: false, ..config() }, Config { yarn: Some(Yarn::new(2.0, 8)), ..config() }]
    {
        let mut weights = Weights::from_seed(&config, 3).unwrap();
        let batch = batch(&[tokens(7, 1), tokens(4, 2)]);
        let mut gradients = Gradients::of_weights(&weights);
        both(Network::new(&weights), &mut gradients, Keep::Everything, &batch);
        let loss = |weights: &Weights| -> f64 {
            let found = Network::new(weights).forward(&batch, &mut Pass::new(Keep::Nothing)).unwrap();
            found.iter().zip(upstream(&batch)).map(|(x, weight)| f64::from(*x) * f64::from(weight)).sum()
        };
        let layout = weights.layout().clone();
        for place in layout.places() {
            // The gradient along itself is its length, which differences in f32 show well.
            let range = layout.range(place);
            let gradient = gradients.values()[range.clone()].to_vec();
            let length = gradient.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
            assert!(length > 1e-4, "{} has a gradient", place.name());
            let mut moved = |by: f64| {
                for (value, slope) in weights.values_mut()[range.clone()].iter_mut().zip(&gradient) {
                    *value += (by * f64::from(*slope) / length) as f32;
                }
                loss(&weights)
            };
            let mut slope = |step: f64| {
                let above = moved(step);
                let below = moved(-2.0 * step);
                moved(step);
                (above - below) / (2.0 * step)
            };
            // Two steps, so that what grows with their square falls away.
            let slope = (4.0 * slope(0.01) - slope(0.02)) / 3.0;
            assert!((slope - length).abs() <= 0.01 * length, "{}: {slope} for {length}", place.name());
        }
    }
}

#[test]
fn the_gradient_of_each_single_weight_agrees_with_differences() {
    for tie_word_embeddings in [true, false] {
        let config = Config {
            tie_word_embeddings,
            initializer_range: 0.3,
            head_dim: 4,
            intermediate_size: 8,
            yarn: Some(Yarn::new(4.0, 4)),
            ..Config::small(11, 8, 2, 2)
        };
        let mut weights = Weights::from_seed(&config, 3).unwrap();
        for place in weights.layout().clone().places().filter(|place| place.is_norm()) {
            weights.tensor_mut(place).iter_mut().enumerate().for_each(|(at, value)| *value += 0.1 * (at % 5) as f32);
        }
        let batch = batch(&[vec![1, 5, 9, 2, 10, 3, 7], vec![4, 4, 8, 6]]);
        let mut gradients = Gradients::of_weights(&weights);
        both(Network::new(&weights), &mut gradients, Keep::Everything, &batch);
        let mut pass = Pass::new(Keep::Nothing);
        let mut loss = |weights: &Weights| -> f64 {
            let found = Network::new(weights).forward(&batch, &mut pass).unwrap();
            found.iter().zip(upstream(&batch)).map(|(x, weight)| f64::from(*x) * f64::from(weight)).sum()
        };
        let mut slope = |weights: &mut Weights, at: usize, step: f32| {
            let value = weights.values()[at];
            let mut moved = |by: f32| {
                weights.values_mut()[at] = value + by;
                (loss(weights), f64::from(weights.values()[at]))
            };
            let ((above, high), (below, low)) = (moved(step), moved(-step));
            weights.values_mut()[at] = value;
            (above - below) / (high - low)
        };
        for place in weights.layout().clone().places() {
            let range = weights.layout().range(place);
            let most = gradients.values()[range.clone()].iter().fold(0.0, |most: f64, x| most.max(f64::from(x.abs())));
            for at in range {
                let found = f64::from(gradients.values()[at]);
                // Two steps, so that what grows with their square falls away.
                let slope = (4.0 * slope(&mut weights, at, 0.01) - slope(&mut weights, at, 0.02)) / 3.0;
                assert!((slope - found).abs() <= 0.003 * most, "{} {at}: {slope} for {found}", place.name());
            }
        }
    }
}

#[test]
fn what_is_kept_changes_no_bit() {
    let weights = Weights::from_seed(&config(), 1).unwrap();
    let batch = batch(&[tokens(70, 1), tokens(3, 2)]);
    let [mut inputs, mut everything] = [Gradients::of_weights(&weights), Gradients::of_weights(&weights)];
    let network = Network::new(&weights);
    let first = both(network, &mut inputs, Keep::Inputs, &batch);
    let second = both(network, &mut everything, Keep::Everything, &batch);
    let nothing = network.forward(&batch, &mut Pass::new(Keep::Nothing)).unwrap();
    assert_eq!([&first, &second], [&nothing, &nothing]);
    assert_eq!(inputs.values(), everything.values());
}

#[test]
fn both_passes_at_once_give_what_one_after_the_other_does() {
    let weights = Weights::from_seed(&config(), 1).unwrap();
    let network = Network::new(&weights);
    let batch = batch(&[tokens(70, 1), tokens(3, 2)]);
    let [mut first, mut second] = [Gradients::of_weights(&weights), Gradients::of_weights(&weights)];
    let expected = both(network, &mut first, Keep::Inputs, &batch);
    let mut pass = Pass::new(Keep::Inputs);
    let found = network.forward_backward(&batch, &upstream(&batch), &mut pass, &mut second).unwrap();
    assert_eq!(found, expected);
    near(second.values(), first.values(), 1e-5);
    assert!(network.forward_backward(&batch, &[1.0], &mut pass, &mut second).is_err(), "too few gradients");
    let mut pass = Pass::new(Keep::Nothing);
    assert!(network.forward_backward(&batch, &upstream(&batch), &mut pass, &mut second).is_err(), "nothing is kept");
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let config = Config { head_dim: 16, intermediate_size: 160, ..Config::small(300, 64, 1, 4) };
    let weights = Weights::from_seed(&config, 1).unwrap();
    let batch = batch(&[tokens(150, 1), tokens(30, 2)]);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut gradients = Gradients::of_weights(&weights);
            let found = both(Network::new(&weights), &mut gradients, Keep::Inputs, &batch);
            (found, gradients.values().to_vec())
        })
    };
    let one = with(1);
    assert!(one == with(2) && one == with(5));
}

#[test]
fn a_pass_that_was_used_before_changes_no_bit() {
    let weights = Weights::from_seed(&config(), 1).unwrap();
    let network = Network::new(&weights);
    let (long, short) = (batch(&[tokens(90, 1)]), batch(&[tokens(5, 2), tokens(9, 3)]));
    for keep in [Keep::Inputs, Keep::Everything] {
        let mut fresh = Gradients::of_weights(&weights);
        let expected = both(network, &mut fresh, keep, &short);
        let (mut pass, mut gradients) = (Pass::new(keep), Gradients::of_weights(&weights));
        network.forward(&long, &mut pass).unwrap();
        network.backward(&mut pass, &upstream(&long), &mut gradients).unwrap();
        gradients.clear();
        network.extend(&mut Cache::new(&config(), &[8]).unwrap(), &[(0, &[1, 2, 3])], &mut pass).unwrap();
        assert_eq!(network.forward(&short, &mut pass).unwrap(), expected);
        network.backward(&mut pass, &upstream(&short), &mut gradients).unwrap();
        assert_eq!(gradients.values(), fresh.values());
    }
}

#[track_caller]
fn near(found: &[f32], expected: &[f32], off: f32) {
    assert_eq!(found.len(), expected.len());
    let most = expected.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
    for (x, y) in found.iter().zip(expected) {
        assert!((x - y).abs() <= off * most, "{x} for {y}");
    }
}

#[test]
fn sequences_that_are_packed_give_what_each_gives_alone_and_gradients_add_up() {
    let weights = Weights::from_seed(&config(), 1).unwrap();
    let network = Network::new(&weights);
    let sequences = [tokens(11, 1), tokens(70, 2), tokens(4, 3)];
    let [mut packed, mut alone] = [Gradients::of_weights(&weights), Gradients::of_weights(&weights)];
    let together = batch(&sequences);
    let found = both(network, &mut packed, Keep::Everything, &together);
    let (mut pass, mut expected, upstream) = (Pass::new(Keep::Inputs), Vec::new(), upstream(&together));
    for tokens in sequences {
        let one = network.forward(&batch(&[tokens]), &mut pass).unwrap();
        network.backward(&mut pass, &upstream[expected.len()..][..one.len()], &mut alone).unwrap();
        expected.extend(one);
    }
    near(&found, &expected, 1e-6);
    near(packed.values(), alone.values(), 1e-5);
}

#[test]
fn sequences_grow_side_by_side_as_each_would_alone() {
    let weights = Weights::from_seed(&config(), 1).unwrap();
    let network = Network::new(&weights);
    let (first, second) = (tokens(1500, 1), tokens(9, 2));
    let alone = |tokens: &[u32]| {
        let mut batch = Batch::new();
        batch.push(tokens, &vec![false; tokens.len()]).unwrap();
        let mut pass = Pass::new(Keep::Nothing);
        let hidden = network.hidden(&batch, &mut pass).unwrap();
        network.logits(&hidden[hidden.len() - config().hidden_size..])
    };
    let mut pass = Pass::new(Keep::Nothing);
    let mut cache = Cache::new(&config(), &[1510, 12, 1500]).unwrap();
    let found = network.extend(&mut cache, &[(1, &second[..7]), (0, &first)], &mut pass).unwrap();
    near(&found[..19], &alone(&second[..7]), 1e-5);
    near(&found[19..], &alone(&first), 1e-5);
    let found = network.extend(&mut cache, &[(1, &second[7..8])], &mut pass).unwrap();
    near(&found, &alone(&second[..8]), 1e-5);
    // What was shared or forgotten goes on as if it had been read anew.
    cache.truncate(0, 1490).unwrap();
    cache.share(1, 2, 5).unwrap();
    assert_eq!([cache.length(0), cache.length(1), cache.length(2)], [Some(1490), Some(8), Some(5)]);
    let found = network.extend(&mut cache, &[(2, &second[5..]), (0, &first[1490..])], &mut pass).unwrap();
    near(&found[..19], &alone(&second), 1e-5);
    near(&found[19..], &alone(&first), 1e-5);
}

#[test]
fn what_does_not_fit_is_an_error_and_nothing_grows() {
    let weights = Weights::from_seed(&config(), 1).unwrap();
    let network = Network::new(&weights);
    let mut batch = Batch::new();
    for (tokens, chosen) in [(&[][..], &[][..]), (&[1, 2], &[false]), (&[1, 2], &[true, false])] {
        assert!(batch.push(tokens, chosen).is_err());
    }
    let mut pass = Pass::new(Keep::Everything);
    assert!(network.forward(&batch, &mut pass).is_err(), "no sequence");
    batch.push(&[1, 19], &[false, true]).unwrap();
    assert!(matches!(network.forward(&batch, &mut pass), Err(NetworkError::Misfit(what)) if what.contains("19")));
    let mut gradients = Gradients::of_weights(&weights);
    assert!(network.backward(&mut pass, &[], &mut gradients).is_err(), "nothing went forward");
    let good = self::batch(&[tokens(5, 1)]);
    let count = network.forward(&good, &mut pass).unwrap().len();
    assert!(network.backward(&mut pass, &vec![1.0; count + 1], &mut gradients).is_err(), "too many gradients");
    network.forward(&good, &mut pass).unwrap();
    network.backward(&mut pass, &vec![1.0; count], &mut gradients).unwrap();
    assert!(network.backward(&mut pass, &vec![1.0; count], &mut gradients).is_err(), "it went back already");
    network.forward(&good, &mut pass).unwrap();
    let adapter = Adapter::from_seed(&config(), &AdapterConfig::new(2), 1).unwrap();
    let mut of_adapter = Gradients::of_adapter(&adapter);
    assert!(network.backward(&mut pass, &vec![1.0; count], &mut of_adapter).is_err(), "there is no adapter");
    let other = Weights::from_seed(&Config { num_hidden_layers: 1, ..config() }, 1).unwrap();
    let mut of_other = Gradients::of_weights(&other);
    network.forward(&good, &mut pass).unwrap();
    let wrong = Network::new(&other).backward(&mut pass, &vec![1.0; count], &mut of_other);
    assert!(wrong.is_err(), "another network went forward");
    let mut pass = Pass::new(Keep::Nothing);
    network.forward(&good, &mut pass).unwrap();
    assert!(network.backward(&mut pass, &vec![1.0; count], &mut gradients).is_err(), "nothing was kept");
    let mut cache = Cache::new(&config(), &[3, 3]).unwrap();
    let parts: [&[(usize, &[u32])]; 5] =
        [&[(2, &[1])], &[(0, &[])], &[(0, &[1]), (0, &[1])], &[(1, &[1]), (0, &[1, 2, 3, 4])], &[(0, &[99])]];
    for parts in parts {
        assert!(network.extend(&mut cache, parts, &mut pass).is_err(), "{parts:?}");
        assert_eq!([cache.length(0), cache.length(1)], [Some(0), Some(0)]);
    }
    assert!(Cache::new(&config(), &[3, usize::MAX]).is_err());
    assert!(cache.share(0, 1, 1).is_err() && cache.truncate(2, 0).is_err() && cache.length(2).is_none());
}

#[test]
fn what_follows_is_the_same_to_the_bit_however_a_sequence_came_to_be() {
    let weights = Weights::from_seed(&config(), 1).unwrap();
    let mut adapter = Adapter::from_seed(&config(), &AdapterConfig::new(3), 1).unwrap();
    adapter.values_mut().iter_mut().enumerate().for_each(|(at, value)| *value += (at % 5) as f32 * 0.01);
    let adapted = Network::with_adapter(&weights, &adapter).unwrap();
    for network in [Network::new(&weights), adapted] {
        let (all, beside) = (tokens(290, 1), tokens(300, 2));
        let mut pass = Pass::new(Keep::Nothing);
        let mut one_by_one = Cache::new(&config(), &[300]).unwrap();
        let expected: Vec<Vec<f32>> =
            all.iter().map(|token| network.extend(&mut one_by_one, &[(0, &[*token])], &mut pass).unwrap()).collect();
        let mut at_once = Cache::new(&config(), &[300]).unwrap();
        assert_eq!(network.extend(&mut at_once, &[(0, &all)], &mut pass).unwrap(), expected[289]);
        let mut cache = Cache::new(&config(), &[300, 300, 300]).unwrap();
        let (mut from, mut other) = (0, 0);
        for size in [1, 2, 70, 3, 129, 64, 20, 1] {
            let parts = [(1, &beside[other..other + 5]), (0, &all[from..from + size])];
            let found = network.extend(&mut cache, &parts, &mut pass).unwrap();
            (from, other) = (from + size, other + 5);
            assert_eq!(found[found.len() / 2..], expected[from - 1], "after {from}");
        }
        cache.share(0, 2, 131).unwrap();
        let parts = [(2, &all[131..200]), (1, &beside[other..])];
        let found = network.extend_for(&mut cache, &parts, &[true, false], &mut pass).unwrap();
        assert_eq!(found, expected[199], "shared");
        cache.remove(0).unwrap();
        assert_eq!((cache.add(250).unwrap(), cache.length(0), cache.sequences()), (0, Some(0), 3));
        assert_eq!(network.extend(&mut cache, &[(0, &all[..250])], &mut pass).unwrap(), expected[249]);
    }
}
