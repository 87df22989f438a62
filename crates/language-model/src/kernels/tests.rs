//! Each kernel against a naive version, and its backward pass against finite differences.

mod attention;
mod head;
mod steady;

use proptest::prelude::*;

use super::lanes::{dot, dot3, exp, exp_and_sum, largest};
use super::*;
use crate::{Config, Yarn};

/// Numbers between -1 and 1 that look drawn.
fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// Says that two slices agree but for a share of the length of the second.
#[track_caller]
fn agree(what: &str, found: &[f32], expected: &[f64], share: f64) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let distance: f64 = found.iter().zip(expected).map(|(x, y)| (f64::from(*x) - y).powi(2)).sum();
    let length: f64 = expected.iter().map(|y| y * y).sum();
    let off = (distance / length.max(1e-30)).sqrt();
    assert!(off <= share, "{what}: off by {off:e}, may be {share:e}");
}

fn wide(x: &[f32]) -> Vec<f64> {
    x.iter().map(|x| f64::from(*x)).collect()
}

/// The gradient of a function of f64, by differences.
fn differences(at: &[f64], function: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let mut at = at.to_vec();
    let mut gradient = Vec::with_capacity(at.len());
    for place in 0..at.len() {
        let (before, step) = (at[place], 1e-5);
        at[place] = before + step;
        let above = function(&at);
        at[place] = before - step;
        gradient.push((above - function(&at)) / (2.0 * step));
        at[place] = before;
    }
    gradient
}

fn inner(x: &[f64], y: &[f32]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * f64::from(*y)).sum()
}

#[test]
fn products_in_all_orders_agree_with_the_sum_that_they_are() {
    for (rows, columns, depth) in [(1, 1, 1), (3, 5, 7), (64, 33, 20), (1, 40, 64), (17, 1, 9), (4, 4, 0)] {
        let (left, right) = (numbers(rows * depth, 1), numbers(depth * columns, 2));
        let before = numbers(rows * columns, 3);
        for (adds, scale, left_turned, right_turned) in
            [(false, 1.0, false, false), (true, 0.5, true, false), (false, 2.0, false, true), (true, 1.0, true, true)]
        {
            let (view_left, stride_left) = if left_turned {
                (Matrix::new(&left, depth, rows).transposed(), (1, rows))
            } else {
                (Matrix::new(&left, rows, depth), (depth, 1))
            };
            let (view_right, stride_right) = if right_turned {
                (Matrix::new(&right, columns, depth).transposed(), (1, depth))
            } else {
                (Matrix::new(&right, depth, columns), (columns, 1))
            };
            let mut out = before.clone();
            product(MatrixMut::new(&mut out, rows, columns).adding(adds), view_left, view_right, scale, Threads::All);
            let mut expected = Vec::new();
            for row in 0..rows {
                for column in 0..columns {
                    let terms = (0..depth).map(|k| {
                        let x = left[row * stride_left.0 + k * stride_left.1];
                        f64::from(x) * f64::from(right[k * stride_right.0 + column * stride_right.1])
                    });
                    let kept = if adds { f64::from(before[row * columns + column]) } else { 0.0 };
                    expected.push(kept + f64::from(scale) * terms.sum::<f64>());
                }
            }
            agree(&format!("{rows}x{columns}x{depth}"), &out, &expected, 1e-6);
        }
    }
}

proptest! {
    #[test]
    fn an_exponential_is_near_that_of_the_system(x in -86.0_f32..88.0) {
        let expected = f64::from(x).exp();
        prop_assert!((f64::from(exp(x)) - expected).abs() <= expected * 4e-7);
    }

    #[test]
    fn sums_over_lanes_are_sums(count in 1_usize..200, seed in 0_u64..1000) {
        let (x, y, z) = (numbers(count, seed), numbers(count, seed + 1), numbers(count, seed + 2));
        let sum = |f: &dyn Fn(usize) -> f64| (0..count).map(f).sum::<f64>();
        let two = sum(&|i| f64::from(x[i]) * f64::from(y[i]));
        let three = sum(&|i| f64::from(x[i]) * f64::from(y[i]) * f64::from(z[i]));
        prop_assert!((f64::from(dot(&x, &y)) - two).abs() < 1e-4);
        prop_assert!((f64::from(dot3(&x, &y, &z)) - three).abs() < 1e-4);
        let most = largest(&x);
        prop_assert!(x.contains(&most) && x.iter().all(|x| *x <= most));
        let mut e = x.clone();
        let total = exp_and_sum(&mut e, most);
        prop_assert!((f64::from(total) - sum(&|i| f64::from(x[i] - most).exp())).abs() < 1e-4);
        prop_assert!((log_sum_exp(&x) - (most + total.ln())).abs() < 1e-5);
    }
}

