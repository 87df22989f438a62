//! The head: log-probabilities of chosen tokens, never a matrix of time by vocabulary.

use rayon::prelude::*;

use super::lanes::{exp, log_sum_exp, widest};
use super::product::{Matrix, MatrixMut, Threads, product};

/// How many logits are in memory at once.
const LOGITS: usize = 1 << 24;

/// A token whose log-probability is wanted, after the row that it is predicted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The row.
    pub row: usize,
    /// The token.
    pub token: u32,
}

/// The matrix that makes logits of a hidden row.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// A row a token.
    pub weight: &'a [f32],
    /// The width of a row.
    pub width: usize,
    /// How many tokens there are.
    pub tokens: usize,
}

impl<'a> Head<'a> {
    fn matrix(&self) -> Matrix<'a> {
        Matrix::new(self.weight, self.tokens, self.width)
    }

    /// How many rows have their logits in memory at once.
    #[must_use]
    pub fn rows_at_once(&self) -> usize {
        (LOGITS / self.tokens).clamp(16, 512)
    }
}

/// Buffers that are kept between calls.
#[derive(Clone, Debug, Default)]
pub struct HeadScratch {
    rows: Vec<f32>,
    d_rows: Vec<f32>,
    logits: Vec<f32>,
}

impl HeadScratch {
    /// The logits of some rows.
    fn logits(&mut self, hidden: &[f32], head: Head<'_>, rows: &[usize]) {
        let Head { width, tokens, .. } = head;
        self.rows.clear();
        for row in rows {
            self.rows.extend_from_slice(&hidden[row * width..(row + 1) * width]);
        }
        if self.logits.len() < rows.len() * tokens {
            self.logits.resize(rows.len() * tokens, 0.0);
        }
        let logits = MatrixMut::new(&mut self.logits, rows.len(), tokens);
        product(logits, Matrix::new(&self.rows, rows.len(), width), head.matrix().transposed(), 1.0, Threads::All);
    }
}

/// Writes the log-probability of each choice, and the logarithm of what its softmax divides by.
pub fn log_probabilities(
    out: &mut [f32],
    log_sums: &mut [f32],
    hidden: &[f32],
    head: Head<'_>,
    choices: &[Choice],
    scratch: &mut HeadScratch,
) {
    assert!(out.len() == choices.len() && log_sums.len() == choices.len(), "each choice has its place");
    let size = head.rows_at_once();
    let chunks = choices.chunks(size).zip(out.chunks_mut(size)).zip(log_sums.chunks_mut(size));
    for ((choices, out), log_sums) in chunks {
        let rows: Vec<usize> = choices.iter().map(|choice| choice.row).collect();
        scratch.logits(hidden, head, &rows);
        let rows = scratch.logits.par_chunks(head.tokens).zip(choices).zip(out).zip(log_sums);
        rows.for_each(|(((logits, choice), out), log_sum)| {
            *log_sum = log_sum_exp(logits);
            *out = logits[choice.token as usize] - *log_sum;
        });
    }
}

/// Where the gradients of the head go: they are added to what is there.
#[derive(Debug)]
pub struct HeadGradients<'a> {
    /// With respect to the hidden rows.
    pub hidden: &'a mut [f32],
    /// With respect to the matrix, where it is wanted.
    pub weight: Option<&'a mut [f32]>,
}

impl HeadGradients<'_> {
    /// Goes back from the gradients with respect to logits, which the scratch holds in place of the logits.
    fn add(&mut self, head: Head<'_>, rows: &[usize], scratch: &mut HeadScratch) {
        let Head { width, tokens, .. } = head;
        let HeadScratch { rows: inputs, d_rows, logits } = scratch;
        d_rows.resize(rows.len() * width, 0.0);
        let logits = Matrix::new(logits, rows.len(), tokens);
        product(MatrixMut::new(d_rows, rows.len(), width), logits, head.matrix(), 1.0, Threads::All);
        if let Some(d_weight) = &mut self.weight {
            let d_weight = MatrixMut::new(d_weight, tokens, width).adding(true);
            product(d_weight, logits.transposed(), Matrix::new(inputs, rows.len(), width), 1.0, Threads::All);
        }
        for (row, from) in rows.iter().zip(d_rows.chunks_exact(width)) {
            for (sum, x) in self.hidden[row * width..(row + 1) * width].iter_mut().zip(from) {
                *sum += x;
            }
        }
    }
}

/// Adds gradients. `upstream` is the gradient with respect to each log-probability; a choice where it is 0 costs
/// nothing.
pub fn log_probabilities_backward(
    mut gradients: HeadGradients<'_>,
    (upstream, log_sums): (&[f32], &[f32]),
    hidden: &[f32],
    head: Head<'_>,
    choices: &[Choice],
    scratch: &mut HeadScratch,
) {
    assert!(upstream.len() == choices.len() && log_sums.len() == choices.len(), "each choice has its gradient");
    let weighty: Vec<usize> = (0..choices.len()).filter(|choice| upstream[*choice] != 0.0).collect();
    for chunk in weighty.chunks(head.rows_at_once()) {
        let rows: Vec<usize> = chunk.iter().map(|choice| choices[*choice].row).collect();
        scratch.logits(hidden, head, &rows);
        scratch.logits.par_chunks_mut(head.tokens).zip(chunk).for_each(|(logits, choice)| {
            d_logits(logits, choices[*choice].token, upstream[*choice], log_sums[*choice]);
        });
        gradients.add(head, &rows, scratch);
    }
}

/// Writes the log-probability of each choice and adds gradients at once, where it is known before what each counts: the
/// logits are worked out once and not twice.
pub fn log_probabilities_and_gradients(
    out: &mut [f32],
    mut gradients: HeadGradients<'_>,
    upstream: &[f32],
    hidden: &[f32],
    head: Head<'_>,
    choices: &[Choice],
    scratch: &mut HeadScratch,
) {
    assert!(out.len() == choices.len() && upstream.len() == choices.len(), "each choice has its place");
    let size = head.rows_at_once();
    for ((choices, out), upstream) in choices.chunks(size).zip(out.chunks_mut(size)).zip(upstream.chunks(size)) {
        let rows: Vec<usize> = choices.iter().map(|choice| choice.row).collect();
        scratch.logits(hidden, head, &rows);
        let rows_of_logits = scratch.logits.par_chunks_mut(head.tokens).zip(choices).zip(out).zip(upstream);
        rows_of_logits.for_each(|(((logits, choice), out), weight)| {
            let log_sum = log_sum_exp(logits);
            *out = logits[choice.token as usize] - log_sum;
            d_logits(logits, choice.token, *weight, log_sum);
        });
        gradients.add(head, &rows, scratch);
    }
}

/// Makes of logits the gradient with respect to them.
fn d_logits(logits: &mut [f32], token: u32, weight: f32, log_sum: f32) {
    #[inline(always)]
    fn run((logits, weight, log_sum): (&mut [f32], f32, f32)) {
        for logit in logits {
            *logit = -weight * exp(*logit - log_sum);
        }
    }
    widest!(run: (&mut [f32], f32, f32), (&mut *logits, weight, log_sum));
    logits[token as usize] += weight;
}
