//! Numbers that look drawn at random and are a function of a seed, a purpose and a place.

/// Numbers that look drawn at random and are a function of a seed, a purpose and a place.
///
/// There is no state, so any of them can be had without those before it, in any order and from any thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Draw {
    key: u64,
}

impl Draw {
    /// The draws of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self { key: mix(seed) }
    }

    /// The draws for one purpose.
    pub(crate) fn of(self, purpose: &str) -> Self {
        let key = purpose.bytes().fold(self.key, |key, byte| mix(key ^ u64::from(byte)));
        Self { key: mix(key ^ purpose.len() as u64) }
    }

    /// The draws for one of many.
    pub(crate) fn nth(self, number: u64) -> Self {
        Self { key: mix(self.key ^ mix(number)) }
    }

    /// The number at a place.
    pub(crate) fn at(self, place: u64) -> u64 {
        mix(self.key.wrapping_add(mix(place ^ 0x6a09_e667_f3bc_c908)))
    }

    /// The number at a place, below a limit; nought where the limit is nought.
    pub(crate) fn below(self, place: u64, limit: u64) -> u64 {
        ((u128::from(self.at(place)) * u128::from(limit)) >> 64) as u64
    }

    /// Whether what happens at this rate happens at a place.
    pub(crate) fn happens(self, place: u64, rate: f64) -> bool {
        ((self.at(place) >> 11) as f64) < rate * (1_u64 << 53) as f64
    }

    /// One of several things.
    pub(crate) fn pick<T>(self, place: u64, of: &[T]) -> &T {
        &of[self.below(place, of.len() as u64) as usize]
    }

    /// Puts things into an order of its own.
    pub(crate) fn shuffle<T>(self, things: &mut [T]) {
        for at in (1..things.len()).rev() {
            things.swap(at, self.below(at as u64, at as u64 + 1) as usize);
        }
    }
}

/// The mixer of `SplitMix64`.
fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_spread_and_differ_by_purpose() {
        let draw = Draw::new(7);
        let mut counts = [0_u32; 10];
        (0..10_000).for_each(|place| counts[draw.below(place, 10) as usize] += 1);
        assert!(counts.iter().all(|count| (900..1_100).contains(count)), "{counts:?}");
        assert_ne!(draw.of("a").at(1), draw.of("b").at(1));
        assert_ne!(draw.nth(1).at(1), draw.nth(2).at(1));
        assert_eq!(draw.below(3, 0), 0);
        assert!(!draw.happens(1, 0.0) && draw.happens(1, 1.0));
    }
}
