//! A matrix that rows are multiplied by, with an adapter beside it or none.

use crate::kernels::{Matrix, MatrixMut, Threads, product, steady_product};

/// A matrix that rows are multiplied by: `out = input · weightᵀ + scale · input · downᵀ · upᵀ`.
#[derive(Clone, Copy)]
pub(crate) struct Linear<'a> {
    pub(crate) weight: &'a [f32],
    pub(crate) outputs: usize,
    pub(crate) inputs: usize,
    pub(crate) adapter: Option<LowRank<'a>>,
}

/// Two narrow matrices that are added to a wide one.
#[derive(Clone, Copy)]
pub(crate) struct LowRank<'a> {
    /// Rank by inputs.
    pub(crate) down: &'a [f32],
    /// Outputs by rank.
    pub(crate) up: &'a [f32],
    pub(crate) rank: usize,
    pub(crate) scale: f32,
}

/// Where the gradients of a matrix go, where they are wanted.
#[derive(Default)]
pub(crate) struct LinearGradient<'a> {
    pub(crate) weight: Option<&'a mut [f32]>,
    /// Of what leads down, and of what leads up.
    pub(crate) adapter: Option<[&'a mut [f32]; 2]>,
}

impl Linear<'_> {
    /// Multiplies rows; the product replaces what is there, or is added to it.
    pub(crate) fn forward(&self, out: &mut [f32], adds: bool, input: &[f32], scratch: &mut Vec<f32>) {
        let rows = input.len() / self.inputs;
        let input = Matrix::new(input, rows, self.inputs);
        let weight = Matrix::new(self.weight, self.outputs, self.inputs).transposed();
        product(MatrixMut::new(out, rows, self.outputs).adding(adds), input, weight, 1.0, Threads::All);
        if let Some(low) = self.adapter {
            scratch.resize(rows * low.rank, 0.0);
            let down = Matrix::new(low.down, low.rank, self.inputs).transposed();
            product(MatrixMut::new(scratch, rows, low.rank), input, down, 1.0, Threads::All);
            let up = Matrix::new(low.up, self.outputs, low.rank).transposed();
            let out = MatrixMut::new(out, rows, self.outputs).adding(true);
            product(out, Matrix::new(scratch, rows, low.rank), up, low.scale, Threads::All);
        }
    }

    /// The same, with the numbers of a row depending on that row alone.
    pub(crate) fn steady_forward(&self, out: &mut [f32], adds: bool, input: &[f32], scratch: &mut Vec<f32>) {
        steady_product(out, adds, input, self.weight, self.inputs);
        if let Some(low) = self.adapter {
            scratch.resize(input.len() / self.inputs * low.rank, 0.0);
            steady_product(scratch, false, input, low.down, self.inputs);
            scratch.iter_mut().for_each(|narrow| *narrow *= low.scale);
            steady_product(out, true, scratch, low.up, low.rank);
        }
    }

    /// Gives the gradient with respect to the input, which replaces what is there or is added to it, and adds those
    /// with respect to the matrices.
    pub(crate) fn backward(
        &self,
        d_input: (&mut [f32], bool),
        d_out: &[f32],
        input: &[f32],
        gradient: LinearGradient<'_>,
        scratch: &mut Vec<f32>,
    ) {
        let (d_input, adds) = d_input;
        let rows = input.len() / self.inputs;
        let input = Matrix::new(input, rows, self.inputs);
        let d_out = Matrix::new(d_out, rows, self.outputs);
        if let Some(d_weight) = gradient.weight {
            let d_weight = MatrixMut::new(d_weight, self.outputs, self.inputs).adding(true);
            product(d_weight, d_out.transposed(), input, 1.0, Threads::All);
        }
        let weight = Matrix::new(self.weight, self.outputs, self.inputs);
        product(MatrixMut::new(d_input, rows, self.inputs).adding(adds), d_out, weight, 1.0, Threads::All);
        let Some(low) = self.adapter else { return };
        let down = Matrix::new(low.down, low.rank, self.inputs);
        scratch.resize(rows * low.rank, 0.0);
        let [d_down, d_up] = match gradient.adapter {
            Some([d_down, d_up]) => [Some(d_down), Some(d_up)],
            None => [None, None],
        };
        if let Some(d_up) = d_up {
            product(MatrixMut::new(scratch, rows, low.rank), input, down.transposed(), 1.0, Threads::All);
            let d_up = MatrixMut::new(d_up, self.outputs, low.rank).adding(true);
            product(d_up, d_out.transposed(), Matrix::new(scratch, rows, low.rank), low.scale, Threads::All);
        }
        let up = Matrix::new(low.up, self.outputs, low.rank);
        product(MatrixMut::new(scratch, rows, low.rank), d_out, up, low.scale, Threads::All);
        let d_narrow = Matrix::new(scratch, rows, low.rank);
        if let Some(d_down) = d_down {
            let d_down = MatrixMut::new(d_down, low.rank, self.inputs).adding(true);
            product(d_down, d_narrow.transposed(), input, 1.0, Threads::All);
        }
        product(MatrixMut::new(d_input, rows, self.inputs).adding(true), d_narrow, down, 1.0, Threads::All);
    }
}
