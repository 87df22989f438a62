//! The gate of the feed-forward part.

use rayon::prelude::*;

use super::lanes::{exp, widest};

const TILE: usize = 8192;

/// `out = silu(gate) · up`.
pub fn swiglu(out: &mut [f32], gate: &[f32], up: &[f32]) {
    #[inline(always)]
    fn run((out, gate, up): (&mut [f32], &[f32], &[f32])) {
        for ((out, gate), up) in out.iter_mut().zip(gate).zip(up) {
            *out = gate / (1.0 + exp(-gate)) * up;
        }
    }
    assert!(out.len() == gate.len() && out.len() == up.len(), "each gate has its number");
    let tiles = out.par_chunks_mut(TILE).zip(gate.par_chunks(TILE)).zip(up.par_chunks(TILE));
    tiles.for_each(|((out, gate), up)| widest!(run: (&mut [f32], &[f32], &[f32]), (out, gate, up)));
}

/// Replaces the gate and what it gates by the gradients with respect to them.
pub fn swiglu_backward(d_out: &[f32], gate: &mut [f32], up: &mut [f32]) {
    #[inline(always)]
    fn run((d_out, gate, up): (&[f32], &mut [f32], &mut [f32])) {
        for ((d_out, gate), up) in d_out.iter().zip(gate).zip(up) {
            let sigmoid = 1.0 / (1.0 + exp(-*gate));
            let silu = *gate * sigmoid;
            *gate = d_out * *up * (sigmoid + silu * (1.0 - sigmoid));
            *up = d_out * silu;
        }
    }
    assert!(d_out.len() == gate.len() && d_out.len() == up.len(), "each gate has its number");
    let tiles = d_out.par_chunks(TILE).zip(gate.par_chunks_mut(TILE)).zip(up.par_chunks_mut(TILE));
    tiles.for_each(|((d_out, gate), up)| widest!(run: (&[f32], &mut [f32], &mut [f32]), (d_out, gate, up)));
}
