//! An order of the numbers below a limit that looks random and can be followed in both directions.

use crate::draw::Draw;

const ROUNDS: usize = 4;

/// An order of the numbers below a limit that looks random and can be followed in both directions.
///
/// It is a Feistel network over the next larger square, walked until it is back below the limit, so it takes no memory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Permutation {
    size: u64,
    half: u32,
    draw: Draw,
}

impl Permutation {
    /// An order of the numbers below `size`.
    pub(crate) fn new(size: u64, draw: Draw) -> Self {
        let bits = 64 - size.saturating_sub(1).leading_zeros();
        Self { size, half: bits.div_ceil(2).max(1), draw }
    }

    /// What stands at a place below the limit.
    pub(crate) fn at(self, place: u64) -> u64 {
        self.walk(place, Self::forwards)
    }

    /// The place at which a number stands.
    pub(crate) fn place_of(self, number: u64) -> u64 {
        self.walk(number, Self::backwards)
    }

    fn walk(self, from: u64, step: fn(Self, u64) -> u64) -> u64 {
        debug_assert!(from < self.size, "{from} is below {}", self.size);
        let mut now = step(self, from);
        while now >= self.size {
            now = step(self, now);
        }
        now
    }

    fn forwards(self, number: u64) -> u64 {
        let (mut left, mut right) = self.halves(number);
        for round in 0..ROUNDS {
            (left, right) = (right, left ^ self.round(round, right));
        }
        (left << self.half) | right
    }

    fn backwards(self, number: u64) -> u64 {
        let (mut left, mut right) = self.halves(number);
        for round in (0..ROUNDS).rev() {
            (left, right) = (right ^ self.round(round, left), left);
        }
        (left << self.half) | right
    }

    fn halves(self, number: u64) -> (u64, u64) {
        (number >> self.half, number & self.mask())
    }

    fn round(self, round: usize, half: u64) -> u64 {
        self.draw.nth(round as u64).at(half) & self.mask()
    }

    fn mask(self) -> u64 {
        (1 << self.half) - 1
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_number_stands_at_one_place(size in 1..600_u64, seed: u64) {
            let order = Permutation::new(size, Draw::new(seed));
            let seen: BTreeSet<u64> = (0..size).map(|place| order.at(place)).collect();
            prop_assert_eq!(seen, (0..size).collect::<BTreeSet<_>>());
            for place in 0..size {
                prop_assert_eq!(order.place_of(order.at(place)), place);
            }
        }
    }
}
