//! Normalisation of each head, and the turning of its pairs by angles that grow with the position.

use rayon::prelude::*;

use super::lanes::{dot3, widest};
use super::norm::{Norm, add_parts, width};
use crate::Config;

const ROWS: usize = 64;

/// The cosines and sines of the angles by which pairs turn, for positions from 0 on.
#[derive(Clone, Debug)]
pub struct Rotary {
    frequencies: Vec<f32>,
    scale: f32,
    /// A position after the other: half a head of cosines, half a head of sines.
    table: Vec<f32>,
}

impl Rotary {
    /// The angles of a network, for no position yet.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let scale = config.yarn.as_ref().map_or(1.0, |yarn| yarn.scale() as f32);
        Self { frequencies: frequencies(config), scale, table: Vec::new() }
    }

    /// Makes sure that so many positions have their angles.
    pub fn reach(&mut self, positions: usize) {
        let width = self.frequencies.len() * 2;
        for position in self.table.len() / width..positions {
            // The angle is a product of two f32, as in other implementations, so that far positions agree with them.
            let angles = self.frequencies.iter().map(|frequency| position as f32 * frequency);
            self.table.extend(angles.clone().map(|angle| angle.cos() * self.scale));
            self.table.extend(angles.map(|angle| angle.sin() * self.scale));
        }
    }

    fn at(&self, position: u32) -> (&[f32], &[f32]) {
        let half = self.frequencies.len();
        self.table[position as usize * half * 2..][..half * 2].split_at(half)
    }
}

/// How fast each pair turns.
fn frequencies(config: &Config) -> Vec<f32> {
    let dim = config.head_dim as f64;
    let plain = |pair: usize| config.rope_theta.powf(2.0 * pair as f64 / dim).recip();
    let pairs = 0..config.head_dim / 2;
    let Some(yarn) = &config.yarn else { return pairs.map(|pair| plain(pair) as f32).collect() };
    let pair_that_turns = |turns: f64| {
        let positions = yarn.original_max_position_embeddings as f64;
        dim * (positions / (turns * std::f64::consts::TAU)).ln() / (2.0 * config.rope_theta.ln())
    };
    let (mut low, mut high) = (pair_that_turns(yarn.beta_fast), pair_that_turns(yarn.beta_slow));
    if yarn.truncate {
        (low, high) = (low.floor(), high.ceil());
    }
    (low, high) = (low.max(0.0), high.min(dim - 1.0));
    if (low - high).abs() < f64::EPSILON {
        high += 0.001;
    }
    let stretched = |pair: usize| {
        let share = ((pair as f64 - low) / (high - low)).clamp(0.0, 1.0);
        plain(pair) / yarn.factor * share + plain(pair) * (1.0 - share)
    };
    pairs.map(|pair| stretched(pair) as f32).collect()
}

/// How the heads of a row are normalised and turned.
#[derive(Clone, Copy, Debug)]
pub struct HeadNorm<'a> {
    /// The normalisation of one head.
    pub norm: Norm<'a>,
    /// The angles.
    pub rotary: &'a Rotary,
    /// The position of each row.
    pub positions: &'a [u32],
    /// How many heads a row has.
    pub heads: usize,
}

impl HeadNorm<'_> {
    fn row(&self) -> usize {
        self.heads * self.norm.weight.len()
    }
}

/// Normalises each head of each row, and turns it by the angles of the row's position.
pub fn norm_rotate(out: &mut [f32], input: &[f32], of: HeadNorm<'_>) {
    #[inline(always)]
    fn run((out, input, positions, of): (&mut [f32], &[f32], &[u32], HeadNorm<'_>)) {
        let (dim, weight) = (of.norm.weight.len(), of.norm.weight);
        let half = dim / 2;
        let rows = out.chunks_exact_mut(of.row()).zip(input.chunks_exact(of.row())).zip(positions);
        for ((out, input), position) in rows {
            let (cosines, sines) = of.rotary.at(*position);
            for (out, head) in out.chunks_exact_mut(dim).zip(input.chunks_exact(dim)) {
                let inverse = of.norm.inverse(head);
                let (first, second) = out.split_at_mut(half);
                for pair in 0..half {
                    let x = head[pair] * inverse * weight[pair];
                    let y = head[pair + half] * inverse * weight[pair + half];
                    first[pair] = x * cosines[pair] - y * sines[pair];
                    second[pair] = y * cosines[pair] + x * sines[pair];
                }
            }
        }
    }
    assert!(out.len() == input.len() && input.len() == of.positions.len() * of.row(), "each row has its position");
    let tile = of.row() * ROWS;
    let tiles = out.par_chunks_mut(tile).zip(input.par_chunks(tile)).zip(of.positions.par_chunks(ROWS));
    tiles.for_each(|((out, input), positions)| widest!(run: (&mut [f32], &[f32], &[u32], HeadNorm<'_>), (out, input, positions, of)));
}

/// Writes the gradient with respect to the input, and adds that with respect to the weight, where it is wanted.
pub fn norm_rotate_backward(
    d_input: &mut [f32],
    d_weight: Option<&mut [f32]>,
    d_out: &[f32],
    input: &[f32],
    of: HeadNorm<'_>,
) {
    let row = of.row();
    assert!(input.len() == of.positions.len() * row, "each row has its position");
    assert!(d_input.len() == input.len() && d_out.len() == input.len(), "each row has its gradients");
    let tiles = d_input.par_chunks_mut(row * ROWS).zip(d_out.par_chunks(row * ROWS));
    let tiles = tiles.zip(input.par_chunks(row * ROWS)).zip(of.positions.par_chunks(ROWS));
    let parts: Vec<_> = tiles
        .map(|(((d_input, d_out), input), positions)| widest!(backward: Tile<'_> => Vec<f32>, (d_input, d_out, input, positions, of)))
        .collect();
    if let Some(d_weight) = d_weight {
        add_parts(d_weight, &parts);
    }
}

type Tile<'a> = (&'a mut [f32], &'a [f32], &'a [f32], &'a [u32], HeadNorm<'a>);

#[inline(always)]
fn backward((d_input, d_out, input, positions, of): Tile<'_>) -> Vec<f32> {
    let (dim, row, weight) = (of.norm.weight.len(), of.row(), of.norm.weight);
    let half = dim / 2;
    let (mut d_weight, mut turned) = (vec![0.0; dim], vec![0.0; dim]);
    let rows = d_input.chunks_exact_mut(row).zip(d_out.chunks_exact(row)).zip(input.chunks_exact(row));
    for (((d_input, d_out), input), position) in rows.zip(positions) {
        let (cosines, sines) = of.rotary.at(*position);
        let heads = d_input.chunks_exact_mut(dim).zip(d_out.chunks_exact(dim)).zip(input.chunks_exact(dim));
        for ((d_input, d_out), head) in heads {
            for pair in 0..half {
                let (x, y) = (d_out[pair], d_out[pair + half]);
                turned[pair] = x * cosines[pair] + y * sines[pair];
                turned[pair + half] = y * cosines[pair] - x * sines[pair];
            }
            let inverse = of.norm.inverse(head);
            let along = dot3(&turned, weight, head) * inverse * inverse * inverse / width(head);
            for column in 0..dim {
                d_input[column] = turned[column] * weight[column] * inverse - head[column] * along;
                d_weight[column] += turned[column] * head[column] * inverse;
            }
        }
    }
    d_weight
}
