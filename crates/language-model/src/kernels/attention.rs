//! Causal attention, tile by tile, without a matrix of time by time.

use std::ops::Range;

use rayon::prelude::*;

use super::lanes::{exp, exp_and_sum, largest, widest};
use super::product::{Matrix, MatrixMut, Threads, product};
use super::steady::{Strided, add_weighted, dots};

/// How many rows of queries are one tile.
pub(super) const QUERIES: usize = 64;
/// How many rows of keys are one tile.
pub(super) const KEYS: usize = 128;

/// The heads of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heads {
    /// How many ask.
    pub query: usize,
    /// How many answer.
    pub key_value: usize,
    /// How wide one is.
    pub dim: usize,
}

impl Heads {
    /// How many that ask share one that answers.
    pub(super) fn group(&self) -> usize {
        self.query / self.key_value
    }

    pub(super) fn query_row(&self) -> usize {
        self.query * self.dim
    }

    pub(crate) fn key_row(&self) -> usize {
        self.key_value * self.dim
    }

    pub(super) fn scale(&self) -> f32 {
        1.0 / (self.dim as f32).sqrt()
    }
}

/// A sequence: its rows of queries, and the rows of keys that they look at. The last query sees all keys, the one
/// before all but the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first row of queries.
    pub query: usize,
    /// How many rows of queries there are.
    pub queries: usize,
    /// The first row of keys.
    pub key: usize,
    /// How many rows of keys there are: no fewer than queries.
    pub keys: usize,
}

impl Span {
    /// A sequence that looks at itself.
    #[must_use]
    pub fn own(first: usize, rows: usize) -> Self {
        Self { query: first, queries: rows, key: first, keys: rows }
    }

    /// How many keys a query sees, counted within the span.
    #[inline(always)]
    fn seen(&self, query: usize) -> usize {
        self.keys - self.queries + query + 1
    }
}

/// Some rows of queries of one span, under some heads, and where their results go.
struct Tile<'a> {
    /// Of the span.
    number: usize,
    span: Span,
    /// Within the span.
    queries: Range<usize>,
    /// Those that answer.
    heads: Range<usize>,
    out: &'a mut [f32],
    log_sums: &'a mut [f32],
}

/// What a thread needs to work on a tile.
#[derive(Default)]
struct Scratch {
    queries: Vec<f32>,
    scores: Vec<f32>,
    sums: Vec<f32>,
    most: Vec<f32>,
    weights: Vec<f32>,
}

/// `out = softmax(queries · keysᵀ / √dim) · values`, each query seeing the keys up to its own place. The spans cover
/// the rows of the queries in order. `log_sums` gets, for each row and head, the logarithm of what the softmax divides
/// by.
pub fn attention(
    out: &mut [f32],
    log_sums: &mut [f32],
    queries: &[f32],
    [keys, values]: [&[f32]; 2],
    spans: &[Span],
    heads: Heads,
) {
    let tiles = tiles(out, log_sums, spans, heads);
    attend(tiles, heads, |scratch, tile, head| {
        one_head(scratch, queries, [keys, values], &tile.span, &tile.queries, heads, head);
    });
}

/// The same, each span looking at keys and values of its own, and with the numbers of a row depending on that row and
/// what it sees alone: not on the rows beside it, nor on how its sequence was cut into spans.
pub fn steady_attention(
    out: &mut [f32],
    log_sums: &mut [f32],
    queries: &[f32],
    kept: &[[&[f32]; 2]],
    spans: &[Span],
    heads: Heads,
) {
    assert_eq!(kept.len(), spans.len(), "each span has its keys");
    let tiles = tiles(out, log_sums, spans, heads);
    attend(tiles, heads, |scratch, tile, head| {
        one_steady_head(scratch, queries, kept[tile.number], &tile.span, &tile.queries, heads, head);
    });
}

