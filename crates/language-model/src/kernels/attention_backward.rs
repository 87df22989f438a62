//! The backward pass of attention, which works the weights out again.

use rayon::prelude::*;

use super::attention::{Heads, KEYS, QUERIES, Seen, Span};
use super::lanes::{dot, exp, widest};
use super::product::{Matrix, MatrixMut, Threads, product};

/// What the forward pass read and wrote.
#[derive(Clone, Copy, Debug)]
pub struct AttentionPass<'a> {
    /// The queries.
    pub queries: &'a [f32],
    /// The keys.
    pub keys: &'a [f32],
    /// The values.
    pub values: &'a [f32],
    /// What came out.
    pub out: &'a [f32],
    /// The logarithms of what the softmax divided by.
    pub log_sums: &'a [f32],
    /// The sequences, each of which looks at itself.
    pub spans: &'a [Span],
    /// The heads of a row.
    pub heads: Heads,
}

/// Where the gradients go.
#[derive(Debug)]
pub struct AttentionGradients<'a> {
    /// With respect to the queries.
    pub queries: &'a mut [f32],
    /// With respect to the keys.
    pub keys: &'a mut [f32],
    /// With respect to the values.
    pub values: &'a mut [f32],
}

/// One answering head of one sequence.
struct Tile<'a> {
    head: usize,
    span: Span,
    /// The gradients of its queries, of its keys and of its values, one after the other.
    gradients: &'a mut [f32],
}

#[derive(Default)]
struct Scratch {
    queries: Vec<f32>,
    d_out: Vec<f32>,
    /// For each row the product of what came out and of its gradient.
    along: Vec<f32>,
    weights: Vec<f32>,
    d_weights: Vec<f32>,
}

/// Writes the gradients with respect to queries, keys and values. `by_head` is a buffer that is kept between calls.
pub fn attention_backward(
    gradients: AttentionGradients<'_>,
    d_out: &[f32],
    pass: AttentionPass<'_>,
    by_head: &mut Vec<f32>,
) {
    let heads = pass.heads;
    let rows: usize = pass.spans.iter().map(|span| span.queries).sum();
    let width = (heads.group() + 2) * heads.dim;
    assert!(pass.spans.iter().all(|span| *span == Span::own(span.query, span.queries)), "each looks at itself");
    assert!(d_out.len() == rows * heads.query_row() && pass.out.len() == d_out.len(), "each row has its gradient");
    by_head.resize(rows * width * heads.key_value, 0.0);
    let mut tiles = Vec::with_capacity(heads.key_value * pass.spans.len());
    for (head, mut rest) in by_head.chunks_exact_mut((rows * width).max(1)).enumerate() {
        for span in pass.spans {
            let (gradients, later) = rest.split_at_mut(span.queries * width);
            rest = later;
            tiles.push(Tile { head, span: *span, gradients });
        }
    }
    tiles.into_par_iter().for_each_init(Scratch::default, |scratch, tile| one_head(scratch, tile, d_out, pass));
    collect(gradients, by_head, rows, pass);
}

/// Brings the gradients from the order of heads into that of rows.
fn collect(gradients: AttentionGradients<'_>, by_head: &[f32], rows: usize, pass: AttentionPass<'_>) {
    let heads = pass.heads;
    let (group, dim) = (heads.group() * heads.dim, heads.dim);
    let width = group + 2 * dim;
    let AttentionGradients { queries, keys, values } = gradients;
    let sequences = cut(queries, pass.spans, heads.query_row())
        .into_par_iter()
        .zip(cut(keys, pass.spans, heads.key_row()))
        .zip(cut(values, pass.spans, heads.key_row()))
        .zip(pass.spans);
    sequences.for_each(|(((queries, keys), values), span)| {
        for head in 0..heads.key_value {
            let from = &by_head[(head * rows + span.query) * width..][..span.queries * width];
            let (d_queries, rest) = from.split_at(span.queries * group);
            let (d_keys, d_values) = rest.split_at(span.queries * dim);
            place(queries, d_queries, heads.query_row(), head * group, group);
            place(keys, d_keys, heads.key_row(), head * dim, dim);
            place(values, d_values, heads.key_row(), head * dim, dim);
        }
    });
}

fn cut<'a>(mut rows: &'a mut [f32], spans: &[Span], width: usize) -> Vec<&'a mut [f32]> {
    let mut parts = Vec::with_capacity(spans.len());
    for span in spans {
        let (part, rest) = rows.split_at_mut(span.queries * width);
        parts.push(part);
        rows = rest;
    }
    parts
}

fn place(rows: &mut [f32], from: &[f32], width: usize, column: usize, columns: usize) {
    for (row, from) in rows.chunks_exact_mut(width).zip(from.chunks_exact(columns)) {
        row[column..column + columns].copy_from_slice(from);
    }
}

