//! A bucket that fills at a steady rate and may go into debt.

use std::time::Duration;

use tokio::time::Instant;

/// Parts of a token: as many as a minute has nanoseconds, so that a rate per minute is whole parts per nanosecond and
/// nothing is ever rounded away.
const PARTS: i128 = 60_000_000_000;

/// A bucket that fills at a steady rate and may go into debt.
#[derive(Debug)]
pub(super) struct Bucket {
    /// Tokens a minute, which is parts a nanosecond.
    rate: i128,
    capacity: i128,
    level: i128,
    filled: Option<Instant>,
}

impl Bucket {
    /// A full bucket that holds what flows into it in `burst`, and at least one token.
    pub(super) fn new(per_minute: u64, burst: Duration) -> Self {
        let rate = i128::from(per_minute);
        let nanoseconds = i128::try_from(burst.as_nanos()).unwrap_or(i128::MAX);
        let capacity = rate.saturating_mul(nanoseconds).max(PARTS);
        Self { rate, capacity, level: capacity, filled: None }
    }

    /// How long until so many tokens may be taken. More than fit may be taken from a full bucket.
    pub(super) fn wait(&mut self, tokens: u64, now: Instant) -> Duration {
        self.fill(now);
        let missing = parts(tokens).min(self.capacity).saturating_sub(self.level).max(0);
        let nanoseconds = missing.unsigned_abs().div_ceil(self.rate.max(1).unsigned_abs());
        Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
    }

    /// Takes tokens, also those that are not there.
    pub(super) fn take(&mut self, tokens: u64) {
        self.level = self.level.saturating_sub(parts(tokens));
    }

    /// Gives tokens back; what does not fit is lost.
    pub(super) fn give_back(&mut self, tokens: u64) {
        self.level = self.level.saturating_add(parts(tokens)).min(self.capacity);
    }

    fn fill(&mut self, now: Instant) {
        let passed = self.filled.map_or(Duration::ZERO, |filled| now.saturating_duration_since(filled));
        let nanoseconds = i128::try_from(passed.as_nanos()).unwrap_or(i128::MAX);
        self.level = self.level.saturating_add(self.rate.saturating_mul(nanoseconds)).min(self.capacity);
        self.filled = Some(now);
    }
}

fn parts(tokens: u64) -> i128 {
    i128::from(tokens).saturating_mul(PARTS)
}
