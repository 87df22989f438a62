//! Wilson's interval for a proportion.

use super::Interval;

/// The point that a normal variable stays below in 97.5 of 100 cases.
pub(super) const NORMAL_97_5: f64 = 1.959_963_984_540_054;

/// Wilson's interval, at 95 %, for a share of `correct` in `attempts` that do not depend on each other.
///
/// ```text
/// (p + z^2 / 2n  -+  z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)
/// ```
///
/// `correct` may be a fraction, where each of the `attempts` is a mean itself; the interval is then wider than it need
/// be. It is none where nothing was attempted, or where `correct` is not between nought and `attempts`.
#[must_use]
pub fn wilson(correct: f64, attempts: f64) -> Option<Interval> {
    let is_sound = attempts.is_finite() && attempts > 0.0 && (0.0..=attempts).contains(&correct);
    if !is_sound {
        return None;
    }
    let (share, squared) = (correct / attempts, NORMAL_97_5 * NORMAL_97_5);
    let middle = share + squared / (2.0 * attempts);
    let spread = share * (1.0 - share) / attempts + squared / (4.0 * attempts * attempts);
    let (reach, whole) = (NORMAL_97_5 * spread.sqrt(), 1.0 + squared / attempts);
    // The share lies within it, whatever is rounded.
    let low = ((middle - reach) / whole).min(share);
    let high = ((middle + reach) / whole).max(share);
    Some(Interval { low, high }.within(0.0, 1.0))
}
