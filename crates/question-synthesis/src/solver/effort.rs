//! How much may be looked at for an item.

use std::cell::Cell;

/// One question of many about an item may take such a part of its effort.
const PART: u64 = 16;

/// How many entities may still be looked at for an item, by all that is asked about it.
#[derive(Debug)]
pub(crate) struct Effort {
    left: Cell<u64>,
    at_once: u64,
}

impl Effort {
    /// So many entities in all, and a sixteenth of them at once.
    pub(crate) fn new(all: u64) -> Self {
        Self { left: Cell::new(all), at_once: all.div_ceil(PART) }
    }

    /// How many may be looked at for the next question.
    pub(super) fn next(&self) -> u64 {
        self.at_once.min(self.left.get())
    }

    /// So many were looked at.
    pub(super) fn spend(&self, steps: u64) {
        self.left.set(self.left.get().saturating_sub(steps));
    }

    /// Whether nothing is left.
    pub(crate) fn is_spent(&self) -> bool {
        self.left.get() == 0
    }
}
