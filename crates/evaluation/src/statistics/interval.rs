//! Where a figure lies with 95 % confidence.

use serde::{Deserialize, Serialize};

/// Where a figure lies with 95 % confidence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// So far to both sides of a value.
    #[must_use]
    pub fn around(value: f64, reach: f64) -> Self {
        Self { low: value - reach, high: value + reach }
    }

    /// What of it lies between two bounds.
    #[must_use]
    pub fn within(self, least: f64, most: f64) -> Self {
        Self { low: self.low.clamp(least, most), high: self.high.clamp(least, most) }
    }

    /// Whether a value lies in it.
    #[must_use]
    pub fn holds(self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}