/// Has a function leave each head of each tile in the scratch, and writes it where it goes.
fn attend(tiles: Vec<Tile<'_>>, heads: Heads, one_head: impl Fn(&mut Scratch, &Tile<'_>, usize) + Sync) {
    tiles.into_par_iter().for_each_init(Scratch::default, |scratch, tile| {
        for head in tile.heads.clone() {
            one_head(scratch, &tile, head);
            let columns = Columns { head, first: tile.heads.start, all: tile.heads.len() };
            write(scratch, tile.out, tile.log_sums, columns, heads);
        }
    });
}

/// Cuts the rows into tiles. A single row is cut by its heads too, so that one sequence keeps all threads busy.
fn tiles<'a>(mut out: &'a mut [f32], mut log_sums: &'a mut [f32], spans: &[Span], heads: Heads) -> Vec<Tile<'a>> {
    let mut tiles = Vec::new();
    let mut next = 0;
    for (number, span) in spans.iter().enumerate() {
        assert!(span.query == next && span.keys >= span.queries, "spans cover the queries in order");
        next += span.queries;
        let mut first = 0;
        while first < span.queries {
            let rows = QUERIES.min(span.queries - first);
            let cut = if rows == 1 { 1 } else { heads.key_value };
            for head in (0..heads.key_value).step_by(cut) {
                let columns = rows * cut * heads.group();
                let (here, rest) = out.split_at_mut(columns * heads.dim);
                let (sums, rest_sums) = log_sums.split_at_mut(columns);
                (out, log_sums) = (rest, rest_sums);
                let queries = first..first + rows;
                let heads = head..head + cut;
                tiles.push(Tile { number, span: *span, queries, heads, out: here, log_sums: sums });
            }
            first += rows;
        }
    }
    assert!(out.is_empty() && log_sums.is_empty(), "spans cover the queries in order");
    tiles
}

