//! Losses of pairs that know no reference.

use candle_core::{Result, Tensor};

use super::log_sigmoid::log_sigmoid;
use super::pairs::Paired;

/// `-(1 - ε) log S(x) - ε log S(-x)` with `x = β (m_c - m_r) - γ`, where `m` is the mean log-probability of a token:
/// [SimPO](https://arxiv.org/abs/2405.14734). LLaMA-Factory's `γ` is 0.5.
///
/// # Errors
///
/// When tensors differ in shape.
pub fn simpo(means: &Paired, beta: f64, gamma: f64, smoothing: f64) -> Result<Tensor> {
    let x = means.difference()?.affine(beta, -gamma)?;
    (log_sigmoid(&x)? * (smoothing - 1.0))? - (log_sigmoid(&x.neg()?)? * smoothing)?
}

/// `-β log S(log odds(m_c) - log odds(m_r))`, where `m` is the mean log-probability of a token, and `log odds(m)` is
/// `m - log(1 - exp(m))`: what [ORPO](https://arxiv.org/abs/2403.07691) adds to the negative log-likelihood.
///
/// Means are taken to be at most -1e-7: a policy that is sure has no finite odds.
///
/// # Errors
///
/// When tensors differ in shape.
pub fn orpo(means: &Paired, beta: f64) -> Result<Tensor> {
    let log_odds = means.map(|mean| {
        let mean = mean.minimum(-1e-7)?;
        let rest = mean.exp()?.affine(-1.0, 1.0)?;
        mean - rest.log()?
    })?;
    log_sigmoid(&log_odds.difference()?)? * -beta
}
