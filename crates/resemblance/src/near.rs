//! Finds sets that are nearly the same without comparing each with each.

use std::borrow::Borrow;
use std::collections::HashMap;

use rayon::prelude::*;

use crate::set::spread;
use crate::{Components, Set};

/// The most rows of all bands together.
const MOST_ROWS: usize = 128;

/// How often, at most, two sets that are just near enough are not compared.
const MISSED: f64 = 1e-3;

/// A bucket of so many sets is compared on all threads.
const LARGE_BUCKET: usize = 256;

/// Bands whose hashes are in memory at a time.
const AT_A_TIME: usize = 8;

/// Finds all sets whose Jaccard similarity is a threshold or more.
///
/// Each set is summed up in rows, of which several make a band (`MinHash`); sets that agree in a band are compared, and
/// what is told of them is exact. Sets that are just at the threshold are missed less than once in a thousand times,
/// and those above it far more rarely. What is found depends on the sets alone, not on their order or the number of
/// threads. An empty set is near nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near {
    threshold: f64,
    bands: usize,
    rows: usize,
}

impl Near {
    /// Sets with this similarity or more; a number outside of 0 to 1 counts as the nearer of both.
    ///
    /// The bands have as many rows as they can with at most 128 in all, and no more than one in a thousand missed: the
    /// more rows, the less is compared in vain.
    #[must_use]
    pub fn at(threshold: f64) -> Self {
        let threshold = if threshold.is_nan() { 1.0 } else { threshold.clamp(0.0, 1.0) };
        let missed = |rows: usize| (1.0 - threshold.powi(rows as i32)).powi((MOST_ROWS / rows) as i32);
        let rows = (1..=MOST_ROWS).rev().find(|rows| missed(*rows) <= MISSED).unwrap_or(1);
        // Nothing is gained by more bands than it takes.
        let each = 1.0 - threshold.powi(rows as i32);
        let enough = |bands: &usize| each.powi(*bands as i32) <= MISSED / 4.0;
        let bands = (1..=MOST_ROWS / rows).find(enough).unwrap_or(MOST_ROWS / rows);
        Self { threshold, bands, rows }
    }

    /// How many bands there are.
    #[must_use]
    pub fn bands(&self) -> usize {
        self.bands
    }

    /// How many rows each of them has.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Whether two sets are nearly the same.
    #[must_use]
    pub fn are_near(&self, left: &Set, right: &Set) -> bool {
        let (few, many) = (left.len().min(right.len()) as f64, left.len().max(right.len()) as f64);
        few > 0.0 && few >= self.threshold * many && left.similarity(right) >= self.threshold
    }

    /// The groups of sets that are nearly the same as one another, or as one in between.
    #[must_use]
    pub fn components<S: Borrow<Set> + Sync>(&self, sets: &[S]) -> Components {
        let mut components = Components::new(sets.len());
        let different = different(sets, &mut components);
        self.buckets(sets, &different, |bucket| self.join(sets, bucket, &mut components));
        components
    }

    /// All pairs of sets that are nearly the same, by their places, the smaller first, in their order.
    #[must_use]
    pub fn pairs<S: Borrow<Set> + Sync>(&self, sets: &[S]) -> Vec<(usize, usize)> {
        let all: Vec<u32> = (0..sets.len()).filter(|at| !sets[*at].borrow().is_empty()).map(|at| at as u32).collect();
        let mut pairs = Vec::new();
        self.buckets(sets, &all, |bucket| {
            let with_later = |place: usize| {
                let (left, others) = (bucket[place] as usize, &bucket[place + 1..]);
                let near = move |right: &&u32| self.are_near(sets[left].borrow(), sets[**right as usize].borrow());
                others.iter().filter(near).map(move |right| (left, *right as usize))
            };
            // To share out a few comparisons takes longer than to make them.
            if bucket.len() < LARGE_BUCKET {
                pairs.extend((0..bucket.len()).flat_map(with_later));
            } else {
                pairs.par_extend((0..bucket.len()).into_par_iter().flat_map_iter(with_later));
            }
        });
        pairs.par_sort_unstable();
        pairs.dedup();
        pairs
    }

