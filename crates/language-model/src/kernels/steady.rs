//! Products in which the numbers of a row depend on that row alone, however many rows run beside it.
//!
//! A general product chooses other code for few rows than for many, and with it another order of additions. Here each
//! number is one sum along the row in an order that its length alone decides, so that what a model writes does not depend
//! on what else it writes meanwhile.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

/// How many rows of weights, and how many of what they are multiplied by, are in registers at once.
const BLOCK: usize = 4;
/// How many rows of weights are one tile.
const TILE: usize = 32;

/// Rows that begin so many numbers after each other.
#[derive(Clone, Copy)]
pub(super) struct Strided<'a> {
    data: &'a [f32],
    count: usize,
    width: usize,
    stride: usize,
}

impl<'a> Strided<'a> {
    pub(super) fn new(data: &'a [f32], count: usize, width: usize, stride: usize) -> Self {
        let fits = count == 0 || (stride >= width && (count - 1) * stride + width <= data.len());
        assert!(fits, "{count} rows of {width} lie in the slice");
        Self { data, count, width, stride }
    }

    #[inline(always)]
    fn row(&self, at: usize) -> &'a [f32] {
        &self.data[at * self.stride..at * self.stride + self.width]
    }
}

/// `out = input · weightᵀ`, or `out += input · weightᵀ`, where each has rows that lie one after the other.
pub fn steady_product(out: &mut [f32], adds: bool, input: &[f32], weight: &[f32], width: usize) {
    let (rows, outputs) = (input.len() / width, weight.len() / width);
    assert!(out.len() == rows * outputs, "the shape is that of the product");
    if rows == 0 || outputs == 0 {
        return;
    }
    let input = Strided::new(input, rows, width, width);
    let mut products = vec![0.0; out.len()];
    let tiles = products.par_chunks_mut(TILE * rows).zip(weight.par_chunks(TILE * width));
    tiles.for_each(|(out, weight)| {
        let weight = Strided::new(weight, weight.len() / width, width, width);
        dots(out, input, weight, 1.0, weight.count);
    });
    out.par_chunks_mut(outputs).enumerate().for_each(|(row, out)| {
        for (out, tile) in out.chunks_mut(TILE).zip(products.chunks(TILE * rows)) {
            let from = &tile[row * out.len()..(row + 1) * out.len()];
            if adds {
                out.iter_mut().zip(from).for_each(|(out, x)| *out += x);
            } else {
                out.copy_from_slice(from);
            }
        }
    });
}

/// The products of each row of one with each row of the other, the rows of what comes out so many numbers apart.
pub(super) fn dots(out: &mut [f32], left: Strided<'_>, right: Strided<'_>, scale: f32, stride: usize) {
    assert_eq!(left.width, right.width, "the factors fit each other");
    Arch::new().dispatch(Dots { out, left, right, scale, stride });
}

struct Dots<'a> {
    out: &'a mut [f32],
    left: Strided<'a>,
    right: Strided<'a>,
    scale: f32,
    stride: usize,
}

impl WithSimd for Dots<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let (mut right, rights) = (0, self.right.count);
        while right < rights {
            match rights - right {
                1..BLOCK => right += self.column::<S, 1>(simd, right),
                _ => right += self.column::<S, BLOCK>(simd, right),
            }
        }
    }
}

