//! Things of which some come more often than others.

use super::words::Dice;

/// Things by how often they come: the first comes twice as often as the second.
pub(crate) struct Zipf(Vec<f64>);

impl Zipf {
    pub(crate) fn of(count: usize) -> Self {
        let mut total = 0.0;
        let sum = |rank| {
            total += 1.0 / rank as f64;
            total
        };
        Self((1..=count).map(sum).collect())
    }

    pub(crate) fn draw(&self, dice: &mut Dice) -> usize {
        let last = self.0.len() - 1;
        let at = dice.share() * self.0[last];
        self.0.partition_point(|sum| *sum < at).min(last)
    }
}