    /// Shows each bucket of sets that agree in a band, by their places in their order.
    fn buckets<S: Borrow<Set> + Sync>(&self, sets: &[S], places: &[u32], mut show: impl FnMut(&[u32])) {
        let at_a_time = AT_A_TIME.min(MOST_ROWS / self.rows);
        for first in (0..self.bands).step_by(at_a_time) {
            let bands = at_a_time.min(self.bands - first);
            let seeds = Seeds::from(first * self.rows);
            let hashes: Vec<[u64; AT_A_TIME]> =
                places.par_iter().map(|at| self.band_hashes(sets[*at as usize].borrow(), &seeds, bands)).collect();
            for band in 0..bands {
                let mut bucketed: Vec<(u64, u32)> =
                    hashes.par_iter().zip(places).map(|(hashes, at)| (hashes[band], *at)).collect();
                bucketed.par_sort_unstable();
                for bucket in bucketed.chunk_by(|left, right| left.0 == right.0).filter(|bucket| bucket.len() > 1) {
                    show(&bucket.iter().map(|entry| entry.1).collect::<Vec<_>>());
                }
            }
        }
    }

    /// The hashes of some bands of a set; the first `bands` of them.
    fn band_hashes(&self, set: &Set, seeds: &Seeds, bands: usize) -> [u64; AT_A_TIME] {
        let width = bands * self.rows;
        let mut least = [u32::MAX; MOST_ROWS];
        for member in set.members() {
            let mixed = spread(*member);
            let (low, high) = (mixed as u32, (mixed >> 32) as u32);
            let rows = least[..width].iter_mut().zip(&seeds.factors[..width]).zip(&seeds.offsets[..width]);
            for ((least, factor), offset) in rows {
                let hashed = low.wrapping_mul(*factor).wrapping_add(high ^ offset);
                *least = (*least).min(hashed ^ (hashed >> 15));
            }
        }
        let mut found = [0; AT_A_TIME];
        for (band, rows) in found.iter_mut().zip(least[..width].chunks_exact(self.rows)) {
            *band = rows.iter().fold(0, |hash, row| spread(hash ^ u64::from(*row)));
        }
        found
    }

    /// Joins those of a bucket that are nearly the same; who is joined already is not compared.
    fn join<S: Borrow<Set>>(&self, sets: &[S], bucket: &[u32], components: &mut Components) {
        for (place, left) in bucket.iter().enumerate() {
            for right in &bucket[place + 1..] {
                let (left, right) = (*left as usize, *right as usize);
                let is_joined = components.shortened(left) == components.shortened(right);
                if !is_joined && self.are_near(sets[left].borrow(), sets[right].borrow()) {
                    components.join(left, right);
                }
            }
        }
    }
}

/// What the members of a set are hashed with, for each row of some bands.
struct Seeds {
    factors: [u32; MOST_ROWS],
    offsets: [u32; MOST_ROWS],
}

impl Seeds {
    /// Those of the rows from this one on.
    fn from(row: usize) -> Self {
        let seed = |at: usize| spread(spread((row + at + 1) as u64));
        Self {
            factors: std::array::from_fn(|at| seed(at) as u32 | 1),
            offsets: std::array::from_fn(|at| (seed(at) >> 32) as u32),
        }
    }
}

/// The first of each lot of equal sets; the others are joined with it.
fn different<S: Borrow<Set>>(sets: &[S], components: &mut Components) -> Vec<u32> {
    let mut first: HashMap<&Set, usize> = HashMap::new();
    let mut different = Vec::new();
    let filled = sets.iter().map(Borrow::borrow).enumerate().filter(|(_, set): &(usize, &Set)| !set.is_empty());
    for (at, set) in filled {
        let known = *first.entry(set).or_insert(at);
        if known == at {
            different.push(at as u32);
        } else {
            components.join(known, at);
        }
    }
    different
}
