//! Gradients of what is trained.

use super::{LinearGradient, Network};
use crate::NetworkError;
use crate::lora::{Adapter, AdapterLayout};
use crate::weights::{Layout, Part, Place, Weights};

/// Gradients of what is trained: of all weights, or of an adapter while the weights stay as they are.
#[derive(Clone, Debug)]
pub struct Gradients {
    of: Trained,
    values: Vec<f32>,
}

#[derive(Clone, Debug)]
enum Trained {
    Weights(Box<Layout>),
    Adapter(AdapterLayout),
}

impl Gradients {
    /// Gradients of weights, all 0. They lie as the weights do.
    #[must_use]
    pub fn of_weights(weights: &Weights) -> Self {
        Self { of: Trained::Weights(Box::new(weights.layout().clone())), values: vec![0.0; weights.values().len()] }
    }

    /// Gradients of an adapter, all 0. They lie as its values do.
    #[must_use]
    pub fn of_adapter(adapter: &Adapter) -> Self {
        Self { of: Trained::Adapter(adapter.layout().clone()), values: vec![0.0; adapter.values().len()] }
    }

    /// All gradients.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// All gradients, to be changed.
    pub fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    /// Makes all of them 0.
    pub fn clear(&mut self) {
        self.values.fill(0.0);
    }

    pub(super) fn weight(&mut self, place: Place) -> Option<&mut [f32]> {
        match &self.of {
            Trained::Weights(layout) => Some(&mut self.values[layout.range(place)]),
            Trained::Adapter(_) => None,
        }
    }

    pub(super) fn linear(&mut self, layer: usize, part: Part) -> LinearGradient<'_> {
        match &self.of {
            Trained::Weights(layout) => {
                let weight = Some(&mut self.values[layout.range(Place::Layer(layer, part))]);
                LinearGradient { weight, adapter: None }
            }
            Trained::Adapter(layout) => {
                let both = layout.range(layer, part);
                let adapter = both.map(|(down, up)| {
                    let (down, up) = self.values[down.start..up.end].split_at_mut(down.len());
                    [down, up]
                });
                LinearGradient { weight: None, adapter }
            }
        }
    }

    pub(super) fn check_fits(&self, network: &Network<'_>) -> Result<(), NetworkError> {
        let fits = match (&self.of, network.adapter) {
            (Trained::Weights(layout), _) => **layout == *network.weights.layout(),
            (Trained::Adapter(layout), Some(adapter)) => layout == adapter.layout(),
            (Trained::Adapter(_), None) => false,
        };
        if fits {
            return Ok(());
        }
        Err(NetworkError::Misfit("the gradients are those of a network of another shape".to_owned()))
    }
}
