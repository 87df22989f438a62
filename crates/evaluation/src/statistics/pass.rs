//! pass@k and pass^k of a question, from more than k attempts.

/// The chance that at least one of `k` attempts is right, where `correct` of `attempts` were, without bias.
///
/// ```text
/// pass@k = 1 - C(n - c, k) / C(n, k)
/// ```
///
/// It is none where fewer than `k` attempts were made, or `k` is nought.
///
/// ```
/// use offseeker_evaluation::statistics::pass_at;
///
/// assert!((pass_at(3, 5, 2).expect("enough attempts") - 0.9).abs() < 1e-12);
/// assert_eq!(pass_at(6, 5, 2), None);
/// ```
#[must_use]
pub fn pass_at(k: usize, attempts: usize, correct: usize) -> Option<f64> {
    ratio(k, attempts, attempts.checked_sub(correct)?).map(|all_wrong| 1.0 - all_wrong)
}

/// The chance that all of `k` attempts are right, where `correct` of `attempts` were, without bias.
///
/// ```text
/// pass^k = C(c, k) / C(n, k)
/// ```
///
/// It is none where fewer than `k` attempts were made, or `k` is nought.
#[must_use]
pub fn pass_all(k: usize, attempts: usize, correct: usize) -> Option<f64> {
    (correct <= attempts).then(|| ratio(k, attempts, correct)).flatten()
}

/// `C(part, k) / C(all, k)`.
// There are fewer attempts than a float counts exactly.
#[allow(clippy::cast_precision_loss)]
fn ratio(k: usize, all: usize, part: usize) -> Option<f64> {
    if k == 0 || k > all {
        return None;
    }
    if k > part {
        return Some(0.0);
    }
    Some((0..k).map(|drawn| (part - drawn) as f64 / (all - drawn) as f64).product())
}
