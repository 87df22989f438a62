//! Means of weights: over the steps of one training, or over the ends of several.

use offseeker_language_model::{Config, Weights};
use rayon::prelude::*;
use serde_json::Map;

use crate::TrainError;

/// How many numbers one thread works on.
const TILE: usize = 1 << 14;
/// How far weights may be from adding up to 1.
const SLACK: f64 = 1e-6;

/// An exponential moving average of what is trained: `a ← d a + (1 - d) w` after each step.
///
/// It is kept in `f32`: a weight that moves by less than about `6e-8 / (1 - d)` of its size no longer moves it.
///
/// ```
/// use offseeker_trainer::average::MovingAverage;
///
/// let mut average = MovingAverage::new(&[0.0, 8.0], 0.75)?;
/// average.add(&[4.0, 8.0])?;
/// average.add(&[4.0, 8.0])?;
/// assert_eq!(average.values(), [1.75, 8.0]);
/// # Ok::<(), offseeker_trainer::TrainError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MovingAverage {
    values: Vec<f32>,
    decay: f64,
    warms_up: bool,
    steps: u64,
}

impl MovingAverage {
    /// An average that begins with these values and keeps a share of itself at each step.
    ///
    /// # Errors
    ///
    /// When the share is not from 0 to 1.
    pub fn new(values: &[f32], decay: f64) -> Result<Self, TrainError> {
        Self::resumed(values.to_vec(), decay, 0)
    }

    /// An average that goes on after so many steps.
    ///
    /// # Errors
    ///
    /// When the share is not from 0 to 1.
    pub fn resumed(values: Vec<f32>, decay: f64, steps: u64) -> Result<Self, TrainError> {
        if !(0.0..=1.0).contains(&decay) {
            return Err(TrainError::Settings { field: "decay", what: format!("is {decay}; it is from 0 to 1") });
        }
        Ok(Self { values, decay, warms_up: false, steps })
    }

    /// The same, but early steps count for more: of itself it keeps `(1 + n) / (10 + n)` at most, where `n` steps were
    /// added before.
    #[must_use]
    pub fn warming_up(self) -> Self {
        Self { warms_up: true, ..self }
    }

    /// The share that it keeps of itself at the next step.
    #[must_use]
    pub fn decay(&self) -> f64 {
        let steps = self.steps as f64;
        if self.warms_up { self.decay.min((1.0 + steps) / (10.0 + steps)) } else { self.decay }
    }

    /// Adds the values after a step.
    ///
    /// # Errors
    ///
    /// When there are more or fewer than before.
    pub fn add(&mut self, values: &[f32]) -> Result<(), TrainError> {
        if values.len() != self.values.len() {
            let what = format!("has {} numbers, and the step has {}", self.values.len(), values.len());
            return Err(TrainError::Settings { field: "moving average", what });
        }
        let share = (1.0 - self.decay()) as f32;
        let tiles = self.values.par_chunks_mut(TILE).zip(values.par_chunks(TILE));
        tiles.for_each(|(averages, values)| {
            for (average, value) in averages.iter_mut().zip(values) {
                *average += share * (value - *average);
            }
        });
        self.steps += 1;
        Ok(())
    }

    /// The average.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// How many steps were added.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }
}

/// Merges networks of one shape: each weight is the mean of theirs, by shares that add up to 1.
///
/// ```
/// use offseeker_language_model::{Config, Weights};
/// use offseeker_trainer::average::merge;
///
/// let config = Config::small(64, 32, 1, 1);
/// let (one, other) = (Weights::from_seed(&config, 1)?, Weights::from_seed(&config, 2)?);
/// let merged = merge(&[(&one, 0.25), (&other, 0.75)])?;
/// let expected = 0.25 * one.values()[5] + 0.75 * other.values()[5];
/// assert!((merged.values()[5] - expected).abs() < 1e-7);
/// # Ok::<(), offseeker_trainer::TrainError>(())
/// ```
///
/// # Errors
///
/// When there is none, when shares do not add up to 1, or when shapes differ.
pub fn merge(parts: &[(&Weights, f64)]) -> Result<Weights, TrainError> {
    let wrong = |field, what| Err(TrainError::Settings { field, what });
    let Some(((first, _), others)) = parts.split_first() else {
        return wrong("networks", "are none; there is nothing to merge".to_owned());
    };
    let sum: f64 = parts.iter().map(|(_, share)| share).sum();
    if sum.is_nan() || (sum - 1.0).abs() > SLACK {
        return wrong("shares", format!("add up to {sum}; they must add up to 1"));
    }
    for (at, (other, _)) in (2..).zip(others) {
        if shape(other.config()) != shape(first.config()) {
            return wrong("networks", format!("are not of one shape: number {at} is not of that of the first"));
        }
    }
    let mut merged = (*first).clone();
    merged.values_mut().par_chunks_mut(TILE).enumerate().for_each(|(tile, values)| {
        for (at, value) in (tile * TILE..).zip(values) {
            let mean: f64 = parts.iter().map(|(weights, share)| f64::from(weights.values()[at]) * share).sum();
            *value = mean as f32;
        }
    });
    Ok(merged)
}

/// What two networks must share to be merged: all that says how weights are used.
fn shape(config: &Config) -> Config {
    Config { max_position_embeddings: 0, initializer_range: 0.0, other: Map::new(), ..config.clone() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