fn one_head(scratch: &mut Scratch, tile: Tile<'_>, d_out: &[f32], pass: AttentionPass<'_>) {
    let Tile { head, span, gradients } = tile;
    let (heads, rows) = (pass.heads, span.queries);
    let (group, dim) = (heads.group(), heads.dim);
    fill(scratch, &span, head, d_out, pass);
    let (d_queries, rest) = gradients.split_at_mut(rows * group * dim);
    let (d_keys, d_values) = rest.split_at_mut(rows * dim);
    scratch.weights.resize(QUERIES * group * KEYS, 0.0);
    scratch.d_weights.resize(QUERIES * group * KEYS, 0.0);
    for first in (0..rows).step_by(KEYS) {
        let count = KEYS.min(rows - first);
        let from = (span.key + first) * heads.key_row() + head * dim;
        let keys = Matrix::strided(&pass.keys[from..], count, dim, heads.key_row());
        let values = Matrix::strided(&pass.values[from..], count, dim, heads.key_row());
        // No query before the first key of the tile sees any of it.
        for query in (first..rows).step_by(QUERIES) {
            let asking = QUERIES.min(rows - query) * group;
            let part = query * group * dim..(query * group + asking) * dim;
            let queries = Matrix::new(&scratch.queries[part.clone()], asking, dim);
            let d_out = Matrix::new(&scratch.d_out[part.clone()], asking, dim);
            let weights = MatrixMut::strided(&mut scratch.weights, asking, count, KEYS);
            product(weights, queries, keys.transposed(), heads.scale(), Threads::One);
            let d_weights = MatrixMut::strided(&mut scratch.d_weights, asking, count, KEYS);
            product(d_weights, d_out, values.transposed(), 1.0, Threads::One);
            let seen = Seen { span: &span, first_query: query, group, first, count };
            let along = &scratch.along[query * group..][..asking];
            let sums = Sums { all: pass.log_sums, span: &span, heads, head };
            widest!(soften: Softened<'_>, (&mut scratch.weights, &mut scratch.d_weights, along, sums, seen));
            let weights = Matrix::strided(&scratch.weights, asking, count, KEYS);
            let d_weights = Matrix::strided(&scratch.d_weights, asking, count, KEYS);
            let tile = first * dim..(first + count) * dim;
            let adds = query > first;
            let out = MatrixMut::new(&mut d_values[tile.clone()], count, dim).adding(adds);
            product(out, weights.transposed(), d_out, 1.0, Threads::One);
            let out = MatrixMut::new(&mut d_keys[tile], count, dim).adding(adds);
            product(out, d_weights.transposed(), queries, heads.scale(), Threads::One);
            let out = MatrixMut::new(&mut d_queries[part], asking, dim).adding(first > 0);
            product(out, d_weights, keys, heads.scale(), Threads::One);
        }
    }
}

#[inline(always)]
fn of_two((x, y): (&[f32], &[f32])) -> f32 {
    dot(x, y)
}

/// Brings the rows of one head together.
fn fill(scratch: &mut Scratch, span: &Span, head: usize, d_out: &[f32], pass: AttentionPass<'_>) {
    let (group, dim) = (pass.heads.group(), pass.heads.dim);
    scratch.queries.clear();
    scratch.d_out.clear();
    scratch.along.clear();
    let along = |heads: (&[f32], &[f32])| widest!(of_two: (&[f32], &[f32]) => f32, heads);
    for row in span.query..span.query + span.queries {
        let from = row * pass.heads.query_row() + head * group * dim;
        let part = from..from + group * dim;
        scratch.queries.extend_from_slice(&pass.queries[part.clone()]);
        scratch.d_out.extend_from_slice(&d_out[part.clone()]);
        let pairs = d_out[part.clone()].chunks_exact(dim).zip(pass.out[part].chunks_exact(dim));
        scratch.along.extend(pairs.map(along));
    }
}

/// The logarithms of the sums of one head.
#[derive(Clone, Copy)]
struct Sums<'a> {
    all: &'a [f32],
    span: &'a Span,
    heads: Heads,
    head: usize,
}

impl Sums<'_> {
    #[inline(always)]
    fn of(&self, query: usize, member: usize) -> f32 {
        self.all[(self.span.query + query) * self.heads.query + self.head * self.heads.group() + member]
    }
}

type Softened<'a> = (&'a mut [f32], &'a mut [f32], &'a [f32], Sums<'a>, Seen<'a>);

/// Makes weights of scores, and of the gradients of weights those of scores.
#[inline(always)]
fn soften((weights, d_weights, along, sums, seen): Softened<'_>) {
    for (row, along) in along.iter().enumerate() {
        let visible = seen.by(row);
        let log_sum = sums.of(seen.first_query + row / seen.group, row % seen.group);
        let (weights, hidden) = weights[row * KEYS..row * KEYS + seen.count].split_at_mut(visible);
        let (d_weights, d_hidden) = d_weights[row * KEYS..row * KEYS + seen.count].split_at_mut(visible);
        hidden.fill(0.0);
        d_hidden.fill(0.0);
        for (weight, d_weight) in weights.iter_mut().zip(d_weights) {
            *weight = exp(*weight - log_sum);
            *d_weight = *weight * (*d_weight - along);
        }
    }
}
