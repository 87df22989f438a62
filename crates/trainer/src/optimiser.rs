//! The optimiser, over numbers that lie in one piece.

use std::borrow::Cow;
use std::ops::Range;

use offseeker_language_model::kernels;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{State, TrainError, Update};

/// How many squares are added up at once: the norm does not depend on how many threads there are.
const TILE: usize = 1 << 16;

/// `AdamW`: Adam with decay apart from the gradient.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdamW {
    /// How much of the mean of gradients is kept.
    pub beta1: f64,
    /// How much of the mean of their squares is kept.
    pub beta2: f64,
    /// What is added to the root of that mean.
    pub epsilon: f64,
    /// How much of a weight is taken away, times the learning rate. Normalisations and biases do not decay.
    pub weight_decay: f64,
}

impl Default for AdamW {
    fn default() -> Self {
        Self { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.1 }
    }
}

impl AdamW {
    pub(crate) fn check(&self) -> Result<(), TrainError> {
        let wrong = |field, what: String| Err(TrainError::Settings { field, what });
        for (field, beta) in [("optimiser.beta1", self.beta1), ("optimiser.beta2", self.beta2)] {
            if !(0.0..1.0).contains(&beta) {
                return wrong(field, format!("{beta}; it is at least 0 and below 1"));
            }
        }
        if !(self.epsilon > 0.0 && self.epsilon.is_finite()) {
            return wrong("optimiser.epsilon", format!("{}; it is above 0", self.epsilon));
        }
        if !(self.weight_decay >= 0.0 && self.weight_decay.is_finite()) {
            return wrong("optimiser.weight_decay", format!("{}; it is 0 or more", self.weight_decay));
        }
        Ok(())
    }

    fn kernel(&self, rate: f64, decays: bool) -> kernels::AdamW {
        kernels::AdamW {
            learning_rate: rate as f32,
            beta1: self.beta1 as f32,
            beta2: self.beta2 as f32,
            epsilon: self.epsilon as f32,
            weight_decay: if decays { self.weight_decay as f32 } else { 0.0 },
        }
    }
}

/// The moments of gradients, in `f32`: what a policy on the CPU needs to go steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    first: Vec<f32>,
    second: Vec<f32>,
    /// What does not decay, in order.
    undecayed: Vec<Range<usize>>,
}

impl Moments {
    /// Moments of so many numbers, all nought. The ranges that do not decay are in order and apart.
    #[must_use]
    pub fn new(count: usize, undecayed: Vec<Range<usize>>) -> Self {
        Self { first: vec![0.0; count], second: vec![0.0; count], undecayed }
    }

    /// Goes a step, makes the gradients nought, and gives their norm as it was before the clip.
    ///
    /// # Errors
    ///
    /// When a gradient is no finite number; only the gradients have changed then, to nought.
    pub fn step(&mut self, values: &mut [f32], gradients: &mut [f32], update: &Update) -> Result<f64, TrainError> {
        let norm = norm(gradients);
        if !norm.is_finite() {
            gradients.fill(0.0);
            return Err(TrainError::NotFinite {
                step: update.step,
                what: "a gradient is no finite number; lower the learning rate, or look at the rows of this step"
                    .into(),
            });
        }
        let scale = match update.clip {
            // The same 1e-6 as elsewhere, so that the curves are the same too.
            Some(clip) => (clip / (norm + 1e-6)).min(1.0),
            None => 1.0,
        };
        let step = u32::try_from(update.step).unwrap_or(u32::MAX);
        for (range, decays) in runs(values.len(), &self.undecayed) {
            let moments = (&mut self.first[range.clone()], &mut self.second[range.clone()]);
            let kernel = update.optimiser.kernel(update.rate, decays);
            kernel.step(&mut values[range.clone()], &gradients[range], moments, step, scale as f32);
        }
        gradients.fill(0.0);
        Ok(norm)
    }

    /// What has to be kept, beside the values.
    #[must_use]
    pub fn state<'a>(&'a self, values: Cow<'a, [f32]>) -> State<'a> {
        State { values, first: Cow::Borrowed(&self.first), second: Cow::Borrowed(&self.second) }
    }

    /// Goes on from what was kept, and gives the values.
    ///
    /// # Errors
    ///
    /// When it is that of another model.
    pub fn restore(&mut self, state: State<'static>) -> Result<Vec<f32>, TrainError> {
        state.check(self.first.len())?;
        self.first = state.first.into_owned();
        self.second = state.second.into_owned();
        Ok(state.values.into_owned())
    }
}

/// The runs of numbers that decay or do not, in order.
fn runs(count: usize, undecayed: &[Range<usize>]) -> Vec<(Range<usize>, bool)> {
    let (mut runs, mut at) = (Vec::new(), 0);
    for range in undecayed {
        runs.push((at..range.start, true));
        runs.push((range.clone(), false));
        at = range.end;
    }
    runs.push((at..count, true));
    runs.retain(|(range, _)| !range.is_empty());
    runs
}

fn norm(gradients: &[f32]) -> f64 {
    let squares = |tile: &[f32]| tile.iter().map(|it| f64::from(*it) * f64::from(*it)).sum::<f64>();
    let sums: Vec<f64> = gradients.par_chunks(TILE).map(squares).collect();
    sums.iter().sum::<f64>().sqrt()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
