//! Adapters: two narrow matrices beside a wide one, trained while the wide one stays as it is.

mod config;
mod folder;
mod layout;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub use config::AdapterConfig;
pub use layout::AdapterLayout;

use crate::kernels::{Matrix, MatrixMut, Threads, product};
use crate::network::LowRank;
use crate::weights::{Part, Place, Weights};
use crate::{Config, NetworkError};

/// An adapter to the matrices of a network ([LoRA](https://arxiv.org/abs/2106.09685)). A network without it is the
/// reference of one with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Adapter {
    config: AdapterConfig,
    layout: AdapterLayout,
    values: Vec<f32>,
}

impl Adapter {
    /// An adapter that changes nothing yet: what leads down is drawn evenly, as wide as one over the root of the
    /// inputs, and what leads up is 0.
    ///
    /// # Errors
    ///
    /// When there is no adapter of this shape.
    pub fn from_seed(network: &Config, config: &AdapterConfig, seed: u64) -> Result<Self, NetworkError> {
        let mut adapter = Self::zeros(network, config)?;
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        for (layer, part) in adapter.layout.places() {
            let (down, _) = adapter.layout.range(layer, part).expect("the adapter has the place");
            let bound = 1.0 / (part.shape(network)[1] as f32).sqrt();
            for value in &mut adapter.values[down] {
                *value = (random.random::<f32>() * 2.0 - 1.0) * bound;
            }
        }
        Ok(adapter)
    }

    fn zeros(network: &Config, config: &AdapterConfig) -> Result<Self, NetworkError> {
        network.check()?;
        config.check()?;
        let layout = AdapterLayout::new(network, config);
        Ok(Self { config: config.clone(), values: vec![0.0; layout.len()], layout })
    }

    /// What the adapter is like.
    #[must_use]
    pub fn config(&self) -> &AdapterConfig {
        &self.config
    }

    /// Where each of its matrices lies.
    #[must_use]
    pub fn layout(&self) -> &AdapterLayout {
        &self.layout
    }

    /// All its numbers.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// All its numbers, to be changed.
    pub fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    /// Adds the adapter to weights, which then give by themselves what they gave with it.
    ///
    /// # Errors
    ///
    /// When the weights are those of a network of another shape.
    pub fn merge_into(&self, weights: &mut Weights) -> Result<(), NetworkError> {
        self.check_fits(weights.config())?;
        for (layer, part) in self.layout.places() {
            let [outputs, inputs] = part.shape(weights.config());
            let low = self.low_rank(layer, part).expect("the adapter has the place");
            let up = Matrix::new(low.up, outputs, low.rank);
            let down = Matrix::new(low.down, low.rank, inputs);
            let weight = weights.tensor_mut(Place::Layer(layer, part));
            product(MatrixMut::new(weight, outputs, inputs).adding(true), up, down, low.scale, Threads::All);
        }
        Ok(())
    }

    pub(crate) fn low_rank(&self, layer: usize, part: Part) -> Option<LowRank<'_>> {
        let (down, up) = self.layout.range(layer, part)?;
        let (down, up) = (&self.values[down], &self.values[up]);
        Some(LowRank { down, up, rank: self.config.rank, scale: self.config.scale() })
    }

    pub(crate) fn check_fits(&self, network: &Config) -> Result<(), NetworkError> {
        if AdapterLayout::new(network, &self.config) == self.layout {
            return Ok(());
        }
        Err(NetworkError::Misfit("the adapter is one to a network of another shape".to_owned()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
