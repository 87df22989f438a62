//! The exact sign test.

/// How likely it is that two runs differ at least so much by chance, where one was better at some questions, the other at
/// others, and ties do not count.
///
/// ```text
/// p = min(1, 2 * sum for i from 0 to min(b, c) of C(b + c, i) / 2^(b + c))
/// ```
///
/// With one attempt at each question it is the exact test of `McNemar`.
///
/// ```
/// use offseeker_evaluation::statistics::sign_test;
///
/// assert!((sign_test(1, 5) - 14.0 / 64.0).abs() < 1e-12);
/// ```
// There are fewer questions than a float counts exactly.
#[allow(clippy::cast_precision_loss)]
#[must_use]
pub fn sign_test(better: usize, worse: usize) -> f64 {
    let all = better + worse;
    // In logarithms, because 2^1024 is no float.
    let mut term = -(all as f64) * std::f64::consts::LN_2;
    let mut tail = 0.0;
    for i in 0..=better.min(worse) {
        tail += term.exp();
        term += ((all - i) as f64 / (i + 1) as f64).ln();
    }
    (2.0 * tail).min(1.0)
}
