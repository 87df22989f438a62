//! Root-mean-square normalisation.
//!
//! The residual is added by the product before it, which accumulates into the stream, and by the backward pass here,
//! which accumulates into the gradient of the stream.

use rayon::prelude::*;

use super::lanes::{dot, dot3, widest};

const ROWS: usize = 64;

/// A normalisation: what is written is the row over its root mean square, times a weight.
#[derive(Clone, Copy, Debug)]
pub struct Norm<'a> {
    /// One weight a column.
    pub weight: &'a [f32],
    /// What is added to the mean square.
    pub epsilon: f32,
}

impl Norm<'_> {
    /// One over the root mean square of a row.
    #[inline(always)]
    pub(super) fn inverse(&self, row: &[f32]) -> f32 {
        1.0 / (dot(row, row) / width(row) + self.epsilon).sqrt()
    }
}

#[inline(always)]
pub(super) fn width(row: &[f32]) -> f32 {
    row.len() as f32
}

/// `out = input / rms(input) · weight`, row by row.
pub fn rms_norm(out: &mut [f32], input: &[f32], norm: Norm<'_>) {
    #[inline(always)]
    fn run((out, input, norm): (&mut [f32], &[f32], Norm<'_>)) {
        let columns = norm.weight.len();
        for (out, row) in out.chunks_exact_mut(columns).zip(input.chunks_exact(columns)) {
            let inverse = norm.inverse(row);
            for ((out, x), weight) in out.iter_mut().zip(row).zip(norm.weight) {
                *out = x * inverse * weight;
            }
        }
    }
    let tile = norm.weight.len() * ROWS;
    assert_eq!(out.len(), input.len(), "each row has a place");
    out.par_chunks_mut(tile)
        .zip(input.par_chunks(tile))
        .for_each(|(out, input)| widest!(run: (&mut [f32], &[f32], Norm<'_>), (out, input, norm)));
}

/// Adds the gradient with respect to the input to `d_input`, and that with respect to the weight to `d_weight`, where
/// it is wanted.
pub fn rms_norm_backward(
    d_input: &mut [f32],
    d_weight: Option<&mut [f32]>,
    d_out: &[f32],
    input: &[f32],
    norm: Norm<'_>,
) {
    #[inline(always)]
    fn run((d_input, d_out, input, norm): (&mut [f32], &[f32], &[f32], Norm<'_>)) -> Vec<f32> {
        let columns = norm.weight.len();
        let mut d_weight = vec![0.0; columns];
        let rows = d_input.chunks_exact_mut(columns).zip(d_out.chunks_exact(columns)).zip(input.chunks_exact(columns));
        for ((d_input, d_out), row) in rows {
            let inverse = norm.inverse(row);
            let along = dot3(d_out, norm.weight, row) * inverse * inverse * inverse / width(row);
            for column in 0..columns {
                d_input[column] += d_out[column] * norm.weight[column] * inverse - row[column] * along;
                d_weight[column] += d_out[column] * row[column] * inverse;
            }
        }
        d_weight
    }
    let tile = norm.weight.len() * ROWS * 8;
    assert!(d_input.len() == input.len() && d_out.len() == input.len(), "each row has its gradients");
    let tiles = d_input.par_chunks_mut(tile).zip(d_out.par_chunks(tile)).zip(input.par_chunks(tile));
    let parts: Vec<_> = tiles.map(|((d_input, d_out), input)| widest!(run: (&mut [f32], &[f32], &[f32], Norm<'_>) => Vec<f32>, (d_input, d_out, input, norm))).collect();
    if let Some(d_weight) = d_weight {
        add_parts(d_weight, &parts);
    }
}

/// Adds up parts in their order.
pub(super) fn add_parts(sum: &mut [f32], parts: &[Vec<f32>]) {
    for part in parts {
        for (sum, part) in sum.iter_mut().zip(part) {
            *sum += part;
        }
    }
}
