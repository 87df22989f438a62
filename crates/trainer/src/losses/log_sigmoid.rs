//! The logistic function and its logarithm, sound for large numbers.

use candle_core::{Result, Tensor};

/// `log S(x) = -log(1 + exp(-x))`, without overflow on either side.
///
/// What is taken out of the exponentials is a constant for the gradient, which is `S(-x)` everywhere, at 0 too.
///
/// # Errors
///
/// When the tensor holds no floating-point numbers.
pub fn log_sigmoid(x: &Tensor) -> Result<Tensor> {
    let most = x.neg()?.relu()?.detach();
    let sum = (most.neg()?.exp()? + (x.neg()? - &most)?.exp()?)?;
    (sum.log()? + most)?.neg()
}

/// `S(x) = 1 / (1 + exp(-x))`.
///
/// # Errors
///
/// When the tensor holds no floating-point numbers.
pub fn logistic(x: &Tensor) -> Result<Tensor> {
    log_sigmoid(x)?.exp()
}
