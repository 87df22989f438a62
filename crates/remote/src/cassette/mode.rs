//! When to ask, and when to go by what is recorded.

use serde::{Deserialize, Serialize};

/// When to ask, and when to go by what is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Asks every time and records nothing.
    Live,
    /// Asks every time and records the answer in the place of an earlier one.
    Record,
    /// Gives what is recorded; asks and records where nothing is.
    Replay,
    /// Gives what is recorded and never asks.
    ReplayStrict,
}
