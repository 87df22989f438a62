//! Attention against the formula.

use super::*;

const ROWS: Heads = Heads { query: 4, key_value: 2, dim: 6 };

/// All of it written out, in f64.
fn naive(queries: &[f64], keys: &[f64], values: &[f64], spans: &[Span], heads: Heads) -> Vec<f64> {
    let group = heads.query / heads.key_value;
    let mut out = vec![0.0; queries.len()];
    for span in spans {
        for query in 0..span.queries {
            let seen = span.keys - span.queries + query + 1;
            for head in 0..heads.query {
                let at = ((span.query + query) * heads.query + head) * heads.dim;
                let key = |key: usize| ((span.key + key) * heads.key_value + head / group) * heads.dim;
                let score = |k: usize| -> f64 {
                    let terms = (0..heads.dim).map(|d| queries[at + d] * keys[key(k) + d]);
                    terms.sum::<f64>() / (heads.dim as f64).sqrt()
                };
                let weights: Vec<f64> = (0..seen).map(|k| score(k).exp()).collect();
                let sum: f64 = weights.iter().sum();
                for d in 0..heads.dim {
                    out[at + d] = (0..seen).map(|k| weights[k] / sum * values[key(k) + d]).sum();
                }
            }
        }
    }
    out
}

fn packed(lengths: &[usize]) -> Vec<Span> {
    let starts = lengths.iter().scan(0, |next, length| {
        *next += length;
        Some(*next - length)
    });
    starts.zip(lengths).map(|(start, length)| Span::own(start, *length)).collect()
}

fn rows(count: usize, heads: usize, seed: u64) -> Vec<f32> {
    numbers(count * heads * ROWS.dim, seed).iter().map(|x| x * 2.0).collect()
}

#[test]
fn sequences_that_are_packed_see_themselves_and_no_later_token() {
    for lengths in [&[1][..], &[5, 1, 3], &[64, 65], &[130, 7, 200], &[300]] {
        let spans = packed(lengths);
        let count = lengths.iter().sum();
        let (queries, keys, values) = (rows(count, 4, 1), rows(count, 2, 2), rows(count, 2, 3));
        let (mut out, mut log_sums) = (vec![0.0; queries.len()], vec![0.0; count * 4]);
        attention(&mut out, &mut log_sums, &queries, [&keys, &values], &spans, ROWS);
        let expected = naive(&wide(&queries), &wide(&keys), &wide(&values), &spans, ROWS);
        agree(&format!("{lengths:?}"), &out, &expected, 1e-6);
    }
}

#[test]
fn queries_that_come_later_see_the_keys_that_were_kept() {
    // Sequences of 200, 3 and 70 keys in a cache with gaps; the last 1, 2 and 66 of each ask.
    let spans = [
        Span { query: 0, queries: 1, key: 0, keys: 200 },
        Span { query: 1, queries: 2, key: 210, keys: 3 },
        Span { query: 3, queries: 66, key: 220, keys: 70 },
    ];
    let (queries, keys, values) = (rows(69, 4, 1), rows(300, 2, 2), rows(300, 2, 3));
    let (mut out, mut log_sums) = (vec![0.0; queries.len()], vec![0.0; 69 * 4]);
    attention(&mut out, &mut log_sums, &queries, [&keys, &values], &spans, ROWS);
    agree("cached", &out, &naive(&wide(&queries), &wide(&keys), &wide(&values), &spans, ROWS), 1e-6);
}

#[test]
fn large_scores_do_not_overflow() {
    let queries: Vec<f32> = rows(150, 4, 1).iter().map(|x| x * 300.0).collect();
    let (keys, values) = (rows(150, 2, 2), rows(150, 2, 3));
    let (mut out, mut log_sums) = (vec![0.0; queries.len()], vec![0.0; 600]);
    attention(&mut out, &mut log_sums, &queries, [&keys, &values], &packed(&[150]), ROWS);
    assert!(out.iter().chain(&log_sums).all(|x| x.is_finite()));
}

#[test]
fn gradients_agree_with_differences() {
    for lengths in [&[3, 1, 5][..], &[9]] {
        let spans = packed(lengths);
        let count = lengths.iter().sum();
        check_gradients(count, &spans, count);
    }
}

#[test]
fn gradients_over_more_than_one_tile_agree_with_differences() {
    check_gradients(150, &packed(&[135, 15]), 2);
}

/// Checks the gradients of the first rows, of all three.
fn check_gradients(count: usize, spans: &[Span], checked: usize) {
    let (queries, keys, values, d_out) = (rows(count, 4, 1), rows(count, 2, 2), rows(count, 2, 3), rows(count, 4, 4));
    let (mut out, mut log_sums) = (vec![0.0; queries.len()], vec![0.0; count * 4]);
    attention(&mut out, &mut log_sums, &queries, [&keys, &values], spans, ROWS);
    let (mut d_queries, mut d_keys, mut d_values) =
        (vec![7.0; queries.len()], vec![7.0; keys.len()], vec![7.0; values.len()]);
    let gradients = AttentionGradients { queries: &mut d_queries, keys: &mut d_keys, values: &mut d_values };
    let pass = AttentionPass {
        queries: &queries,
        keys: &keys,
        values: &values,
        out: &out,
        log_sums: &log_sums,
        spans,
        heads: ROWS,
    };
    attention_backward(gradients, &d_out, pass, &mut Vec::new());
    let (q, k, v) = (wide(&queries), wide(&keys), wide(&values));
    let head = |changed: &[f64], all: &[f64]| [changed, &all[changed.len()..]].concat();
    let loss = |q: &[f64], k: &[f64], v: &[f64]| inner(&naive(q, k, v, spans, ROWS), &d_out);
    let (asked, answered) = (checked * 24, checked * 12);
    agree("queries", &d_queries[..asked], &differences(&q[..asked], |x| loss(&head(x, &q), &k, &v)), 1e-5);
    agree("keys", &d_keys[..answered], &differences(&k[..answered], |x| loss(&q, &head(x, &k), &v)), 1e-5);
    agree("values", &d_values[..answered], &differences(&v[..answered], |x| loss(&q, &k, &head(x, &v))), 1e-5);
}
