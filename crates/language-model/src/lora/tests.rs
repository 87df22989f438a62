//! Tests of adapters.

use std::fs;

use serde_json::{Value, json};

use super::{Adapter, AdapterConfig};
use crate::{Batch, Config, Gradients, Keep, Network, NetworkError, Part, Pass, Precision, Weights};

fn config() -> Config {
    Config { head_dim: 8, initializer_range: 0.15, tie_word_embeddings: false, ..Config::small(13, 16, 2, 2) }
}

fn adapter(targets: &[Part], by_root: bool) -> Adapter {
    let about = AdapterConfig { targets: targets.to_vec(), by_root, ..AdapterConfig::new(3) };
    let mut adapter = Adapter::from_seed(&config(), &about, 4).unwrap();
    for (at, value) in adapter.values_mut().iter_mut().enumerate() {
        *value += 0.1 * ((at * 7 % 11) as f32 / 11.0 - 0.5);
    }
    adapter
}

fn batch() -> Batch {
    let mut batch = Batch::new();
    batch.push(&[1, 5, 2, 9, 12, 3], &[false, true, true, false, true, true]).unwrap();
    batch.push(&[4, 4, 7], &[false, true, true]).unwrap();
    batch
}

fn forward(network: Network<'_>) -> Vec<f32> {
    network.forward(&batch(), &mut Pass::new(Keep::Nothing)).unwrap()
}

const SOME: [Part; 3] = [Part::Query, Part::Value, Part::Down];

#[test]
fn a_fresh_adapter_changes_nothing_and_a_merged_one_is_in_the_weights() {
    let weights = Weights::from_seed(&config(), 1).unwrap();
    let reference = forward(Network::new(&weights));
    let fresh = Adapter::from_seed(&config(), &AdapterConfig::new(4), 2).unwrap();
    assert_eq!(forward(Network::with_adapter(&weights, &fresh).unwrap()), reference);
    assert_eq!(fresh, Adapter::from_seed(&config(), &AdapterConfig::new(4), 2).unwrap());
    assert!(fresh.values().iter().any(|value| *value != 0.0));
    for adapter in [adapter(&SOME, false), adapter(&Part::LINEAR, true)] {
        let with = forward(Network::with_adapter(&weights, &adapter).unwrap());
        assert!(with.iter().zip(&reference).any(|(x, y)| (x - y).abs() > 1e-3), "it changes something");
        let mut merged = weights.clone();
        adapter.merge_into(&mut merged).unwrap();
        for (x, y) in forward(Network::new(&merged)).iter().zip(&with) {
            assert!((x - y).abs() < 1e-5, "{x} for {y}");
        }
        assert_eq!(forward(Network::new(&weights)), reference, "the reference stays as it was");
    }
}

#[test]
fn gradients_of_an_adapter_agree_with_differences_and_with_those_of_the_weights() {
    let weights = Weights::from_seed(&config(), 1).unwrap();
    for keep in [Keep::Inputs, Keep::Everything] {
        let mut adapter = adapter(&SOME, false);
        let mut gradients = Gradients::of_adapter(&adapter);
        let upstream = [0.3, -0.2, 0.1, 0.5, -0.4, 0.2];
        let mut pass = Pass::new(keep);
        let network = Network::with_adapter(&weights, &adapter).unwrap();
        network.forward(&batch(), &mut pass).unwrap();
        network.backward(&mut pass, &upstream, &mut gradients).unwrap();
        let loss = |adapter: &Adapter| -> f64 {
            let found = forward(Network::with_adapter(&weights, adapter).unwrap());
            found.iter().zip(upstream).map(|(x, weight)| f64::from(*x) * f64::from(weight)).sum()
        };
        for (layer, part) in adapter.layout().clone().places() {
            let (down, up) = adapter.layout().range(layer, part).unwrap();
            for range in [down, up] {
                let gradient = gradients.values()[range.clone()].to_vec();
                let length = gradient.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
                assert!(length > 1e-4, "{layer} {part:?} has a gradient");
                let step = 0.02;
                let moved = |adapter: &mut Adapter, by: f64| {
                    for (value, slope) in adapter.values_mut()[range.clone()].iter_mut().zip(&gradient) {
                        *value += (by * f64::from(*slope) / length) as f32;
                    }
                    loss(adapter)
                };
                let above = moved(&mut adapter, step);
                let below = moved(&mut adapter, -2.0 * step);
                moved(&mut adapter, step);
                let slope = (above - below) / (2.0 * step);
                assert!((slope - length).abs() <= 0.01 * length, "{layer} {part:?}: {slope} for {length}");
            }
        }
    }
}

