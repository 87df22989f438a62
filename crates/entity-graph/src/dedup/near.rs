//! Finds keys that are nearly the same without comparing each with each.

use rayon::prelude::*;

use super::components::Components;
use super::grams::{Sketch, agree_in_detail, are_near, grams, least_shared};
use super::keys::Keys;

/// Bands of `MinHash` rows: keys that agree in all rows of a band are compared.
const BANDS: usize = 32;
const ROWS: usize = 4;

/// How many bands are computed at a time: the keys' hashes of these are in memory.
const AT_A_TIME: usize = 8;

/// In a larger bucket only those are compared that share two of their rarest grams.
const SMALL_BUCKET: usize = 64;

/// Slots in which it is counted how often grams occur.
const COUNTERS: usize = 1 << 20;

/// Finds all keys that are nearly the same and joins their owners.
pub(super) fn pairs(keys: &Keys, components: &mut Components) {
    let counts = counts(keys);
    let sketch = |set: &mut Vec<u32>, at| {
        grams(keys.get(at), set);
        Sketch::of(set)
    };
    let sketches = (0..keys.len()).into_par_iter().map_init(Vec::new, sketch).collect();
    let mut compared = Compared { keys, components, counts, sketches, left: Vec::new(), right: Vec::new() };
    for first in (0..BANDS).step_by(AT_A_TIME) {
        let hashes = band_hashes(keys, first);
        for band in 0..AT_A_TIME {
            let mut bucketed: Vec<(u32, u32)> =
                hashes.par_iter().enumerate().map(|(at, hashes)| (hashes[band], at as u32)).collect();
            bucketed.par_sort_unstable();
            for bucket in bucketed.chunk_by(|left, right| left.0 == right.0) {
                compared.bucket(bucket);
            }
        }
    }
}

/// For each key the hashes of some bands.
fn band_hashes(keys: &Keys, first: usize) -> Vec<[u32; AT_A_TIME]> {
    const WIDTH: usize = AT_A_TIME * ROWS;
    let mut factors = [0_u32; WIDTH];
    let mut offsets = [0_u32; WIDTH];
    for row in 0..WIDTH {
        let seed = spread((first * ROWS + row + 1) as u64);
        factors[row] = seed as u32 | 1;
        offsets[row] = (seed >> 32) as u32;
    }
    let hash = |set: &mut Vec<u32>, at: usize| {
        grams(keys.get(at), set);
        let mut least = [u32::MAX; WIDTH];
        for gram in set.iter() {
            for row in 0..WIDTH {
                let hashed = gram.wrapping_mul(factors[row]).wrapping_add(offsets[row]);
                least[row] = least[row].min(hashed ^ (hashed >> 15));
            }
        }
        let mut bands = [0; AT_A_TIME];
        for (band, rows) in bands.iter_mut().zip(least.chunks_exact(ROWS)) {
            *band = rows.iter().fold(0, |hash, row| spread(hash ^ u64::from(*row))) as u32;
        }
        bands
    };
    (0..keys.len()).into_par_iter().map_init(Vec::new, hash).collect()
}

/// Spreads the bits of a number over all of it.
fn spread(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// How often grams occur; those that share a slot are counted together, which only makes the search slower.
fn counts(keys: &Keys) -> Vec<u32> {
    let mut counts = vec![0_u32; COUNTERS];
    let mut set = Vec::new();
    for at in 0..keys.len() {
        grams(keys.get(at), &mut set);
        for gram in &set {
            let count = &mut counts[*gram as usize % COUNTERS];
            *count = count.saturating_add(1);
        }
    }
    counts
}

/// Compares keys in buckets.
struct Compared<'a> {
    keys: &'a Keys,
    components: &'a mut Components,
    counts: Vec<u32>,
    sketches: Vec<Sketch>,
    left: Vec<u32>,
    right: Vec<u32>,
}

impl Compared<'_> {
    fn bucket(&mut self, bucket: &[(u32, u32)]) {
        if bucket.len() <= SMALL_BUCKET {
            return self.each_with_each(bucket.iter().map(|entry| entry.1));
        }
        let mut shared: Vec<(u64, u32)> = Vec::new();
        for (_, at) in bucket {
            self.rare_pairs(*at, &mut shared);
        }
        shared.sort_unstable();
        for part in shared.chunk_by(|left, right| left.0 == right.0) {
            self.each_with_each(part.iter().map(|entry| entry.1));
        }
    }

    /// All pairs of a key's rarest grams, of so many that any key that is nearly the same has one of the pairs too.
    fn rare_pairs(&mut self, at: u32, into: &mut Vec<(u64, u32)>) {
        let mut set = std::mem::take(&mut self.left);
        grams(self.keys.get(at as usize), &mut set);
        let first = set[0];
        let members = set.len();
        set.sort_unstable_by_key(|gram| (self.counts[*gram as usize % COUNTERS], *gram));
        set.truncate(members - least_shared(members) + 2);
        if members == 1 {
            into.push((u64::from(first), at));
        }
        for (place, gram) in set.iter().enumerate() {
            into.extend(set[place + 1..].iter().map(|other| (spread(u64::from(*gram) << 32 | u64::from(*other)), at)));
        }
        self.left = set;
    }

    fn each_with_each(&mut self, places: impl Iterator<Item = u32> + Clone) {
        let mut others = places.clone();
        for left in places {
            others.next();
            let left = left as usize;
            let sketch = self.sketches[left];
            let mut read = false;
            for right in others.clone() {
                let right = right as usize;
                if !sketch.may_be_near(self.sketches[right]) || self.components.is_settled(left, right) {
                    continue;
                }
                if !read {
                    grams(self.keys.get(left), &mut self.left);
                    read = true;
                }
                grams(self.keys.get(right), &mut self.right);
                let near = are_near(&self.left, &self.right);
                if near && agree_in_detail(self.keys.get(left), self.keys.get(right)) {
                    self.components.near(left, right);
                }
            }
        }
    }
}