impl Dots<'_> {
    /// The products of all rows on the left with some on the right; how many these are.
    #[inline(always)]
    fn column<S: Simd, const R: usize>(&mut self, simd: S, right: usize) -> usize {
        let (mut left, lefts) = (0, self.left.count);
        while left < lefts {
            match lefts - left {
                1..BLOCK => left += self.block::<S, 1, R>(simd, left, right),
                _ => left += self.block::<S, BLOCK, R>(simd, left, right),
            }
        }
        R
    }

    #[inline(always)]
    fn block<S: Simd, const L: usize, const R: usize>(&mut self, simd: S, left: usize, right: usize) -> usize {
        let lefts: [&[f32]; L] = std::array::from_fn(|at| self.left.row(left + at));
        let rights: [&[f32]; R] = std::array::from_fn(|at| self.right.row(right + at));
        let (whole_left, rest_left) = split::<S, L>(lefts);
        let (whole_right, rest_right) = split::<S, R>(rights);
        let steps = whole_left[0].len();
        let (whole_left, whole_right) = (whole_left.map(|row| &row[..steps]), whole_right.map(|row| &row[..steps]));
        let mut sums = [[simd.splat_f32s(0.0); R]; L];
        for step in 0..steps {
            let x: [S::f32s; L] = std::array::from_fn(|at| whole_left[at][step]);
            let y: [S::f32s; R] = std::array::from_fn(|at| whole_right[at][step]);
            for (sums, x) in sums.iter_mut().zip(x) {
                for (sum, y) in sums.iter_mut().zip(y) {
                    *sum = simd.mul_add_f32s(x, y, *sum);
                }
            }
        }
        for (l, sums) in sums.into_iter().enumerate() {
            for (r, sum) in sums.into_iter().enumerate() {
                let rest = rest_left[l].iter().zip(rest_right[r]).fold(0.0, |sum, (x, y)| x.mul_add(*y, sum));
                self.out[(left + l) * self.stride + right + r] = (simd.reduce_sum_f32s(sum) + rest) * self.scale;
            }
        }
        L
    }
}

#[inline(always)]
fn split<S: Simd, const N: usize>(rows: [&[f32]; N]) -> ([&[S::f32s]; N], [&[f32]; N]) {
    let both = rows.map(S::as_simd_f32s);
    (both.map(|(whole, _)| whole), both.map(|(_, rest)| rest))
}

/// Adds rows, each times its weight, to one row.
pub(super) fn add_weighted(sum: &mut [f32], weights: &[f32], rows: Strided<'_>) {
    assert!(sum.len() == rows.width && weights.len() <= rows.count, "each weight has its row");
    Arch::new().dispatch(AddWeighted { sum, weights, rows });
}

struct AddWeighted<'a> {
    sum: &'a mut [f32],
    weights: &'a [f32],
    rows: Strided<'a>,
}

impl WithSimd for AddWeighted<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (whole, rest) = S::as_mut_simd_f32s(self.sum);
        let lanes = S::F32_LANES;
        for (at, sums) in whole.chunks_mut(BLOCK).enumerate() {
            let first = at * BLOCK * lanes;
            match <&mut [S::f32s; BLOCK]>::try_from(&mut *sums) {
                Ok(sums) => add::<S, BLOCK>(simd, sums, self.weights, self.rows, first),
                Err(_) => {
                    for (at, sum) in sums.iter_mut().enumerate() {
                        let one = std::slice::from_mut(sum).try_into().expect("one is one");
                        add::<S, 1>(simd, one, self.weights, self.rows, first + at * lanes);
                    }
                }
            }
        }
        let first = self.rows.width - rest.len();
        for (at, sum) in rest.iter_mut().enumerate() {
            for (row, weight) in self.weights.iter().enumerate() {
                *sum = weight.mul_add(self.rows.row(row)[first + at], *sum);
            }
        }
    }
}

/// Some vectors of the row, from a column on.
#[inline(always)]
fn add<S: Simd, const N: usize>(simd: S, sums: &mut [S::f32s; N], weights: &[f32], rows: Strided<'_>, first: usize) {
    let mut now = *sums;
    for (row, weight) in weights.iter().enumerate() {
        let (row, weight) = (S::as_simd_f32s(&rows.row(row)[first..]).0, simd.splat_f32s(*weight));
        let row = &row[..N];
        for (sum, x) in now.iter_mut().zip(row) {
            *sum = simd.mul_add_f32s(weight, *x, *sum);
        }
    }
    *sums = now;
}
