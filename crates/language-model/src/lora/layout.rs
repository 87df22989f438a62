//! Where each matrix of an adapter lies among its numbers.

use std::ops::Range;

use super::AdapterConfig;
use crate::Config;
use crate::weights::Part;

/// Where each matrix of an adapter lies among its numbers: layer by layer, what leads down before what leads up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdapterLayout {
    layers: usize,
    /// Of each target within a layer: where it begins, and how long what leads down and what leads up are.
    targets: Vec<(Part, usize, [usize; 2])>,
    layer: usize,
}

impl AdapterLayout {
    pub(super) fn new(network: &Config, config: &AdapterConfig) -> Self {
        let (mut targets, mut layer) = (Vec::new(), 0);
        for part in Part::LINEAR {
            if config.targets.contains(&part) {
                let lengths = part.shape(network).map(|side| side * config.rank);
                let [up, down] = lengths;
                targets.push((part, layer, [down, up]));
                layer += down + up;
            }
        }
        Self { layers: network.num_hidden_layers, targets, layer }
    }

    /// How many numbers there are.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "no adapter is empty")]
    pub fn len(&self) -> usize {
        self.layers * self.layer
    }

    /// Where the two matrices of a target lie, one after the other: what leads down, of rank by inputs, and what leads
    /// up, of outputs by rank. None where the matrix has no adapter.
    #[must_use]
    pub fn range(&self, layer: usize, part: Part) -> Option<(Range<usize>, Range<usize>)> {
        let (_, start, [down, up]) = self.targets.iter().find(|(target, ..)| *target == part)?;
        let start = layer * self.layer + start;
        (layer < self.layers).then(|| (start..start + down, start + down..start + down + up))
    }

    /// The matrices that have an adapter.
    pub fn places(&self) -> impl Iterator<Item = (usize, Part)> + use<> {
        let parts: Vec<Part> = self.targets.iter().map(|(part, ..)| *part).collect();
        (0..self.layers).flat_map(move |layer| parts.clone().into_iter().map(move |part| (layer, part)))
    }
}
