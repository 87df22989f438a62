//! What things are compared by: numbers, each once.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::WordHashes;

/// Numbers, each once, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<u64>")]
pub struct Set(Vec<u64>);

impl Set {
    /// The numbers in their order.
    #[must_use]
    pub fn members(&self) -> &[u64] {
        &self.0
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many numbers are in both sets.
    #[must_use]
    pub fn shared(&self, other: &Self) -> usize {
        let (left, right) = (&self.0, &other.0);
        let (mut at, mut beside, mut shared) = (0, 0, 0);
        while at < left.len() && beside < right.len() {
            match left[at].cmp(&right[beside]) {
                Ordering::Less => at += 1,
                Ordering::Greater => beside += 1,
                Ordering::Equal => (at, beside, shared) = (at + 1, beside + 1, shared + 1),
            }
        }
        shared
    }

    /// The Jaccard similarity: of the numbers that are in either set, the share that is in both. Two empty sets have
    /// nothing in common: what nothing is known of is like nothing.
    ///
    /// ```
    /// use offseeker_resemblance::Set;
    ///
    /// let set = |numbers: &[u64]| numbers.iter().copied().collect::<Set>();
    /// assert_eq!(set(&[1, 2, 3]).similarity(&set(&[2, 3, 4])), 0.5);
    /// assert_eq!(set(&[]).similarity(&set(&[])), 0.0);
    /// ```
    #[must_use]
    pub fn similarity(&self, other: &Self) -> f64 {
        let shared = self.shared(other);
        let either = self.len() + other.len() - shared;
        if either == 0 { 0.0 } else { shared as f64 / either as f64 }
    }

    /// The share of this set that is in another one.
    #[must_use]
    pub fn contained_in(&self, other: &Self) -> f64 {
        if self.is_empty() { 0.0 } else { self.shared(other) as f64 / self.len() as f64 }
    }
}

impl From<Vec<u64>> for Set {
    fn from(mut numbers: Vec<u64>) -> Self {
        numbers.sort_unstable();
        numbers.dedup();
        Self(numbers)
    }
}

impl FromIterator<u64> for Set {
    fn from_iter<I: IntoIterator<Item = u64>>(numbers: I) -> Self {
        Self::from(numbers.into_iter().collect::<Vec<_>>())
    }
}

/// The hashes of all runs of so many words of a text; of a shorter text, that of the whole; of one without words, none.
///
/// ```
/// use offseeker_resemblance::runs;
///
/// assert_eq!(runs("The Karlin mill stands", 3).len(), 2);
/// assert_eq!(runs("Karlin mill", 3), runs("karlin-mill?", 3));
/// assert!(runs("!", 3).is_empty());
/// ```
#[must_use]
pub fn runs(text: &str, length: usize) -> Set {
    runs_of(&WordHashes::of(text).collect::<Vec<_>>(), length)
}

pub(crate) fn runs_of(words: &[u64], length: usize) -> Set {
    if words.is_empty() {
        return Set::default();
    }
    let length = length.max(1);
    if words.len() < length { Set(vec![run(words)]) } else { words.windows(length).map(run).collect() }
}

/// The hash of words in a row.
pub(crate) fn run(words: &[u64]) -> u64 {
    let start = spread(words.len() as u64);
    words.iter().fold(start, |hash, word| spread(hash.rotate_left(5) ^ word))
}

/// Spreads the bits of a number over all of it.
pub(crate) fn spread(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
