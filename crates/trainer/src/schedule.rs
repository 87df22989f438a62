//! How far each step goes.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use crate::TrainError;

/// How far each step goes: up from 0 to a peak, and down again.
///
/// The formulas are those of transformers: step 0 of a schedule with warm-up goes nowhere, and the floor is reached by the
/// step after the last.
///
/// ```
/// use offseeker_trainer::schedule::{Schedule, Warmup};
///
/// let schedule = Schedule { warmup: Warmup::Steps(2), ..Schedule::cosine(1e-3, 1e-5) };
/// let rates: Vec<f64> = (0..6).map(|step| schedule.rate(step, 6)).collect();
/// assert_eq!(rates[..3], [0.0, 5e-4, 1e-3]);
/// assert!(rates[3..].is_sorted_by(|one, next| one > next));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// The learning rate at its highest.
    pub peak: f64,
    /// The learning rate at the end, where it falls.
    #[serde(default)]
    pub floor: f64,
    /// How it goes up.
    #[serde(default)]
    pub warmup: Warmup,
    /// How it goes on from there.
    #[serde(default)]
    pub shape: Shape,
}

/// How many steps a schedule goes up for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Warmup {
    /// So many.
    Steps(u64),
    /// This share of all, rounded up.
    Ratio(f64),
}

impl Default for Warmup {
    fn default() -> Self {
        Self::Steps(0)
    }
}

/// How a schedule goes on from its peak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Shape {
    /// It stays there.
    Constant,
    /// It falls evenly.
    Linear,
    /// It falls along half a cosine.
    #[default]
    Cosine,
    /// It stays there, and falls at last: WSD.
    StableThenDecay {
        /// The share of all steps in which it falls.
        decay: f64,
        /// How it falls.
        #[serde(default)]
        by: Decay,
    },
}

/// How a schedule falls at last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Decay {
    /// Evenly.
    #[default]
    Linear,
    /// Along half a cosine.
    Cosine,
    /// By one less the root of what is gone.
    OneLessRoot,
}

impl Decay {
    /// What is left when this share is gone.
    fn left(self, gone: f64) -> f64 {
        match self {
            Self::Linear => 1.0 - gone,
            Self::Cosine => 0.5 * (1.0 + (PI * gone).cos()),
            Self::OneLessRoot => 1.0 - gone.sqrt(),
        }
    }
}

impl Warmup {
    fn steps(self, total: u64) -> u64 {
        match self {
            Self::Steps(steps) => steps,
            Self::Ratio(ratio) => (total as f64 * ratio).ceil() as u64,
        }
    }
}

impl Schedule {
    /// Always the same rate.
    #[must_use]
    pub fn constant(rate: f64) -> Self {
        Self { peak: rate, floor: 0.0, warmup: Warmup::default(), shape: Shape::Constant }
    }

    /// Half a cosine from a peak to a floor, without warm-up.
    #[must_use]
    pub fn cosine(peak: f64, floor: f64) -> Self {
        Self { peak, floor, warmup: Warmup::default(), shape: Shape::Cosine }
    }

    /// The learning rate of a step, counted from 0, out of so many.
    #[must_use]
    pub fn rate(&self, step: u64, total: u64) -> f64 {
        let warmup = self.warmup.steps(total);
        if step < warmup {
            return self.peak * step as f64 / warmup as f64;
        }
        let whole = total.saturating_sub(warmup);
        let left = match self.shape {
            Shape::Constant => return self.peak,
            Shape::Linear => Decay::Linear.left(share(step - warmup, whole)),
            Shape::Cosine => Decay::Cosine.left(share(step - warmup, whole)),
            Shape::StableThenDecay { decay, by } => {
                let falls = ((total as f64 * decay).ceil() as u64).min(whole);
                by.left(share(step.saturating_sub(total - falls), falls))
            }
        };
        self.floor + (self.peak - self.floor) * left
    }

    /// Says whether there is such a schedule.
    ///
    /// # Errors
    ///
    /// The first field that is wrong.
    pub fn check(&self) -> Result<(), TrainError> {
        let wrong = |field, what| Err(TrainError::Settings { field, what });
        if !(self.peak.is_finite() && self.peak > 0.0) {
            return wrong("peak", format!("is {}; it is above 0", self.peak));
        }
        if !(0.0..=self.peak).contains(&self.floor) {
            return wrong("floor", format!("is {}; it is from 0 to the peak, {}", self.floor, self.peak));
        }
        if let Warmup::Ratio(ratio) = self.warmup
            && !(0.0..=1.0).contains(&ratio)
        {
            return wrong("warmup", format!("is the ratio {ratio}; it is from 0 to 1"));
        }
        match self.shape {
            Shape::StableThenDecay { decay, .. } if !(0.0..=1.0).contains(&decay) => {
                wrong("decay", format!("is {decay}; it is a share from 0 to 1"))
            }
            _ => Ok(()),
        }
    }
}

/// Which share of a whole is gone; all of it where there is none.
fn share(gone: u64, whole: u64) -> f64 {
    if gone >= whole { 1.0 } else { gone as f64 / whole as f64 }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
