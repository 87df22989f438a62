//! When something was written.

use serde::{Deserialize, Serialize};

/// When a node was written: by the clock on the wall, and by the time that was spent on the attempt.
///
/// The clock may jump and the program may rest for a night; what was spent only grows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Moment {
    /// Milliseconds since 1970.
    pub clock_ms: u64,
    /// Milliseconds for which the attempt had been under way; the time between two lives of a program does not count.
    pub spent_ms: u64,
    /// Those of `spent_ms` for which it waited for its turn: for a rate, for a free place.
    pub waited_ms: u64,
}
