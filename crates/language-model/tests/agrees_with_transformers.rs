//! Models that `transformers` made, and an adapter of `peft`, give here what they give there: logits, log-probabilities,
//! losses, and the gradient of every weight.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};

use offseeker_language_model::{Adapter, Batch, Config, Gradients, Keep, Network, Part, Pass, Weights};
use safetensors::SafeTensors;

/// How far a tensor may be off: the largest difference over the largest magnitude. Both sides work in `f32`; theirs is up
/// to 3e-6 off what they give in `f64`.
const MOST: f64 = 1e-5;
const MODELS: [&str; 3] = ["tied", "untied", "yarn"];
const KEPT: [Keep; 2] = [Keep::Inputs, Keep::Everything];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/transformers").join(name)
}

/// What the other side gives.
struct Expected(Vec<u8>);

impl Expected {
    fn read(folder: &Path) -> Self {
        Self(std::fs::read(folder.join("expected.safetensors")).unwrap())
    }

    fn bytes<const N: usize>(&self, name: &str) -> Vec<[u8; N]> {
        let tensors = SafeTensors::deserialize(&self.0).unwrap();
        let tensor = tensors.tensor(name).unwrap();
        tensor.data().as_chunks::<N>().0.to_vec()
    }

    fn numbers(&self, name: &str) -> Vec<f32> {
        self.bytes::<4>(name).into_iter().map(f32::from_le_bytes).collect()
    }

    fn sequences(&self) -> [(Vec<u32>, Vec<f32>); 2] {
        [0, 1].map(|at| {
            let tokens = self.bytes::<8>(&format!("tokens.{at}")).into_iter().map(u64::from_le_bytes);
            let tokens = tokens.map(|token| u32::try_from(token).unwrap()).collect();
            (tokens, self.numbers(&format!("weights.{at}")))
        })
    }

    /// Names of gradients that stand for something.
    fn gradients(&self) -> usize {
        let tensors = SafeTensors::deserialize(&self.0).unwrap();
        tensors.names().iter().filter(|name| name.starts_with("gradient.")).count()
    }
}

/// The tensor that is furthest off.
#[derive(Default)]
struct Worst {
    off: f64,
    name: String,
}

impl Worst {
    #[track_caller]
    fn agree(&mut self, name: &str, found: &[f32], expected: &[f32]) {
        assert_eq!(found.len(), expected.len(), "{name}");
        let most = expected.iter().fold(0.0_f64, |most, x| most.max(f64::from(x.abs())));
        assert!(most > 0.0, "{name}: the other side says nothing");
        let differences = found.iter().zip(expected).map(|(x, y)| (f64::from(*x) - f64::from(*y)).abs());
        let off = differences.fold(0.0, f64::max) / most;
        assert!(off <= MOST, "{name}: off by {off:e}");
        if off >= self.off {
            *self = Self { off, name: name.to_owned() };
        }
    }

    fn say(&self, what: &str) {
        println!("{what}: at most {:.1e} off, for {}", self.off, self.name);
    }
}

fn batch_of(sequences: &[(Vec<u32>, Vec<f32>)]) -> Batch {
    let mut batch = Batch::new();
    for (tokens, _) in sequences {
        let chosen: Vec<bool> = (0..tokens.len()).map(|at| at > 0).collect();
        batch.push(tokens, &chosen).unwrap();
    }
    batch
}

/// The gradient of the loss, a mean by weight, with respect to each log-probability.
fn upstream(sequences: &[(Vec<u32>, Vec<f32>)], all: f32) -> Vec<f32> {
    sequences.iter().flat_map(|(_, weights)| &weights[1..]).map(|weight| -weight / all).collect()
}

fn sum_of_weights(sequences: &[(Vec<u32>, Vec<f32>)]) -> f32 {
    sequences.iter().flat_map(|(_, weights)| weights).sum()
}

/// Logits, log-probabilities and the loss; the gradients are added up.
fn run(network: Network<'_>, keep: Keep, expected: &Expected, gradients: &mut Gradients, worst: &mut Worst) {
    let sequences = expected.sequences();
    let batch = batch_of(&sequences);
    let mut pass = Pass::new(keep);
    let found = network.forward(&batch, &mut pass).unwrap();
    let upstream = upstream(&sequences, sum_of_weights(&sequences));
    let loss = found.iter().zip(&upstream).map(|(x, weight)| f64::from(*x) * f64::from(*weight)).sum::<f64>();
    worst.agree("loss", &[loss as f32], &expected.numbers("loss"));
    network.backward(&mut pass, &upstream, gradients).unwrap();
    let hidden = network.hidden(&batch, &mut pass).unwrap().to_vec();
    let logits = network.logits(&hidden);
    let (first, second) = logits.split_at(sequences[0].0.len() * network.config().vocab_size);
    worst.agree("logits.0", first, &expected.numbers("logits.0"));
    worst.agree("logits.1", second, &expected.numbers("logits.1"));
    let (first, second) = found.split_at(sequences[0].0.len() - 1);
    worst.agree("log_probabilities.0", first, &expected.numbers("log_probabilities.0"));
    worst.agree("log_probabilities.1", second, &expected.numbers("log_probabilities.1"));
}

