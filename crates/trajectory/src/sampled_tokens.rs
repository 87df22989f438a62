//! The very tokens that a model sampled.

use serde::{Deserialize, Serialize};

use crate::TrajectoryError;

/// The tokens that a model sampled for one message, in order.
///
/// Training uses these; a text that is tokenised again need not give the same ones. A server may know only the tokens
/// or only their log-probabilities; where it knows both there is one log-probability for each token.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Wire")]
pub struct SampledTokens {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ids: Vec<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logprobs: Vec<f32>,
}

impl SampledTokens {
    /// Tokens and the natural logarithm of the probability of each, where these are known.
    ///
    /// A log-probability that JSON cannot say, minus infinity above all, becomes the lowest finite number.
    ///
    /// # Errors
    ///
    /// When there are both but not one log-probability for each token.
    pub fn new(ids: Vec<u32>, logprobs: Vec<f32>) -> Result<Self, TrajectoryError> {
        if !ids.is_empty() && !logprobs.is_empty() && logprobs.len() != ids.len() {
            return Err(TrajectoryError::Length {
                what: "log-probabilities",
                tokens: ids.len(),
                found: logprobs.len(),
            });
        }
        let logprobs = logprobs.into_iter().map(sayable).collect();
        Ok(Self { ids, logprobs })
    }

    /// The tokens, or nothing where these are unknown.
    #[must_use]
    pub fn ids(&self) -> &[u32] {
        &self.ids
    }

    /// The log-probability of each token, or nothing where these are unknown.
    #[must_use]
    pub fn logprobs(&self) -> &[f32] {
        &self.logprobs
    }
}

fn sayable(logprob: f32) -> f32 {
    if logprob.is_finite() { logprob } else { f32::MIN }
}

#[derive(Deserialize)]
struct Wire {
    #[serde(default)]
    ids: Vec<u32>,
    #[serde(default)]
    logprobs: Vec<f32>,
}

impl TryFrom<Wire> for SampledTokens {
    type Error = TrajectoryError;

    fn try_from(wire: Wire) -> Result<Self, TrajectoryError> {
        Self::new(wire.ids, wire.logprobs)
    }
}