#[test]
fn the_ends_of_the_exponential_are_finite_and_what_is_no_number_stays_none() {
    assert!(exp(f32::NEG_INFINITY) < 1e-37 && exp(1e9).is_finite() && exp(f32::NAN).is_nan());
}

fn naive_norm(x: &[f64], weight: &[f64], epsilon: f64) -> Vec<f64> {
    let rows = x.chunks_exact(weight.len());
    rows.flat_map(|row| {
        let mean = row.iter().map(|x| x * x).sum::<f64>() / row.len() as f64;
        let inverse = 1.0 / (mean + epsilon).sqrt();
        row.iter().zip(weight).map(move |(x, weight)| x * inverse * weight).collect::<Vec<_>>()
    })
    .collect()
}

#[test]
fn a_normalisation_and_its_gradients_agree_with_the_formula() {
    for (rows, columns) in [(1, 1), (3, 40), (70, 5)] {
        let (x, weight, d_out) = (numbers(rows * columns, 1), numbers(columns, 2), numbers(rows * columns, 3));
        let norm = Norm { weight: &weight, epsilon: 1e-3 };
        let mut out = vec![0.0; x.len()];
        rms_norm(&mut out, &x, norm);
        let forward = |x: &[f64], weight: &[f64]| naive_norm(x, weight, f64::from(1e-3_f32));
        agree("out", &out, &forward(&wide(&x), &wide(&weight)), 1e-6);
        let (mut d_x, mut d_weight) = (numbers(x.len(), 4), numbers(columns, 5));
        let (before_x, before_weight) = (wide(&d_x), wide(&d_weight));
        rms_norm_backward(&mut d_x, Some(&mut d_weight), &d_out, &x, norm);
        let add = |before: Vec<f64>, more: Vec<f64>| before.iter().zip(more).map(|(x, y)| x + y).collect::<Vec<_>>();
        let by_x = differences(&wide(&x), |x| inner(&forward(x, &wide(&weight)), &d_out));
        let by_weight = differences(&wide(&weight), |weight| inner(&forward(&wide(&x), weight), &d_out));
        agree("d_input adds", &d_x, &add(before_x, by_x), 1e-5);
        agree("d_weight adds", &d_weight, &add(before_weight, by_weight), 1e-5);
    }
}

fn naive_rotate(x: &[f64], weight: &[f64], table: &[(Vec<f64>, Vec<f64>)], heads: usize, epsilon: f64) -> Vec<f64> {
    let (dim, half) = (weight.len(), weight.len() / 2);
    let normed = naive_norm(x, weight, epsilon);
    let mut out = Vec::new();
    for (row, (cosines, sines)) in normed.chunks_exact(dim * heads).zip(table) {
        for head in row.chunks_exact(dim) {
            out.extend((0..half).map(|i| head[i] * cosines[i] - head[i + half] * sines[i]));
            out.extend((0..half).map(|i| head[i + half] * cosines[i] + head[i] * sines[i]));
        }
    }
    out
}

