//! How often numbers of each size occur.

use serde::{Deserialize, Serialize};

/// How often numbers of each size occur, with their mean and median.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Histogram {
    /// The mean; nought of nothing.
    pub mean: f64,
    /// The median; nought of nothing.
    pub median: f64,
    /// The bins from the smallest numbers up; empty ones are left out.
    pub bins: Vec<Bin>,
}

/// Numbers of about one size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bin {
    /// The smallest number that belongs here, of up to twice as much.
    pub from: u64,
    /// How many there are.
    pub count: u64,
}

impl Histogram {
    /// The histogram of some numbers, in bins that double: 0, 1, 2 to 3, 4 to 7, and so on.
    #[must_use]
    pub fn of(numbers: impl IntoIterator<Item = u64>) -> Self {
        let mut numbers: Vec<u64> = numbers.into_iter().collect();
        numbers.sort_unstable();
        let Some(last) = numbers.len().checked_sub(1) else { return Self::default() };
        let sum: u128 = numbers.iter().map(|number| u128::from(*number)).sum();
        let middle = |at: usize| numbers[at] as f64;
        let bins = numbers.chunk_by(|left, right| bin(*left) == bin(*right));
        Self {
            mean: sum as f64 / numbers.len() as f64,
            median: f64::midpoint(middle(last / 2), middle(numbers.len() / 2)),
            bins: bins.map(|bin| Bin { from: from(bin[0]), count: bin.len() as u64 }).collect(),
        }
    }
}

fn bin(number: u64) -> u32 {
    u64::BITS - number.leading_zeros()
}

fn from(number: u64) -> u64 {
    if number == 0 { 0 } else { 1 << (bin(number) - 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_fall_into_bins() {
        let check = |numbers: &[u64], mean: f64, median: f64, bins: &[(u64, u64)]| {
            let found = Histogram::of(numbers.iter().copied());
            let found_bins: Vec<_> = found.bins.iter().map(|bin| (bin.from, bin.count)).collect();
            assert_eq!((found.mean, found.median, &found_bins[..]), (mean, median, bins), "{numbers:?}");
        };
        check(&[], 0.0, 0.0, &[]);
        check(&[0, 0, 3], 1.0, 0.0, &[(0, 2), (2, 1)]);
        check(&[8, 1, 15, 16], 10.0, 11.5, &[(1, 1), (8, 2), (16, 1)]);
        check(&[u64::MAX], u64::MAX as f64, u64::MAX as f64, &[(1 << 63, 1)]);
    }
}
