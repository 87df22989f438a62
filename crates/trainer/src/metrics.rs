//! What is measured at each step, and the file where it stands.

mod log;
mod memory;
mod number;
#[cfg(feature = "tensorboard")]
mod tensorboard;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::log::{MetricsLog, read_metrics};
pub use memory::peak_memory;
#[cfg(feature = "tensorboard")]
pub use tensorboard::TensorBoard;

use crate::losses::PairReward;

/// What is measured at a step. As JSON it is one flat row; a number that is none stands there as the text `NaN`, `inf` or
/// `-inf`.
///
/// ```
/// use offseeker_trainer::metrics::Metrics;
///
/// let row = Metrics { step: 1, loss: f64::NAN, tokens: 512, ..Metrics::default() };
/// let line = serde_json::to_string(&row)?;
/// assert!(line.starts_with(r#"{"step":1,"epoch":0.0,"loss":"NaN","tokens":512,"#));
/// assert!(serde_json::from_str::<Metrics>(&line)?.loss.is_nan());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Metrics {
    /// The step, counted from 1.
    pub step: u64,
    /// How often the data were gone through, with a fraction.
    pub epoch: f64,
    /// The loss.
    #[serde(with = "number")]
    pub loss: f64,
    /// How many tokens went through the network since the first step.
    pub tokens: u64,
    /// How many of them were learnt.
    pub learnt_tokens: u64,
    /// The norm of the gradient, before it was clipped.
    #[serde(with = "number")]
    pub gradient_norm: f64,
    /// The learning rate.
    pub learning_rate: f64,
    /// How many tokens went through the network in a second of this step.
    pub tokens_per_second: f64,
    /// The most memory that the process had, in bytes, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak_memory: Option<u64>,
    /// When the step ended, in seconds of Unix time.
    pub time: f64,
    /// What is measured of pairs.
    #[serde(flatten)]
    pub preference: Option<PreferenceMetrics>,
    /// What a held-out set gave after this step, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", with = "number::map")]
    pub evaluation: BTreeMap<String, f64>,
}

/// What is measured of the pairs of a step: means over them, by the names that TRL has for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PreferenceMetrics {
    /// The reward of chosen sides.
    #[serde(rename = "rewards/chosen", with = "number")]
    pub chosen_reward: f64,
    /// The reward of rejected sides.
    #[serde(rename = "rewards/rejected", with = "number")]
    pub rejected_reward: f64,
    /// The share of pairs whose chosen side has the higher reward.
    #[serde(rename = "rewards/accuracies", with = "number")]
    pub accuracy: f64,
    /// By how much the reward of the chosen side is higher.
    #[serde(rename = "rewards/margins", with = "number")]
    pub margin: f64,
    /// The log-probability of chosen sides.
    #[serde(rename = "logps/chosen", with = "number")]
    pub chosen_log_probability: f64,
    /// The log-probability of rejected sides.
    #[serde(rename = "logps/rejected", with = "number")]
    pub rejected_log_probability: f64,
}

impl PreferenceMetrics {
    /// Means over pairs; none without pairs.
    #[must_use]
    pub fn mean(pairs: &[PairReward]) -> Option<Self> {
        if pairs.is_empty() {
            return None;
        }
        let mean = |of: fn(&PairReward) -> f64| pairs.iter().map(of).sum::<f64>() / pairs.len() as f64;
        Some(Self {
            chosen_reward: mean(|pair| pair.chosen),
            rejected_reward: mean(|pair| pair.rejected),
            accuracy: mean(|pair| f64::from(u8::from(pair.chosen > pair.rejected))),
            margin: mean(|pair| pair.chosen - pair.rejected),
            chosen_log_probability: mean(|pair| pair.chosen_log_probability),
            rejected_log_probability: mean(|pair| pair.rejected_log_probability),
        })
    }
}

impl Metrics {
    /// Each number of the row with its name: the step and the time are none of them.
    #[must_use]
    pub fn values(&self) -> Vec<(String, f64)> {
        let mut values = vec![
            ("epoch", self.epoch),
            ("loss", self.loss),
            ("tokens", self.tokens as f64),
            ("learnt_tokens", self.learnt_tokens as f64),
            ("gradient_norm", self.gradient_norm),
            ("learning_rate", self.learning_rate),
            ("tokens_per_second", self.tokens_per_second),
        ];
        values.extend(self.peak_memory.map(|bytes| ("peak_memory", bytes as f64)));
        if let Some(of) = self.preference {
            values.extend([
                ("rewards/chosen", of.chosen_reward),
                ("rewards/rejected", of.rejected_reward),
                ("rewards/accuracies", of.accuracy),
                ("rewards/margins", of.margin),
                ("logps/chosen", of.chosen_log_probability),
                ("logps/rejected", of.rejected_log_probability),
            ]);
        }
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value));
        values.chain(self.evaluation.iter().map(|(name, value)| (format!("evaluation/{name}"), *value))).collect()
    }

    /// The row without what depends on the machine and the hour: what two runs of the same settings agree on.
    #[must_use]
    pub fn timeless(&self) -> Self {
        Self { tokens_per_second: 0.0, peak_memory: None, time: 0.0, ..self.clone() }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