#[test]
fn heads_are_normalised_and_turned_and_so_are_their_gradients() {
    for yarn in [None, Some(Yarn::new(4.0, 16))] {
        let config = Config { head_dim: 8, yarn: yarn.clone(), rope_theta: 100.0, ..Config::small(8, 16, 1, 2) };
        let mut rotary = Rotary::new(&config);
        rotary.reach(8);
        rotary.reach(71);
        let (heads, positions) = (3, (0..70).map(|row| (row * 7 + 1) % 71).collect::<Vec<u32>>());
        let frequencies = naive_frequencies(&config);
        let scale = yarn.map_or(1.0, |yarn| yarn.scale());
        let angles = |position: u32| frequencies.iter().map(move |f| f64::from(position) * f);
        let turn = |position: &u32| {
            (angles(*position).map(|a| a.cos() * scale).collect(), angles(*position).map(|a| a.sin() * scale).collect())
        };
        let table: Vec<(Vec<f64>, Vec<f64>)> = positions.iter().map(turn).collect();
        let (x, weight, d_out) = (numbers(70 * 24, 1), numbers(8, 2), numbers(70 * 24, 3));
        let of =
            HeadNorm { norm: Norm { weight: &weight, epsilon: 1e-6 }, rotary: &rotary, positions: &positions, heads };
        let forward = |x: &[f64], weight: &[f64]| naive_rotate(x, weight, &table, heads, f64::from(1e-6_f32));
        let mut out = vec![0.0; x.len()];
        norm_rotate(&mut out, &x, of);
        agree("out", &out, &forward(&wide(&x), &wide(&weight)), 1e-5);
        let (mut d_x, mut d_weight) = (vec![9.0; x.len()], vec![0.0; 8]);
        norm_rotate_backward(&mut d_x, Some(&mut d_weight), &d_out, &x, of);
        let by_x = differences(&wide(&x[..48]), |x| inner(&forward(x, &wide(&weight)), &d_out[..48]));
        let by_weight = differences(&wide(&weight), |weight| inner(&forward(&wide(&x), weight), &d_out));
        agree("d_input", &d_x[..48], &by_x, 1e-5);
        agree("d_weight", &d_weight, &by_weight, 1e-5);
    }
}

/// As the paper has it: each pair stays, is stretched, or is between the two.
fn naive_frequencies(config: &Config) -> Vec<f64> {
    let dim = config.head_dim as f64;
    let plain = (0..config.head_dim / 2).map(|pair| config.rope_theta.powf(-2.0 * pair as f64 / dim));
    let Some(yarn) = &config.yarn else { return plain.collect() };
    let pair_of = |turns: f64| {
        let ratio = yarn.original_max_position_embeddings as f64 / (2.0 * std::f64::consts::PI * turns);
        dim * ratio.ln() / (2.0 * config.rope_theta.ln())
    };
    let low = pair_of(yarn.beta_fast).floor().max(0.0);
    let high = pair_of(yarn.beta_slow).ceil().min(dim - 1.0);
    let share = |pair: usize| ((pair as f64 - low) / (high - low)).clamp(0.0, 1.0);
    plain.enumerate().map(|(pair, f)| f * (1.0 - share(pair)) + f / yarn.factor * share(pair)).collect()
}

#[test]
fn a_gate_and_its_gradients_agree_with_the_formula() {
    let count = 8200;
    let (gate, up, d_out) = (numbers(count, 1), numbers(count, 2), numbers(count, 3));
    let forward = |gate: f64, up: f64| gate / (1.0 + (-gate).exp()) * up;
    let mut out = vec![0.0; count];
    swiglu(&mut out, &gate, &up);
    let pairs = || gate.iter().zip(&up).map(|(gate, up)| (f64::from(*gate), f64::from(*up)));
    agree("out", &out, &pairs().map(|(gate, up)| forward(gate, up)).collect::<Vec<_>>(), 1e-6);
    let (mut d_gate, mut d_up) = (gate.clone(), up.clone());
    swiglu_backward(&d_out, &mut d_gate, &mut d_up);
    let step = 1e-5;
    let slope = |above: f64, below: f64, d_out: &f32| (above - below) / (2.0 * step) * f64::from(*d_out);
    let by = |gates: f64, ups: f64| -> Vec<f64> {
        let moved = |sign: f64| move |(gate, up): (f64, f64)| forward(gate + sign * gates, up + sign * ups);
        pairs().zip(&d_out).map(|(pair, d)| slope(moved(1.0)(pair), moved(-1.0)(pair), d)).collect()
    };
    agree("d_gate", &d_gate, &by(step, 0.0), 1e-5);
    agree("d_up", &d_up, &by(0.0, step), 1e-5);
}
