//! The losses of pairs that TRL has, each per pair.
//!
//! In the formulas `d_c` and `d_r` are the ratios `log π(y) - log π_ref(y)` of the chosen and of the rejected side (for losses
//! that know only what one is above the other, the scores that a [`Divergence`](super::Divergence) makes of them); `h = β (d_c - d_r)`; `S` is the logistic function; `ε` is
//! the smoothing of labels, the share of pairs that are thought to be the wrong way round; `n_c` and `n_r` count tokens.

use candle_core::{Result, Tensor};

use super::log_sigmoid::{log_sigmoid, logistic};
use super::pairs::{Paired, numbers};

/// `h = β (d_c - d_r)`.
fn scaled_margin(ratios: &Paired, beta: f64) -> Result<Tensor> {
    ratios.difference()? * beta
}

/// `-(1 - ε) log S(x) - ε log S(-x)`.
fn smoothed(x: &Tensor, smoothing: f64) -> Result<Tensor> {
    let loss = (log_sigmoid(x)? * (smoothing - 1.0))?;
    if smoothing == 0.0 {
        return Ok(loss);
    }
    loss - (log_sigmoid(&x.neg()?)? * smoothing)?
}

/// `-(1 - ε) log S(h) - ε log S(-h)`: [DPO](https://arxiv.org/abs/2305.18290), and with `ε` above 0 its conservative form
/// cDPO.
///
/// # Errors
///
/// When tensors differ in shape.
pub fn sigmoid(ratios: &Paired, beta: f64, smoothing: f64) -> Result<Tensor> {
    smoothed(&scaled_margin(ratios, beta)?, smoothing)
}

/// `max(0, 1 - h)`: [RSO](https://arxiv.org/abs/2309.06657), [SLiC](https://arxiv.org/abs/2305.10425).
///
/// # Errors
///
/// When tensors differ in shape.
pub fn hinge(ratios: &Paired, beta: f64) -> Result<Tensor> {
    scaled_margin(ratios, beta)?.affine(-1.0, 1.0)?.relu()
}

/// `(d_c / n_c - d_r / n_r - 1 / 2β)²`: [IPO](https://arxiv.org/abs/2310.12036), by the mean over tokens.
///
/// # Errors
///
/// When tensors differ in shape.
pub fn ipo(ratios: &Paired, tokens: &Paired, beta: f64) -> Result<Tensor> {
    (ratios.with(tokens, |ratio, count| ratio / count)?.difference()? - 0.5 / beta)?.sqr()
}

/// `S(h) (log S(h) - log(1 - ε)) + S(-h) (log S(-h) - log ε)`: [EXO](https://arxiv.org/abs/2402.00856). `ε` is above 0.
///
/// # Errors
///
/// When tensors differ in shape.
pub fn exo_pair(ratios: &Paired, beta: f64, smoothing: f64) -> Result<Tensor> {
    let h = scaled_margin(ratios, beta)?;
    let side = |x: &Tensor, share: f64| logistic(x)? * (log_sigmoid(x)? - share.ln())?;
    side(&h, 1.0 - smoothing)? + side(&h.neg()?, smoothing)?
}

/// `-log S(β d_c) - ½ log S(-β d_c) - ½ log S(-β d_r)`: [NCA](https://arxiv.org/abs/2402.05369).
///
/// # Errors
///
/// When tensors differ in shape.
pub fn nca_pair(ratios: &Paired, beta: f64) -> Result<Tensor> {
    let against = ratios.map(|ratio| log_sigmoid(&(ratio * -beta)?)? * 0.5)?;
    ((log_sigmoid(&(&ratios.chosen * beta)?)? + against.chosen)? + against.rejected)?.neg()
}

/// `(-(1 - ε) log S(h) + ε log S(-h)) / (1 - 2ε)`: [robust DPO](https://arxiv.org/abs/2403.00409). `ε` is below ½.
///
/// # Errors
///
/// When tensors differ in shape.
pub fn robust(ratios: &Paired, beta: f64, smoothing: f64) -> Result<Tensor> {
    let h = scaled_margin(ratios, beta)?;
    let loss = ((log_sigmoid(&h)? * (smoothing - 1.0))? + (log_sigmoid(&h.neg()?)? * smoothing)?)?;
    loss / (1.0 - 2.0 * smoothing)
}

/// `-log S(β d_c) - log S(-β d_r)`: [BCO](https://arxiv.org/abs/2404.04656) of pairs, without the running mean of rewards.
///
/// # Errors
///
/// When tensors differ in shape.
pub fn bco_pair(ratios: &Paired, beta: f64) -> Result<Tensor> {
    let [chosen, rejected] = [log_sigmoid(&(&ratios.chosen * beta)?)?, log_sigmoid(&(&ratios.rejected * -beta)?)?];
    (chosen + rejected)?.neg()
}

