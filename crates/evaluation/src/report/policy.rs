//! What is done about attempts that come to nothing through no fault of their own.

use serde::{Deserialize, Serialize};

/// What is done about attempts that come to nothing through no fault of their own, or that nobody could be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// How many times they are made and graded anew before the report, each time that it is run: twice.
    pub retries: u32,
    /// The share of attempts that may be lost all the same: 0.1. Above it, the report says that a figure does not stand.
    pub most_lost: f64,
    /// Whether there is no report at all above it: no.
    pub refuses: bool,
    /// How many attempts on end may fail before a run is given up: 50.
    pub failures_on_end: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self { retries: 2, most_lost: 0.1, refuses: false, failures_on_end: 50 }
    }
}

/// Attempts that were lost: they ended through no fault of their own, or lack the grade of the first grader.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Lost {
    /// How many ended through no fault of their own.
    pub failed: usize,
    /// How many others the first grader could not be asked about.
    pub ungraded: usize,
    /// Both, as a share of all attempts.
    pub share: f64,
    /// Whether that is more than may be.
    pub are_too_many: bool,
}

impl Lost {
    /// What was lost of so many attempts.
    // There are fewer attempts than a float counts exactly.
    #[allow(clippy::cast_precision_loss)]
    #[must_use]
    pub fn of(failed: usize, ungraded: usize, attempts: usize, policy: &Policy) -> Self {
        let share = (failed + ungraded) as f64 / attempts.max(1) as f64;
        Self { failed, ungraded, share, are_too_many: share > policy.most_lost }
    }
}
