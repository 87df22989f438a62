//! A head that scores: what makes a reward model of a network.

use std::path::Path;

use offseeker_durable::write;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use crate::TrainError;

/// The name of the tensor, as `Qwen3ForSequenceClassification` of transformers has it.
const NAME: &str = "score.weight";
/// No file of a head is longer.
const MOST_BYTES: u64 = 64 << 20;

/// A head that scores: a row of weights, by which a hidden row is multiplied.
///
/// A sequence is scored by its last row, and [`Network::hidden`](offseeker_language_model::Network::hidden) gives the rows;
/// [`bradley_terry`](crate::losses::bradley_terry) is the loss of two scores, and
/// [`Network::hidden_backward`](offseeker_language_model::Network::hidden_backward) takes the gradient on.
///
/// ```
/// use offseeker_trainer::RewardHead;
///
/// let mut head = RewardHead::from_seed(2, 0.02, 7);
/// head.weights_mut().copy_from_slice(&[1.0, -1.0]);
/// let hidden = [0.5, 0.25, 3.0, 1.0, 9.0, 9.0]; // three rows
/// assert_eq!(head.scores(&hidden, &[0, 1]), [0.25, 2.0]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RewardHead {
    weights: Vec<f32>,
}

impl RewardHead {
    /// A head for hidden rows of a width, drawn from a normal distribution around 0 that is so wide.
    #[must_use]
    pub fn from_seed(width: usize, deviation: f32, seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut draw = || {
            // Two independent draws of Box and Muller, one of which is used; the first number is never 0.
            let radius = (-2.0 * (1.0 - random.random::<f64>()).ln()).sqrt();
            let angle = std::f64::consts::TAU * random.random::<f64>();
            (radius * angle.cos() * f64::from(deviation)) as f32
        };
        Self { weights: (0..width).map(|_| draw()).collect() }
    }

    /// Its weights.
    #[must_use]
    pub fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// Its weights, to be changed.
    pub fn weights_mut(&mut self) -> &mut [f32] {
        &mut self.weights
    }

    /// The scores of some hidden rows.
    ///
    /// # Panics
    ///
    /// When there is no such row.
    #[must_use]
    pub fn scores(&self, hidden: &[f32], rows: &[usize]) -> Vec<f32> {
        let width = self.weights.len();
        let score = |row: &usize| {
            let hidden = &hidden[row * width..(row + 1) * width];
            hidden.iter().zip(&self.weights).map(|(x, weight)| f64::from(*x) * f64::from(*weight)).sum::<f64>() as f32
        };
        rows.par_iter().map(score).collect()
    }

    /// Adds gradients, from those with respect to scores: those with respect to the weights to `d_weights`, and those with
    /// respect to the hidden rows to `d_hidden`.
    ///
    /// # Panics
    ///
    /// When a length is not that of what was scored.
    pub fn backward(
        &self,
        d_scores: &[f32],
        hidden: &[f32],
        rows: &[usize],
        d_weights: &mut [f32],
        d_hidden: &mut [f32],
    ) {
        let width = self.weights.len();
        assert_eq!(d_scores.len(), rows.len(), "each score has its gradient");
        assert_eq!(d_weights.len(), width, "each weight has its gradient");
        for (d_score, row) in d_scores.iter().zip(rows) {
            let range = row * width..(row + 1) * width;
            let (hidden, d_hidden) = (&hidden[range.clone()], &mut d_hidden[range]);
            for column in 0..width {
                d_weights[column] += d_score * hidden[column];
                d_hidden[column] += d_score * self.weights[column];
            }
        }
    }

    /// Reads `score.weight` from a file of tensors.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or holds no such tensor of one row of this width.
    pub fn read(file: &Path, width: usize) -> Result<Self, TrainError> {
        let damaged = |what: String| TrainError::Damaged { file: file.to_owned(), what };
        let length = std::fs::metadata(file).map_err(TrainError::io(file))?.len();
        if length > MOST_BYTES {
            return Err(damaged(format!("has {length} bytes, more than any head; give the file of the head alone")));
        }
        let bytes = std::fs::read(file).map_err(TrainError::io(file))?;
        let tensors = SafeTensors::deserialize(&bytes);
        let tensors = tensors.map_err(|error| damaged(format!("is no whole file of tensors: {error}")))?;
        let tensor = tensors.tensor(NAME).map_err(|_| damaged(format!("has no tensor `{NAME}`")))?;
        if tensor.shape() != [1, width] || tensor.dtype() != Dtype::F32 {
            let is = format!("{:?} {:?}", tensor.dtype(), tensor.shape());
            return Err(damaged(format!("`{NAME}` is {is}; it must be F32 [1, {width}]")));
        }
        let (numbers, _) = tensor.data().as_chunks::<4>();
        let weights: Vec<f32> = numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        match weights.iter().position(|weight| !weight.is_finite()) {
            Some(at) => Err(damaged(format!("`{NAME}` holds {} at place {at}", weights[at]))),
            None => Ok(Self { weights }),
        }
    }

    /// Writes a file of tensors that holds `score.weight`.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn write(&self, file: &Path) -> Result<(), TrainError> {
        let bytes: Vec<u8> = self.weights.iter().flat_map(|weight| weight.to_le_bytes()).collect();
        let tensor =
            TensorView::new(Dtype::F32, vec![1, self.weights.len()], &bytes).expect("the bytes are the tensor");
        let about = [("format".to_owned(), "pt".to_owned())].into();
        let bytes = safetensors::serialize([(NAME, tensor)], Some(about)).expect("one small tensor is a file");
        write(file, &bytes).map_err(TrainError::io(file))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
