//! What fine-tuning and preference have in common: how long, how fast, in which order.

use serde::{Deserialize, Serialize};

use crate::schedule::Schedule;
use crate::{AdamW, Batching, Sft, TrainError, Update};

/// What fine-tuning and preference have in common.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Training {
    /// How long it takes.
    pub length: Length,
    /// What each step learns from.
    pub batching: Batching,
    /// The optimiser.
    pub optimiser: AdamW,
    /// The learning rate of each step.
    pub schedule: Schedule,
    /// The norm that the gradients of a step together have at most.
    pub clip: Option<f64>,
    /// What the order is drawn from.
    pub seed: u64,
    /// How much of the running average of what is learnt a step keeps, where one is kept: 0.999 for one over some
    /// thousand steps. It is saved beside the model.
    pub average: Option<f64>,
}

/// How long training takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Length {
    /// So many times through the data.
    Epochs(u64),
    /// So many steps.
    Steps(u64),
}

impl Default for Training {
    /// That of [`Sft::offseeker`].
    fn default() -> Self {
        Sft::offseeker().training
    }
}

impl Training {
    /// How many steps there are.
    #[must_use]
    pub fn steps(&self, steps_per_epoch: u64) -> u64 {
        match self.length {
            Length::Epochs(epochs) => epochs.saturating_mul(steps_per_epoch),
            Length::Steps(steps) => steps,
        }
    }

    /// How far a step goes; steps are counted from 0.
    #[must_use]
    pub fn update(&self, step: u64, steps: u64) -> Update {
        let rate = self.schedule.rate(step, steps);
        Update { step: step + 1, rate, clip: self.clip, optimiser: self.optimiser }
    }

    /// Says whether one can train so.
    ///
    /// # Errors
    ///
    /// When not, with the field.
    pub fn check(&self) -> Result<(), TrainError> {
        let wrong = |field, what: String| Err(TrainError::Settings { field, what });
        if matches!(self.length, Length::Epochs(0) | Length::Steps(0)) {
            return wrong("length", "0; nothing would be learnt".to_owned());
        }
        if let Some(clip) = self.clip.filter(|clip| !(*clip > 0.0 && clip.is_finite())) {
            return wrong("clip", format!("{clip}; it is above 0, or left out"));
        }
        if let Some(average) = self.average.filter(|average| !(0.0..1.0).contains(average)) {
            return wrong("average", format!("{average}; it is at least 0 and below 1, or left out"));
        }
        self.schedule.check()?;
        self.optimiser.check()
    }
}
