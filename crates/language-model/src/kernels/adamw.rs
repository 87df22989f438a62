//! The step of the optimiser.

use rayon::prelude::*;

use super::lanes::widest;

const TILE: usize = 16_384;

/// The step of `AdamW`, with decay apart from the gradient, over weights and moments that are `f32`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamW {
    /// How far a step goes.
    pub learning_rate: f32,
    /// How much of the mean of gradients is kept.
    pub beta1: f32,
    /// How much of the mean of their squares is kept.
    pub beta2: f32,
    /// What is added to the root of that mean.
    pub epsilon: f32,
    /// How much of a weight is taken away, times the learning rate.
    pub weight_decay: f32,
}

impl Default for AdamW {
    fn default() -> Self {
        Self { learning_rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.0 }
    }
}

impl AdamW {
    /// One step over weights; the first step is 1. The gradient is multiplied by `scale` first.
    pub fn step(
        &self,
        weights: &mut [f32],
        gradient: &[f32],
        moments: (&mut [f32], &mut [f32]),
        step: u32,
        scale: f32,
    ) {
        let correction = |beta: f32| 1.0 / (1.0 - f64::from(beta).powf(f64::from(step)));
        let corrections = [correction(self.beta1) as f32, correction(self.beta2) as f32];
        let (first, second) = moments;
        assert!(
            [gradient.len(), first.len(), second.len()] == [weights.len(); 3],
            "each weight has its gradient and moments"
        );
        let tiles = weights.par_chunks_mut(TILE).zip(gradient.par_chunks(TILE));
        let tiles = tiles.zip(first.par_chunks_mut(TILE)).zip(second.par_chunks_mut(TILE));
        tiles.for_each(|(((weights, gradient), first), second)| {
            widest!(run: Tile<'_>, (*self, corrections, scale, weights, gradient, first, second));
        });
    }
}

type Tile<'a> = (AdamW, [f32; 2], f32, &'a mut [f32], &'a [f32], &'a mut [f32], &'a mut [f32]);

#[inline(always)]
fn run((of, corrections, scale, weights, gradient, first, second): Tile<'_>) {
    for (((weight, gradient), first), second) in weights.iter_mut().zip(gradient).zip(first).zip(second) {
        let gradient = gradient * scale;
        *first = of.beta1 * *first + (1.0 - of.beta1) * gradient;
        *second = of.beta2 * *second + (1.0 - of.beta2) * gradient * gradient;
        let step = *first * corrections[0] / ((*second * corrections[1]).sqrt() + of.epsilon);
        *weight = *weight * (1.0 - of.learning_rate * of.weight_decay) - of.learning_rate * step;
    }
}
