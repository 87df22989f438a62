//! The weights of a network: one slice of `f32`, drawn from a seed or read from a Hugging Face folder.

mod file;
mod folder;
mod layout;

use rand::RngExt;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

pub use file::Precision;
pub(crate) use file::{TensorFile, TensorOut, write_tensors};
pub(crate) use folder::write_json;
pub use layout::{Layout, Part, Place};

use crate::{Config, NetworkError};

/// The weights of a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    config: Config,
    layout: Layout,
    values: Vec<f32>,
}

impl Weights {
    /// Weights from scratch: normalisations are ones, all else is drawn from a normal distribution around 0 that is as
    /// wide as [`Config::initializer_range`]. The same seed gives the same weights.
    ///
    /// # Errors
    ///
    /// When there is no network of this shape.
    pub fn from_seed(config: &Config, seed: u64) -> Result<Self, NetworkError> {
        let mut weights = Self::zeros(config)?;
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        for place in weights.layout.places() {
            let range = weights.layout.range(place);
            if place.is_norm() {
                weights.values[range].fill(1.0);
            } else {
                normal(&mut weights.values[range], config.initializer_range, &mut random);
            }
        }
        Ok(weights)
    }

    /// Weights that are all 0.
    fn zeros(config: &Config) -> Result<Self, NetworkError> {
        config.check()?;
        let layout = Layout::new(config);
        let mut values = Vec::new();
        let refused = |error| NetworkError::Misfit(format!("no memory for {} weights: {error}", layout.len()));
        values.try_reserve_exact(layout.len()).map_err(refused)?;
        values.resize(layout.len(), 0.0);
        Ok(Self { config: config.clone(), layout, values })
    }

    /// The shape of the network.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Where each tensor lies.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// All weights.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// All weights, to be changed.
    pub fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    /// A tensor.
    #[must_use]
    pub fn tensor(&self, place: Place) -> &[f32] {
        &self.values[self.layout.range(place)]
    }

    /// A tensor, to be changed.
    pub fn tensor_mut(&mut self, place: Place) -> &mut [f32] {
        let range = self.layout.range(place);
        &mut self.values[range]
    }
}

/// Fills a slice with draws from a normal distribution around 0.
fn normal(values: &mut [f32], deviation: f64, random: &mut ChaCha8Rng) {
    for pair in values.chunks_mut(2) {
        // Two independent draws of Box and Muller; the first number is never 0.
        let radius = (-2.0 * (1.0 - random.random::<f64>()).ln()).sqrt();
        let angle = std::f64::consts::TAU * random.random::<f64>();
        for (value, side) in pair.iter_mut().zip([angle.cos(), angle.sin()]) {
            let drawn = (radius * side * deviation) as f32;
            *value = drawn;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