#[test]
fn weights_have_the_same_gradients_under_an_adapter_as_when_it_is_merged() {
    let weights = Weights::from_seed(&config(), 1).unwrap();
    let adapter = adapter(&Part::LINEAR, false);
    let mut merged = weights.clone();
    adapter.merge_into(&mut merged).unwrap();
    let gradients = |network: Network<'_>| {
        let (mut pass, mut gradients) = (Pass::new(Keep::Everything), Gradients::of_weights(&weights));
        network.forward(&batch(), &mut pass).unwrap();
        network.backward(&mut pass, &[1.0; 6], &mut gradients).unwrap();
        gradients.values().to_vec()
    };
    let expected = gradients(Network::new(&merged));
    for (x, y) in gradients(Network::with_adapter(&weights, &adapter).unwrap()).iter().zip(expected) {
        assert!((x - y).abs() < 1e-4, "{x} for {y}");
    }
}

#[test]
fn a_folder_that_is_written_is_read_again_and_has_the_names_of_peft() {
    let folder = tempfile::tempdir().unwrap();
    let written = adapter(&SOME, true);
    written.write(folder.path(), &config(), Precision::F32).unwrap();
    let read = Adapter::read(folder.path(), &config()).unwrap();
    assert_eq!(read.values(), written.values());
    assert_eq!(read.config().scale(), written.config().scale());
    let about: Value = serde_json::from_slice(&fs::read(folder.path().join("adapter_config.json")).unwrap()).unwrap();
    assert_eq!(about["target_modules"], json!(["q_proj", "v_proj", "down_proj"]));
    let bytes = fs::read(folder.path().join("adapter_model.safetensors")).unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let shape = |name: &str| {
        tensors.tensor(&format!("base_model.model.model.layers.1.{name}.weight")).unwrap().shape().to_vec()
    };
    assert_eq!(shape("self_attn.q_proj.lora_A"), [3, 16]);
    assert_eq!(shape("mlp.down_proj.lora_B"), [16, 3]);
    assert_eq!(tensors.len(), 2 * 3 * 2);
    let again = written.write(folder.path(), &config(), Precision::F32);
    assert!(matches!(again, Err(NetworkError::Occupied { .. })));
    let other = Config { num_hidden_layers: 1, ..config() };
    let error = Adapter::read(folder.path(), &other).unwrap_err().to_string();
    assert!(error.contains("layers.1") && error.contains("not one of this adapter"), "{error}");
    let other = Config { hidden_size: 24, ..config() };
    assert!(matches!(Adapter::read(folder.path(), &other), Err(NetworkError::Tensor { .. })));
    let weights = Weights::from_seed(&other, 1).unwrap();
    assert!(Network::with_adapter(&weights, &read).is_err());
}

#[test]
fn what_peft_says_is_read_or_is_an_error_that_names_the_field() {
    let with = |field: &str, value: Value| {
        let mut about = json!({"peft_type": "LORA", "r": 8, "lora_alpha": 32, "target_modules": ["q_proj", "k_proj"],
            "bias": "none", "lora_dropout": 0.05, "use_dora": false, "rank_pattern": {}, "modules_to_save": null});
        about[field] = value;
        AdapterConfig::from_json(&about)
    };
    let plain = with("task_type", json!("CAUSAL_LM")).unwrap();
    assert_eq!((plain.rank, plain.scale(), &plain.targets[..]), (8, 4.0, &[Part::Query, Part::Key][..]));
    assert_eq!(plain.to_json()["lora_dropout"], json!(0.05));
    assert_eq!(with("target_modules", json!("all-linear")).unwrap().targets, Part::LINEAR);
    assert_eq!(with("target_modules", json!(["mlp.up_proj"])).unwrap().targets, [Part::Up]);
    assert_eq!(with("use_rslora", json!(true)).unwrap().scale(), 32.0 / 8.0_f32.sqrt());
    for beginning in [json!(true), json!(false), json!("gaussian")] {
        assert_eq!(with("init_lora_weights", beginning.clone()).unwrap().to_json()["init_lora_weights"], beginning);
    }
    for (field, value) in [
        ("peft_type", json!("IA3")),
        ("bias", json!("all")),
        ("use_dora", json!(true)),
        ("rank_pattern", json!({"q_proj": 4})),
        ("modules_to_save", json!(["lm_head"])),
        ("layers_to_transform", json!([1])),
        ("r", json!(0)),
        ("r", json!(null)),
        ("lora_alpha", json!("much")),
        ("target_modules", json!(null)),
        ("target_modules", json!([])),
        ("target_modules", json!(["lm_head"])),
        ("target_modules", json!(".*proj")),
        ("init_lora_weights", json!("pissa_niter_4")),
        ("init_lora_weights", json!("olora")),
        ("alora_invocation_tokens", json!([1, 2])),
        ("target_parameters", json!(["mlp.experts"])),
    ] {
        let error = with(field, value.clone()).unwrap_err().to_string();
        assert!(error.contains(field), "{field} = {value}: {error}");
    }
}
