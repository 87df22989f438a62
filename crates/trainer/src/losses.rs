//! Losses: free functions of log-probabilities, as tensors with a gradient.
//!
//! The shapes: `_n` is one number a chosen token, of all sequences one after the other; `_s` one a sequence; `_p` one a
//! pair. A policy gives its log-probabilities as `f32`; [`sums`] adds them up in `f64`, and what is made of the sums stays
//! so, because a sum over fifty thousand tokens in `f32` is off by more than what a step changes. The gradient is `f32`
//! again where it comes back.
//!
//! A loss of one's own is a function like these:
//!
//! ```
//! use candle_core::{Device, Result, Tensor, Var};
//!
//! /// The mean of `(log π(t))²`: what the policy finds unlikely counts for more.
//! fn squared(log_probabilities_n: &Tensor) -> Result<Tensor> {
//!     log_probabilities_n.sqr()?.mean_all()
//! }
//!
//! let log_probabilities_n = Var::from_vec(vec![-0.1_f32, -2.0], 2, &Device::Cpu)?;
//! let gradients = squared(&log_probabilities_n)?.backward()?;
//! let upstream = gradients.get(&log_probabilities_n).expect("the loss depends on it").to_vec1::<f32>()?;
//! assert_eq!(upstream, [-0.1, -2.0]); // what the backward pass of the policy is given
//! # Ok::<(), candle_core::Error>(())
//! ```

mod bradley_terry;
mod divergence;
mod kto;
mod log_sigmoid;
mod objective;
mod pairs;
mod preference;
mod reference_free;
mod tokens;

pub use bradley_terry::bradley_terry;
pub use divergence::Divergence;
pub use kto::{kl_estimate, kto, kto_desirable, kto_undesirable};
pub use log_sigmoid::{log_sigmoid, logistic};
pub use objective::{PreferenceLoss, PreferenceObjective};
pub use pairs::{PairReward, Paired, PairedLogProbabilities, length_desensitised};
pub use preference::{
    aot, aot_unpaired, apo_down, apo_zero, bco_pair, discopop, exo_pair, hinge, ipo, nca_pair, robust, sft, sigmoid,
    sigmoid_norm, sppo_hard,
};
pub use reference_free::{orpo, simpo};
pub use tokens::{dft, sums, token_nll};

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
