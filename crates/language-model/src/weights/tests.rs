//! Tests of weights, from a seed and in folders.

use std::fs;
use std::path::Path;

use half::{bf16, f16};
use serde_json::{Value, json};

use super::{Place, Precision, Weights};
use crate::{Config, NetworkError, Part};

fn config(tied: bool) -> Config {
    Config { head_dim: 4, tie_word_embeddings: tied, ..Config::small(11, 8, 2, 2) }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn the_same_seed_gives_the_same_weights_of_the_width_that_is_said() {
    let config = Config { vocab_size: 4001, ..config(true) };
    let weights = Weights::from_seed(&config, 5).unwrap();
    assert_eq!(weights, Weights::from_seed(&config, 5).unwrap());
    assert_ne!(weights, Weights::from_seed(&config, 6).unwrap());
    assert!(weights.tensor(Place::Layer(1, Part::KeyNorm)).iter().all(|value| *value == 1.0));
    let drawn = weights.tensor(Place::Embedding);
    let mean = drawn.iter().sum::<f32>() / drawn.len() as f32;
    let deviation = (drawn.iter().map(|value| value * value).sum::<f32>() / drawn.len() as f32).sqrt();
    assert!(mean.abs() < 3e-4 && (deviation - 0.02).abs() < 3e-4, "{mean} {deviation}");
    let beyond = drawn.iter().filter(|value| value.abs() > 0.04).count() as f32 / drawn.len() as f32;
    assert!((beyond - 0.0455).abs() < 0.005, "{beyond} are beyond two deviations");
}

#[test]
fn the_places_lie_one_after_the_other_and_fill_the_slice() {
    for tied in [true, false] {
        let weights = Weights::from_seed(&config(tied), 1).unwrap();
        let mut next = 0;
        for place in weights.layout().places() {
            let range = weights.layout().range(place);
            assert_eq!(range.start, next, "{place:?}");
            assert_eq!(range.len(), weights.layout().shape(place).iter().product::<usize>(), "{place:?}");
            next = range.end;
        }
        assert_eq!(next, weights.values().len());
    }
}

#[test]
fn a_folder_that_is_written_is_read_again_in_one_file_or_in_shards() {
    for tied in [true, false] {
        for (most_bytes, files) in [(1 << 30, 1), (1500, 3), (1, 0)] {
            let folder = folder();
            let place = folder.path().join("new").join("model");
            let weights = Weights::from_seed(&config(tied), 2).unwrap();
            weights.write(&place, Precision::F32, most_bytes).unwrap();
            let read = Weights::read(&place).unwrap();
            assert_eq!(read.values(), weights.values());
            let shards = fs::read_dir(&place).unwrap().filter(|entry| {
                entry.as_ref().unwrap().path().extension().is_some_and(|ending| ending == "safetensors")
            });
            let shards = shards.count();
            assert!(shards >= files && (most_bytes > 1 || shards == weights.layout().places().count()), "{shards}");
            assert_eq!(place.join("model.safetensors").exists(), files == 1);
            assert!(matches!(weights.write(&place, Precision::F32, 1 << 30), Err(NetworkError::Occupied { .. })));
        }
    }
}

#[test]
fn rounded_weights_are_the_nearest_ones() {
    let folder = folder();
    let weights = Weights::from_seed(&config(false), 2).unwrap();
    weights.write(folder.path(), Precision::Bf16, 1 << 30).unwrap();
    let read = Weights::read(folder.path()).unwrap();
    let rounded: Vec<f32> = weights.values().iter().map(|value| bf16::from_f32(*value).to_f32()).collect();
    assert_eq!(read.values(), rounded);
    assert_eq!(read.config().other["torch_dtype"], "bfloat16");
}

/// A file of tensors, by its header and its bytes.
fn raw(path: &Path, header: &Value, data: &[u8]) {
    let header = header.to_string();
    let length = (header.len() as u64).to_le_bytes();
    fs::write(path, [&length, header.as_bytes(), data].concat()).unwrap();
}

fn parts(path: &Path) -> (Value, Vec<u8>) {
    let bytes = fs::read(path).unwrap();
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    (serde_json::from_slice(&bytes[8..8 + length]).unwrap(), bytes[8 + length..].to_vec())
}

#[test]
fn files_of_other_programs_are_read_with_what_they_write_too_much() {
    let folder = folder();
    let weights = Weights::from_seed(&config(true), 2).unwrap();
    weights.write(folder.path(), Precision::F32, 1 << 30).unwrap();
    let path = folder.path().join("model.safetensors");
    let (mut header, data) = parts(&path);
    let mut halves = Vec::new();
    for number in data.as_chunks::<4>().0 {
        halves.extend(f16::from_f32(f32::from_le_bytes(*number)).to_le_bytes());
    }
    for (name, about) in header.as_object_mut().unwrap() {
        if name != "__metadata__" {
            about["dtype"] = json!("F16");
            let offsets = [0, 1].map(|side| about["data_offsets"][side].as_u64().unwrap() / 2);
            about["data_offsets"] = json!(offsets);
        }
    }
    let end = halves.len();
    halves.extend([0; 4]);
    header["lm_head.weight"] = json!({"dtype": "F16", "shape": [2, 1], "data_offsets": [end, end + 4]});
    raw(&path, &header, &halves);
    let read = Weights::read(folder.path()).unwrap();
    for (found, expected) in read.values().iter().zip(weights.values()) {
        assert_eq!(*found, f16::from_f32(*expected).to_f32());
    }
}

/// Breaks a good folder in a way, and says what the error has to name.
#[track_caller]
fn check_broken(breaks: impl Fn(&Path), named: &[&str]) {
    let folder = folder();
    let weights = Weights::from_seed(&config(true), 2).unwrap();
    weights.write(folder.path(), Precision::F32, 1500).unwrap();
    breaks(folder.path());
    let error = Weights::read(folder.path()).unwrap_err().to_string();
    for name in named {
        assert!(error.contains(name), "{error} names {name}");
    }
}

const FIRST: &str = "model-00001-of-00007.safetensors";

/// Changes the header of the first shard.
fn change(folder: &Path, change: impl Fn(&mut Value)) {
    let path = folder.join(FIRST);
    let (mut header, data) = parts(&path);
    change(&mut header);
    raw(&path, &header, &data);
}

#[test]
fn a_broken_folder_is_an_error_that_names_the_file_and_the_tensor() {
    let name = "model.embed_tokens.weight";
    check_broken(|folder| fs::remove_file(folder.join("config.json")).unwrap(), &["config.json"]);
    check_broken(|folder| fs::write(folder.join("config.json"), "{").unwrap(), &["config.json", "JSON"]);
    check_broken(|folder| fs::remove_file(folder.join(FIRST)).unwrap(), &[FIRST]);
    for left in [0, 4, 30, 400] {
        let cut = |folder: &Path| {
            let bytes = fs::read(folder.join(FIRST)).unwrap();
            fs::write(folder.join(FIRST), &bytes[..left]).unwrap();
        };
        check_broken(cut, &[FIRST]);
    }
    check_broken(|folder| fs::write(folder.join(FIRST), [255; 64]).unwrap(), &[FIRST]);
    check_broken(|folder| change(folder, |header| header[name]["shape"] = json!([8, 11])), &[FIRST, name, "[11, 8]"]);
    check_broken(|folder| change(folder, |header| header[name]["dtype"] = json!("I32")), &[FIRST, name, "I32"]);
    let rename = |header: &mut Value| {
        let about = header.as_object_mut().unwrap().shift_remove(name).unwrap();
        header["model.other.weight"] = about;
    };
    check_broken(|folder| change(folder, rename), &[FIRST, "model.other.weight"]);
    for number in [f32::NAN, f32::INFINITY] {
        let spoil = |folder: &Path| {
            let (header, mut data) = parts(&folder.join(FIRST));
            data[40..44].copy_from_slice(&number.to_le_bytes());
            raw(&folder.join(FIRST), &header, &data);
        };
        check_broken(spoil, &[FIRST, name, "place 10"]);
    }
    let index =
        |text: &'static str| move |folder: &Path| fs::write(folder.join("model.safetensors.index.json"), text).unwrap();
    check_broken(index("{}"), &["index.json", "weight_map"]);
    check_broken(index(r#"{"weight_map": {"x": "../x.safetensors"}}"#), &["index.json", "`x`"]);
    check_broken(index(r#"{"weight_map": {"x": 3}}"#), &["index.json", "`x`"]);
    let only_first = |folder: &Path| {
        let text = json!({"weight_map": {"x": FIRST}}).to_string();
        fs::write(folder.join("model.safetensors.index.json"), text).unwrap();
    };
    check_broken(only_first, &["is missing"]);
}

#[test]
fn what_is_no_number_is_not_written() {
    let folder = folder();
    let mut weights = Weights::from_seed(&config(true), 2).unwrap();
    weights.values_mut()[20] = f32::NAN;
    let error = weights.write(folder.path(), Precision::F32, 1 << 30).unwrap_err();
    assert!(error.to_string().contains("model.embed_tokens.weight"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
}
