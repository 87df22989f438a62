//! Hugging Face folders of weights, in one file or in shards.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use super::file::{Precision, TensorFile, TensorOut, write_tensors};
use super::{Place, Weights};
use crate::NetworkError;
use crate::config::{self, Config, read_json};

const SINGLE: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";
/// No model has more files.
const MOST_SHARDS: usize = 4096;

impl Weights {
    /// Reads a Hugging Face folder: `config.json`, and the tensors in one file or in shards, as `f32`, `bf16` or `f16`.
    ///
    /// # Errors
    ///
    /// When a file is missing, cut off or no such file; when a tensor is missing, is not expected, has another shape or
    /// holds what is no finite number.
    pub fn read(folder: &Path) -> Result<Self, NetworkError> {
        let mut weights = Self::zeros(&Config::read(folder)?)?;
        let mut missing: BTreeMap<String, Place> = weights.layout.places().map(|place| (place.name(), place)).collect();
        for name in files(folder)? {
            let file = TensorFile::open(&folder.join(name))?;
            weights.read_file(&file, &mut missing)?;
        }
        match missing.into_keys().next() {
            Some(name) => Err(NetworkError::tensor(folder, &name, "is missing")),
            None => Ok(weights),
        }
    }

    fn read_file(&mut self, file: &TensorFile, missing: &mut BTreeMap<String, Place>) -> Result<(), NetworkError> {
        let tensors = file.tensors()?;
        let mut names = tensors.names();
        names.sort_unstable();
        for name in names {
            if let Some(place) = missing.remove(name) {
                let shape = self.layout.shape(place);
                file.read(&tensors, name, &shape, self.tensor_mut(place))?;
            } else if !self.is_known_surplus(name) {
                let what = "is not one of this network, or is there twice";
                return Err(NetworkError::tensor(file.path(), name, what));
            }
        }
        Ok(())
    }

    /// Tensors that some programs write although they follow from others.
    fn is_known_surplus(&self, name: &str) -> bool {
        name.ends_with("rotary_emb.inv_freq") || (self.config.tie_word_embeddings && name == Place::Head.name())
    }

    /// Writes a Hugging Face folder: the tensors, in one file or in shards of at most so many bytes (and at least one
    /// tensor) each, and `config.json` last, so that a folder that has it is whole. The folder is made where it is not
    /// there.
    ///
    /// # Errors
    ///
    /// When a model is there already, when a weight is no finite number, or when the system refuses; a file is there
    /// whole or not at all.
    pub fn write(&self, folder: &Path, precision: Precision, most_bytes: u64) -> Result<(), NetworkError> {
        std::fs::create_dir_all(folder).map_err(|error| NetworkError::io(folder, error))?;
        refuse_occupied(folder)?;
        let shards = self.shards(precision, most_bytes);
        if let [places] = &shards[..] {
            write_tensors(&folder.join(SINGLE), &self.out(places), precision)?;
        } else {
            self.write_shards(folder, &shards, precision)?;
        }
        let mut about = self.config.to_json();
        about.as_object_mut().expect("a configuration is an object").shift_remove("dtype");
        about["torch_dtype"] = json!(precision.torch());
        write_json(&folder.join(config::FILE), &about)
    }

    fn write_shards(&self, folder: &Path, shards: &[Vec<Place>], precision: Precision) -> Result<(), NetworkError> {
        let mut map = BTreeMap::new();
        for (number, places) in shards.iter().enumerate() {
            let name = format!("model-{:05}-of-{:05}.safetensors", number + 1, shards.len());
            write_tensors(&folder.join(&name), &self.out(places), precision)?;
            map.extend(places.iter().map(|place| (place.name(), name.clone())));
        }
        let total = self.values.len() * precision.bytes();
        write_json(&folder.join(INDEX), &json!({"metadata": {"total_size": total}, "weight_map": map}))
    }

    /// Which tensors go into which file.
    fn shards(&self, precision: Precision, most_bytes: u64) -> Vec<Vec<Place>> {
        let (mut shards, mut filled): (Vec<Vec<Place>>, u64) = (vec![Vec::new()], 0);
        for place in self.layout.places() {
            let bytes = (self.layout.range(place).len() * precision.bytes()) as u64;
            if filled > 0 && filled + bytes > most_bytes {
                shards.push(Vec::new());
                filled = 0;
            }
            shards.last_mut().expect("there is a first shard").push(place);
            filled += bytes;
        }
        shards
    }

    fn out(&self, places: &[Place]) -> Vec<TensorOut<'_>> {
        let out = |place: &Place| TensorOut {
            name: place.name(),
            shape: self.layout.shape(*place),
            values: self.tensor(*place),
        };
        places.iter().map(out).collect()
    }
}

/// The files that hold the tensors of a folder.
fn files(folder: &Path) -> Result<BTreeSet<String>, NetworkError> {
    let index = folder.join(INDEX);
    if !index.exists() {
        return Ok(BTreeSet::from([SINGLE.to_owned()]));
    }
    let about = read_json(&index)?;
    let map = about.get("weight_map").and_then(Value::as_object);
    let map = map.ok_or_else(|| NetworkError::damaged(&index, "has no weight_map"))?;
    let mut files = BTreeSet::new();
    for (tensor, file) in map {
        let name = file.as_str().filter(|name| is_plain(name));
        let name = name.ok_or_else(|| NetworkError::damaged(&index, format!("says that `{tensor}` is in {file}")))?;
        files.insert(name.to_owned());
    }
    if files.len() > MOST_SHARDS {
        return Err(NetworkError::damaged(&index, format!("names {} files, more than any model has", files.len())));
    }
    Ok(files)
}

/// Whether a name is one of a file in the folder itself.
fn is_plain(name: &str) -> bool {
    let ends_well = Path::new(name).extension().is_some_and(|ending| ending == "safetensors");
    ends_well && !name.contains(['/', '\\', ':'])
}

fn refuse_occupied(folder: &Path) -> Result<(), NetworkError> {
    for entry in std::fs::read_dir(folder).map_err(|error| NetworkError::io(folder, error))? {
        let path = entry.map_err(|error| NetworkError::io(folder, error))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name == config::FILE || name == INDEX || name.ends_with(".safetensors") {
            return Err(NetworkError::Occupied { path });
        }
    }
    Ok(())
}

pub(crate) fn write_json(path: &Path, value: &Value) -> Result<(), NetworkError> {
    let mut text = serde_json::to_vec_pretty(value).expect("a value is JSON");
    text.push(b'\n');
    offseeker_durable::write(path, &text).map_err(|error| NetworkError::io(path, error))
}