/// `(d_c - 1 / 2β)² + (d_r + 1 / 2β)²`: [SPPO](https://arxiv.org/abs/2405.00675) with hard labels.
///
/// # Errors
///
/// When tensors differ in shape.
pub fn sppo_hard(ratios: &Paired, beta: f64) -> Result<Tensor> {
    let goal = 0.5 / beta;
    (&ratios.chosen - goal)?.sqr()? + (&ratios.rejected + goal)?.sqr()?
}

/// `-(1 - ε) log S(β δ) - ε log S(-β δ)` where `δ` is `log π(y_c) - log π(y_r)`, sorted over the batch, less the same of
/// the reference, sorted too: [AOT](https://arxiv.org/abs/2406.05882) of pairs.
///
/// # Errors
///
/// When tensors differ in shape.
pub fn aot(policy: &Paired, reference: &Paired, beta: f64, smoothing: f64) -> Result<Tensor> {
    let delta = (sorted(&policy.difference()?)? - sorted(&reference.difference()?)?)?;
    smoothed(&(delta * beta)?, smoothing)
}

/// `-(1 - ε) log S(β δ) - ε log S(-β δ)` where `δ` is `d_c`, sorted over the batch, less `d_r`, sorted too:
/// [AOT](https://arxiv.org/abs/2406.05882) of sides that need not be pairs.
///
/// # Errors
///
/// When tensors differ in shape.
pub fn aot_unpaired(ratios: &Paired, beta: f64, smoothing: f64) -> Result<Tensor> {
    smoothed(&(ratios.map(sorted)?.difference()? * beta)?, smoothing)
}

/// The same numbers from the least to the greatest, with their gradient.
fn sorted(numbers_p: &Tensor) -> Result<Tensor> {
    let values = numbers(numbers_p)?;
    let mut order: Vec<u32> = (0..).take(values.len()).collect();
    order.sort_by(|one, other| values[*one as usize].total_cmp(&values[*other as usize]));
    numbers_p.index_select(&Tensor::from_vec(order, values.len(), numbers_p.device())?, 0)
}

/// `1 - S(β d_c) + S(β d_r)`: [APO](https://arxiv.org/abs/2408.06266) where the policy is worse than what was chosen.
///
/// # Errors
///
/// When tensors differ in shape.
pub fn apo_zero(ratios: &Paired, beta: f64) -> Result<Tensor> {
    ratios.map(|ratio| logistic(&(ratio * beta)?))?.difference()?.affine(-1.0, 1.0)
}

/// `S(β d_c) + 1 - S(h)`: [APO](https://arxiv.org/abs/2408.06266) where the policy is better than what was chosen.
///
/// # Errors
///
/// When tensors differ in shape.
pub fn apo_down(ratios: &Paired, beta: f64) -> Result<Tensor> {
    logistic(&(&ratios.chosen * beta)?)? + logistic(&scaled_margin(ratios, beta)?)?.affine(-1.0, 1.0)?
}

/// `-log S(h) (1 - m) + exp(-h) m` with `m = S(h / τ)`: [DiscoPOP](https://arxiv.org/abs/2406.08414). TRL's `τ` is 0.05.
///
/// # Errors
///
/// When tensors differ in shape.
pub fn discopop(ratios: &Paired, beta: f64, tau: f64) -> Result<Tensor> {
    let h = scaled_margin(ratios, beta)?;
    let share = logistic(&(&h / tau)?)?;
    let rest = share.affine(-1.0, 1.0)?;
    // `exp(-h) · m` as one exponential: each factor alone may overflow where the product does not.
    let exponential = (log_sigmoid(&(&h / tau)?)? - &h)?.exp()?;
    exponential - (log_sigmoid(&h)? * rest)?
}

/// `-log S(β (d_c / n_c - d_r / n_r))`: DPO by the mean over tokens.
///
/// # Errors
///
/// When tensors differ in shape.
pub fn sigmoid_norm(ratios: &Paired, tokens: &Paired, beta: f64) -> Result<Tensor> {
    sigmoid(&ratios.with(tokens, |ratio, count| ratio / count)?, beta, 0.0)
}

/// `-log π(y_c) / n`: the negative log-likelihood of the chosen side, where `n` is the mean of `n_c` over the batch.
///
/// So the mean over pairs is the mean over all chosen tokens, as in TRL: long sides count for more than short ones.
///
/// # Errors
///
/// When the tensor holds no floating-point numbers.
pub fn sft(policy_chosen: &Tensor, chosen_tokens_a_pair: f64) -> Result<Tensor> {
    policy_chosen * (-1.0 / chosen_tokens_a_pair)
}
