//! The loss of a reward model.

use candle_core::{Result, Tensor};

use super::log_sigmoid::log_sigmoid;
use super::pairs::Paired;

/// `-log S(r_c - r_r - m)` of each pair of scores: that of Bradley and Terry. The margin `m` is 0 where the chosen side only
/// has to be better.
///
/// # Errors
///
/// When tensors differ in shape.
pub fn bradley_terry(scores: &Paired, margin: f64) -> Result<Tensor> {
    log_sigmoid(&(scores.difference()? - margin)?)?.neg()
}
