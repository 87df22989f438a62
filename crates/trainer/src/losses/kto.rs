//! The loss of Kahneman and Tversky: sides for themselves, measured from how far the policy is from its reference.

use candle_core::{Result, Tensor};

use super::log_sigmoid::logistic;
use super::pairs::Paired;

/// `z = max(0, mean of log π - log π_ref)`, unseen by the gradient: how far the policy is from its reference, from ratios
/// of answers that it was not asked for.
///
/// # Errors
///
/// When there are no numbers.
pub fn kl_estimate(ratios: &Tensor) -> Result<Tensor> {
    ratios.detach().mean_all()?.relu()
}

/// `1 - S(β (d - z))` of each desirable side ([KTO](https://arxiv.org/abs/2402.01306)).
///
/// # Errors
///
/// When `z` is no single number.
pub fn kto_desirable(ratios: &Tensor, z: &Tensor, beta: f64) -> Result<Tensor> {
    logistic(&(ratios.broadcast_sub(z)? * beta)?)?.affine(-1.0, 1.0)
}

/// `1 - S(β (z - d))` of each undesirable side ([KTO](https://arxiv.org/abs/2402.01306)).
///
/// # Errors
///
/// When `z` is no single number.
pub fn kto_undesirable(ratios: &Tensor, z: &Tensor, beta: f64) -> Result<Tensor> {
    logistic(&(ratios.broadcast_sub(z)? * -beta)?)?.affine(-1.0, 1.0)
}

/// `λ_c (1 - S(β (d_c - z))) + λ_r (1 - S(β (z - d_r)))`: both sides of each pair.
///
/// TRL takes the mean over sides and not over pairs: its loss is half of this one's mean.
///
/// # Errors
///
/// When tensors differ in shape.
pub fn kto(ratios: &Paired, z: &Tensor, beta: f64, [desirable, undesirable]: [f64; 2]) -> Result<Tensor> {
    let chosen = (kto_desirable(&ratios.chosen, z, beta)? * desirable)?;
    chosen + (kto_undesirable(&ratios.rejected, z, beta)? * undesirable)?
}
