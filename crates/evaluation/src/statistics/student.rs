//! The quantile of Student's distribution that intervals over few clusters need.

use std::f64::consts::FRAC_2_PI;

use super::wilson::NORMAL_97_5;

/// From here on the distribution is as good as normal: the quantiles differ by less than 0.000 03.
const AS_GOOD_AS_NORMAL: usize = 100_000;

/// The point that a variable of Student's distribution stays below in 97.5 of 100 cases; none without freedom.
///
/// It is found by halving, from the sum that the distribution is for a whole number of degrees of freedom (Abramowitz and
/// Stegun, 26.7.3 and 26.7.4).
#[must_use]
pub fn student_97_5(degrees: usize) -> Option<f64> {
    if degrees == 0 {
        return None;
    }
    if degrees >= AS_GOOD_AS_NORMAL {
        return Some(NORMAL_97_5);
    }
    let (mut low, mut high) = (NORMAL_97_5 - 0.1, 13.0);
    for _ in 0..50 {
        let middle = f64::midpoint(low, high);
        if share_within(middle, degrees) < 0.95 {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(f64::midpoint(low, high))
}

/// The chance of a value between `-point` and `point`.
// There are fewer degrees than a float counts exactly.
#[allow(clippy::cast_precision_loss)]
fn share_within(point: f64, degrees: usize) -> f64 {
    let angle = (point / (degrees as f64).sqrt()).atan();
    let (sine, cosine) = angle.sin_cos();
    let is_odd = degrees % 2 == 1;
    // The terms are cos, 2/3 cos^3, 2*4/(3*5) cos^5 and on, or 1, 1/2 cos^2, 1*3/(2*4) cos^4 and on.
    let (mut term, mut next) = if is_odd { (cosine, 2) } else { (1.0, 1) };
    let mut sum = 0.0;
    for _ in 0..degrees / 2 {
        sum += term;
        term *= cosine * cosine * next as f64 / (next + 1) as f64;
        next += 2;
    }
    if is_odd { FRAC_2_PI * (angle + sine * sum) } else { sine * sum }
}
