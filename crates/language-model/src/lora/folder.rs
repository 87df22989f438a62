//! PEFT folders of adapters.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Adapter, AdapterConfig};
use crate::config::read_json;
use crate::weights::{Part, Precision, TensorFile, TensorOut, write_json, write_tensors};
use crate::{Config, NetworkError};

const ABOUT: &str = "adapter_config.json";
const TENSORS: &str = "adapter_model.safetensors";

impl Adapter {
    /// Reads a PEFT folder: `adapter_config.json` and `adapter_model.safetensors`, for a network of a shape.
    ///
    /// # Errors
    ///
    /// When a file is missing, cut off or no such file; when it says what no adapter here is; when a tensor is missing,
    /// is not expected, has another shape or holds what is no finite number.
    pub fn read(folder: &Path, network: &Config) -> Result<Self, NetworkError> {
        let config = AdapterConfig::from_json(&read_json(&folder.join(ABOUT))?)?;
        let mut adapter = Self::zeros(network, &config)?;
        let file = TensorFile::open(&folder.join(TENSORS))?;
        let tensors = file.tensors()?;
        let mut extra: BTreeSet<&str> = tensors.names().into_iter().collect();
        for (layer, part) in adapter.layout.places() {
            let (down, up) = adapter.layout.range(layer, part).expect("the adapter has the place");
            let [name_down, name_up] = names(layer, part);
            let [shape_down, shape_up] = shapes(network, &config, part);
            file.read(&tensors, &name_down, &shape_down, &mut adapter.values[down])?;
            file.read(&tensors, &name_up, &shape_up, &mut adapter.values[up])?;
            extra.remove(&name_down[..]);
            extra.remove(&name_up[..]);
        }
        match extra.pop_first() {
            Some(name) => Err(NetworkError::tensor(file.path(), name, "is not one of this adapter")),
            None => Ok(adapter),
        }
    }

    /// Writes a PEFT folder, `adapter_config.json` last. The folder is made where it is not there.
    ///
    /// # Errors
    ///
    /// When an adapter is there already, when a number is not finite, or when the system refuses; a file is there whole
    /// or not at all.
    pub fn write(&self, folder: &Path, network: &Config, precision: Precision) -> Result<(), NetworkError> {
        self.check_fits(network)?;
        std::fs::create_dir_all(folder).map_err(|error| NetworkError::io(folder, error))?;
        for name in [ABOUT, TENSORS] {
            let path = folder.join(name);
            if path.exists() {
                return Err(NetworkError::Occupied { path });
            }
        }
        let mut tensors = Vec::new();
        for (layer, part) in self.layout.places() {
            let (down, up) = self.layout.range(layer, part).expect("the adapter has the place");
            let both = names(layer, part).into_iter().zip(shapes(network, &self.config, part)).zip([down, up]);
            let out = both.map(|((name, shape), range)| TensorOut {
                name,
                shape: shape.to_vec(),
                values: &self.values[range],
            });
            tensors.extend(out);
        }
        write_tensors(&folder.join(TENSORS), &tensors, precision)?;
        write_json(&folder.join(ABOUT), &self.config.to_json())
    }
}

/// What PEFT calls what leads down, and what leads up.
fn names(layer: usize, part: Part) -> [String; 2] {
    ["lora_A", "lora_B"].map(|side| format!("base_model.model.model.layers.{layer}.{}.{side}.weight", part.path()))
}

fn shapes(network: &Config, config: &AdapterConfig, part: Part) -> [[usize; 2]; 2] {
    let [outputs, inputs] = part.shape(network);
    [[config.rank, inputs], [outputs, config.rank]]
}
