//! Losses of single tokens, and their sums by sequence.

use candle_core::{DType, Result, Tensor};

/// `-Σ w · log π(t) / W`: the negative log-likelihood of tokens by their weights.
///
/// `W` is the weight of all tokens of the *global* batch, so that the losses of its parts add up to that of the whole,
/// however it is parted.
///
/// # Errors
///
/// When the two differ in length.
pub fn token_nll(log_probabilities_n: &Tensor, weights_n: &Tensor, total_weight: f64) -> Result<Tensor> {
    weighted(log_probabilities_n, weights_n)?.sum_all()? * (-1.0 / total_weight)
}

/// `-Σ w · sg(π(t)) · log π(t) / W`: as [`token_nll`], each token counting as much as the policy believes in it
/// ([DFT](https://arxiv.org/abs/2508.05629)). `sg` stands for what the gradient does not see.
///
/// # Errors
///
/// When the two differ in length.
pub fn dft(log_probabilities_n: &Tensor, weights_n: &Tensor, total_weight: f64) -> Result<Tensor> {
    let believed = log_probabilities_n.detach().to_dtype(DType::F64)?.exp()?;
    let weights_n = (weights_n.to_dtype(DType::F64)? * believed)?;
    token_nll(log_probabilities_n, &weights_n, total_weight)
}

/// `Σ w · log π(t)` over the tokens of each sequence, as `f64`. `sequence_of_n` says to which of the `sequences` a token
/// belongs.
///
/// # Errors
///
/// When the three differ in length, or a token belongs to a sequence that there is not.
pub fn sums(
    log_probabilities_n: &Tensor,
    weights_n: &Tensor,
    sequence_of_n: &[u32],
    sequences: usize,
) -> Result<Tensor> {
    let device = log_probabilities_n.device();
    let sequence_of_n = Tensor::from_slice(sequence_of_n, sequence_of_n.len(), device)?;
    let none = Tensor::zeros(sequences, DType::F64, device)?;
    none.index_add(&sequence_of_n, &weighted(log_probabilities_n, weights_n)?, 0)
}

fn weighted(log_probabilities_n: &Tensor, weights_n: &Tensor) -> Result<Tensor> {
    log_probabilities_n.to_dtype(DType::F64)? * weights_n.to_dtype(DType::F64)?.detach()
}
