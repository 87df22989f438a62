//! Which sequences each step learns from, and which of these go through the network at once.
//!
//! The plan is a function of the lengths and the settings alone: nothing of it has to be kept to go on in the middle.

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::TrainError;

/// Batches of like lengths are made out of so many batches at once.
const LIKE: usize = 50;

/// Which sequences each step learns from, and which go through the network at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Batching {
    /// How much a step learns from.
    pub per_step: PerStep,
    /// In which order.
    pub order: Order,
    /// How many tokens go through the network at once. A sequence that is longer goes alone. It changes memory and speed,
    /// and nothing that is learnt.
    pub tokens_at_once: usize,
}

impl Default for Batching {
    fn default() -> Self {
        Self { per_step: PerStep::Sequences(8), order: Order::Shuffled, tokens_at_once: 16_384 }
    }
}

/// How much a step learns from. The last step of an epoch may have less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PerStep {
    /// So many sequences, or pairs.
    Sequences(usize),
    /// So many packs of sequences, or pairs, that together are at most so long: the longest first, each into the fullest
    /// pack that has room (best fit). None sees another.
    Packs {
        /// How many packs.
        count: usize,
        /// How many tokens a pack has at most.
        tokens: usize,
    },
}

/// In which order sequences come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// In another one in every epoch, drawn from the seed.
    #[default]
    Shuffled,
    /// As they are given.
    AsGiven,
    /// As `Shuffled`, with steps of like lengths.
    ByLength,
}

/// The steps of an epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    lengths: Vec<usize>,
    batching: Batching,
    seed: u64,
    /// The epoch whose steps are at hand.
    epoch: u64,
    steps: Vec<Vec<usize>>,
}

impl Plan {
    /// A plan over items of these lengths.
    ///
    /// # Errors
    ///
    /// When a step would learn from nothing, or an item is longer than a pack.
    pub fn new(lengths: Vec<usize>, batching: &Batching, seed: u64) -> Result<Self, TrainError> {
        let wrong = |field, what: String| Err(TrainError::Settings { field, what });
        let (count, most) = match batching.per_step {
            PerStep::Sequences(count) => (count, usize::MAX),
            PerStep::Packs { count, tokens } => (count, tokens),
        };
        if count == 0 {
            return wrong("batching.per_step", "0; a step learns from something".to_owned());
        }
        if batching.tokens_at_once == 0 {
            return wrong("batching.tokens_at_once", "0; something goes through the network".to_owned());
        }
        if let Some(at) = lengths.iter().position(|length| *length > most) {
            let what = format!("{most}, and item {} has {} tokens; set a cutoff, or larger packs", at + 1, lengths[at]);
            return wrong("batching.per_step.packs.tokens", what);
        }
        let mut plan = Self { lengths, batching: batching.clone(), seed, epoch: 0, steps: Vec::new() };
        plan.steps = plan.epoch(0);
        Ok(plan)
    }

    /// How many steps an epoch has: the same number in each.
    #[must_use]
    pub fn steps_per_epoch(&self) -> u64 {
        self.steps.len() as u64
    }

    /// The most tokens that ever go through the network at once, and not fewer.
    #[must_use]
    pub fn most_at_once(&self) -> usize {
        let longest = self.lengths.iter().copied().max().unwrap_or(0);
        let all = self.lengths.iter().fold(0_usize, |sum, length| sum.saturating_add(*length));
        longest.max(self.batching.tokens_at_once.min(all))
    }

    /// In which epoch a step is; both are counted from 0.
    #[must_use]
    pub fn epoch_of(&self, step: u64) -> u64 {
        step / self.steps_per_epoch()
    }

    /// How often the data will have been gone through after a step, which is counted from 0.
    #[must_use]
    pub fn epochs_after(&self, step: u64) -> f64 {
        (step + 1) as f64 / self.steps_per_epoch() as f64
    }

    /// The items of a step, counted from 0 over all epochs, in groups that go through the network at once.
    pub fn step(&mut self, step: u64) -> Vec<Vec<usize>> {
        let epoch = self.epoch_of(step);
        if epoch != self.epoch {
            self.steps = self.epoch(epoch);
            self.epoch = epoch;
        }
        let within = usize::try_from(step % self.steps_per_epoch()).expect("a step of an epoch has its place");
        at_once(&self.steps[within], |item| self.lengths[item], self.batching.tokens_at_once)
    }

    fn epoch(&self, epoch: u64) -> Vec<Vec<usize>> {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        random.set_stream(epoch);
        let mut items: Vec<usize> = (0..self.lengths.len()).collect();
        if self.batching.order != Order::AsGiven {
            items.shuffle(&mut random);
        }
        match self.batching.per_step {
            PerStep::Sequences(count) => match self.batching.order {
                Order::ByLength => self.like(&items, count, &mut random),
                Order::Shuffled | Order::AsGiven => items.chunks(count).map(<[usize]>::to_vec).collect(),
            },
            PerStep::Packs { count, tokens } => {
                let mut packs = self.packs(items, tokens);
                match self.batching.order {
                    Order::Shuffled => packs.shuffle(&mut random),
                    Order::AsGiven => packs.sort_by_key(|pack| pack.iter().copied().min()),
                    // The longest came first.
                    Order::ByLength => {}
                }
                packs.chunks(count).map(<[Vec<usize>]>::concat).collect()
            }
        }
    }

    /// Steps of like lengths, in any order.
    fn like(&self, items: &[usize], count: usize, random: &mut ChaCha8Rng) -> Vec<Vec<usize>> {
        let mut steps = Vec::with_capacity(items.len().div_ceil(count));
        for among in items.chunks(count.saturating_mul(LIKE)) {
            let mut among = among.to_vec();
            among.sort_by_key(|item| std::cmp::Reverse(self.lengths[*item]));
            steps.extend(among.chunks(count).map(<[usize]>::to_vec));
        }
        // The last one may be smaller and stays where it is.
        let whole = steps.iter().take_while(|step| step.len() == count).count();
        for at in (1..whole).rev() {
            steps.swap(at, random.random_range(0..=at));
        }
        steps
    }

    /// Best fit, the longest first.
    fn packs(&self, mut items: Vec<usize>, most: usize) -> Vec<Vec<usize>> {
        items.sort_by_key(|item| std::cmp::Reverse(self.lengths[*item]));
        let mut packs: Vec<Vec<usize>> = Vec::new();
        // The packs that have room, by how much.
        let mut room = std::collections::BTreeSet::<(usize, usize)>::new();
        for item in items {
            let length = self.lengths[item];
            let (left, pack) = match room.range((length, 0)..).next().copied() {
                Some(fullest) => {
                    room.remove(&fullest);
                    fullest
                }
                None => {
                    packs.push(Vec::new());
                    (most, packs.len() - 1)
                }
            };
            packs[pack].push(item);
            room.insert((left - length, pack));
        }
        packs
    }
}

/// Parts items, in their order, into groups that go through the network at once: each of so many tokens at most, or of one
/// item.
pub(crate) fn at_once(items: &[usize], tokens_of: impl Fn(usize) -> usize, most: usize) -> Vec<Vec<usize>> {
    let (mut groups, mut tokens) = (Vec::<Vec<usize>>::new(), 0);
    for item in items {
        tokens += tokens_of(*item);
        match groups.last_mut() {
            Some(group) if tokens <= most => group.push(*item),
            _ => {
                groups.push(vec![*item]);
                tokens = tokens_of(*item);
            }
        }
    }
    groups
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