/// Leaves the sums of values of one answering head in the scratch, not yet divided.
fn one_head(
    scratch: &mut Scratch,
    queries: &[f32],
    [keys, values]: [&[f32]; 2],
    span: &Span,
    tile: &Range<usize>,
    heads: Heads,
    head: usize,
) {
    let (group, dim) = (heads.group(), heads.dim);
    let rows = begin(scratch, queries, span, tile, heads, head);
    let end = span.seen(tile.end - 1);
    for first in (0..end).step_by(KEYS) {
        let count = KEYS.min(end - first);
        let from = (span.key + first) * heads.key_row() + head * dim;
        let keys = Matrix::strided(&keys[from..], count, dim, heads.key_row());
        let values = Matrix::strided(&values[from..], count, dim, heads.key_row());
        let asked = Matrix::new(&scratch.queries[..rows * dim], rows, dim);
        let scores = MatrixMut::strided(&mut scratch.scores, rows, count, KEYS);
        product(scores, asked, keys.transposed(), heads.scale(), Threads::One);
        let seen = Seen { span, first_query: tile.start, group, first, count };
        widest!(soften: (&mut Scratch, Seen<'_>, usize), (&mut *scratch, seen, dim));
        let weights = Matrix::strided(&scratch.scores, rows, count, KEYS);
        let sums = MatrixMut::new(&mut scratch.sums[..rows * dim], rows, dim).adding(first > 0);
        product(sums, weights, values, 1.0, Threads::One);
    }
}

/// As [`one_head`], by products whose rows are each for itself.
fn one_steady_head(
    scratch: &mut Scratch,
    queries: &[f32],
    [keys, values]: [&[f32]; 2],
    span: &Span,
    tile: &Range<usize>,
    heads: Heads,
    head: usize,
) {
    let (group, dim) = (heads.group(), heads.dim);
    let rows = begin(scratch, queries, span, tile, heads, head);
    scratch.sums.fill(0.0);
    let end = span.seen(tile.end - 1);
    for first in (0..end).step_by(KEYS) {
        let count = KEYS.min(end - first);
        let from = (span.key + first) * heads.key_row() + head * dim;
        let [keys, values] = [keys, values].map(|kept| Strided::new(&kept[from..], count, dim, heads.key_row()));
        let asked = Strided::new(&scratch.queries, rows, dim, dim);
        dots(&mut scratch.scores, asked, keys, heads.scale(), KEYS);
        let seen = Seen { span, first_query: tile.start, group, first, count };
        widest!(soften: (&mut Scratch, Seen<'_>, usize), (&mut *scratch, seen, dim));
        for (row, sum) in scratch.sums.chunks_exact_mut(dim).enumerate() {
            let weights = &scratch.scores[row * KEYS..row * KEYS + seen.by(row)];
            add_weighted(sum, weights, values);
        }
    }
}

/// Lays the queries of a head one after the other; how many rows these are.
fn begin(scratch: &mut Scratch, queries: &[f32], span: &Span, tile: &Range<usize>, heads: Heads, head: usize) -> usize {
    let (group, dim) = (heads.group(), heads.dim);
    let rows = tile.len() * group;
    scratch.queries.clear();
    for row in tile.clone() {
        let from = (span.query + row) * heads.query_row() + head * group * dim;
        scratch.queries.extend_from_slice(&queries[from..from + group * dim]);
    }
    scratch.scores.resize(rows * KEYS, 0.0);
    scratch.sums.resize(rows * dim, 0.0);
    reset(&mut scratch.most, rows, f32::NEG_INFINITY);
    reset(&mut scratch.weights, rows, 0.0);
    rows
}

fn reset(buffer: &mut Vec<f32>, length: usize, number: f32) {
    buffer.clear();
    buffer.resize(length, number);
}

/// Which keys of a tile a row sees.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) span: &'a Span,
    /// The query of row 0, within the span.
    pub(super) first_query: usize,
    /// How many rows a query has.
    pub(super) group: usize,
    /// The first key of the tile, within the span.
    pub(super) first: usize,
    /// How many keys the tile has.
    pub(super) count: usize,
}

impl Seen<'_> {
    #[inline(always)]
    pub(super) fn by(&self, row: usize) -> usize {
        self.span.seen(self.first_query + row / self.group).saturating_sub(self.first).min(self.count)
    }
}

/// Makes weights of scores, and brings what was summed before to the same measure.
#[inline(always)]
fn soften((scratch, seen, dim): (&mut Scratch, Seen<'_>, usize)) {
    for row in 0..scratch.most.len() {
        let scores = &mut scratch.scores[row * KEYS..row * KEYS + seen.count];
        let (visible, hidden) = scores.split_at_mut(seen.by(row));
        hidden.fill(0.0);
        if visible.is_empty() {
            continue;
        }
        let before = scratch.most[row];
        let most = largest(visible);
        let most = if most > before { most } else { before };
        let kept = exp(before - most);
        scratch.weights[row] = scratch.weights[row] * kept + exp_and_sum(visible, most);
        scratch.most[row] = most;
        if seen.first > 0 && most > before {
            for sum in &mut scratch.sums[row * dim..(row + 1) * dim] {
                *sum *= kept;
            }
        }
    }
}

/// Where a head lies in the rows of a tile.
#[derive(Clone, Copy)]
struct Columns {
    head: usize,
    first: usize,
    all: usize,
}

fn write(scratch: &Scratch, out: &mut [f32], log_sums: &mut [f32], columns: Columns, heads: Heads) {
    let (group, dim) = (heads.group(), heads.dim);
    let width = columns.all * group;
    let offset = (columns.head - columns.first) * group;
    for row in 0..scratch.most.len() {
        let at = row / group * width + offset + row % group;
        let sums = &scratch.sums[row * dim..(row + 1) * dim];
        let share = 1.0 / scratch.weights[row];
        for (out, sum) in out[at * dim..(at + 1) * dim].iter_mut().zip(sums) {
            *out = sum * share;
        }
        log_sums[at] = scratch.most[row] + scratch.weights[row].ln();
    }
}