fn agree_on_gradients(weights: &Weights, gradients: &Gradients, expected: &Expected, worst: &mut Worst) {
    let places: Vec<_> = weights.layout().places().collect();
    assert_eq!(places.len(), expected.gradients(), "each weight has a gradient on both sides");
    for place in places {
        let name = format!("gradient.{}", place.name());
        worst.agree(&name, &gradients.values()[weights.layout().range(place)], &expected.numbers(&name));
    }
}

#[test]
fn models_of_transformers_give_the_same_logits_losses_and_gradients() {
    for name in MODELS {
        let weights = Weights::read(&folder(name)).unwrap();
        let expected = Expected::read(&folder(name));
        for keep in KEPT {
            let (mut gradients, mut worst) = (Gradients::of_weights(&weights), Worst::default());
            run(Network::new(&weights), keep, &expected, &mut gradients, &mut worst);
            agree_on_gradients(&weights, &gradients, &expected, &mut worst);
            worst.say(&format!("{name}, {keep:?}"));
        }
    }
}

#[test]
fn a_sequence_alone_gives_what_it_gives_in_their_padded_batch_and_gradients_add_up() {
    for name in MODELS {
        let weights = Weights::read(&folder(name)).unwrap();
        let (network, expected) = (Network::new(&weights), Expected::read(&folder(name)));
        let (mut gradients, mut worst) = (Gradients::of_weights(&weights), Worst::default());
        let mut pass = Pass::new(Keep::Everything);
        let sequences = expected.sequences();
        for (at, sequence) in sequences.iter().enumerate() {
            let one = std::slice::from_ref(sequence);
            let upstream = upstream(one, sum_of_weights(&sequences));
            let found = network.forward_backward(&batch_of(one), &upstream, &mut pass, &mut gradients).unwrap();
            let name = format!("log_probabilities.{at}");
            worst.agree(&name, &found, &expected.numbers(&name));
        }
        agree_on_gradients(&weights, &gradients, &expected, &mut worst);
        worst.say(&format!("{name}, one at a time"));
    }
}

#[test]
fn an_adapter_of_peft_gives_the_same_logits_losses_and_gradients() {
    let weights = Weights::read(&folder("untied")).unwrap();
    let adapter = Adapter::read(&folder("untied/adapter"), weights.config()).unwrap();
    let expected = Expected::read(&folder("untied/adapter"));
    for keep in KEPT {
        let (mut gradients, mut worst) = (Gradients::of_adapter(&adapter), Worst::default());
        let network = Network::with_adapter(&weights, &adapter).unwrap();
        run(network, keep, &expected, &mut gradients, &mut worst);
        let places: Vec<(usize, Part)> = adapter.layout().places().collect();
        assert_eq!(2 * places.len(), expected.gradients(), "each matrix has a gradient on both sides");
        for (layer, part) in places {
            let (down, up) = adapter.layout().range(layer, part).unwrap();
            for (side, range) in [("A", down), ("B", up)] {
                let path = format!("base_model.model.model.layers.{layer}.{}.lora_{side}.weight", part.path());
                let expected = expected.numbers(&format!("gradient.{path}"));
                worst.agree(&path, &gradients.values()[range], &expected);
            }
        }
        worst.say(&format!("the adapter, {keep:?}"));
    }
    let (plain, mut pass) = (Expected::read(&folder("untied")), Pass::new(Keep::Nothing));
    let batch = batch_of(&plain.sequences());
    let with = Network::with_adapter(&weights, &adapter).unwrap().forward(&batch, &mut pass).unwrap();
    let without = Network::new(&weights).forward(&batch, &mut pass).unwrap();
    assert!(with.iter().zip(&without).any(|(x, y)| (x - y).abs() > 0.1), "the adapter changes something");
}

#[test]
fn their_configuration_is_read_as_it_is_meant() {
    let yarn = Config::read(&folder("yarn")).unwrap();
    let stretched = yarn.yarn.as_ref().unwrap();
    assert_eq!((stretched.factor, stretched.original_max_position_embeddings), (4.0, 16));
    assert_eq!((yarn.rope_theta, yarn.tie_word_embeddings, yarn.head_dim), (1e6, true, 16));
    let untied = Config::read(&folder("untied")).unwrap();
    assert_eq!((untied.rope_theta, untied.tie_word_embeddings, untied.vocab_size), (1e4, false, 131));
}

#[test]
fn what_yarn_does_to_the_angles_counts_for_these_sequences() {
    let (stretched, expected) = (Weights::read(&folder("yarn")).unwrap(), Expected::read(&folder("yarn")));
    let mut plain = Weights::from_seed(&Config { yarn: None, ..stretched.config().clone() }, 0).unwrap();
    plain.values_mut().copy_from_slice(stretched.values());
    let batch = batch_of(&expected.sequences());
    let found = Network::new(&plain).forward(&batch, &mut Pass::new(Keep::Nothing)).unwrap();
    let expected = expected.numbers("log_probabilities.0");
    assert!(found.iter().zip(&expected).any(|(x, y)| (x - y).abs() > 0.1));
}
