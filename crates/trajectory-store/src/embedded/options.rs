//! How a store in a file is opened.

use std::time::Duration;

/// How a store in a file is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// What outlives what.
    pub durability: Durability,
    /// How long a write waits for another process that writes, before it is [unavailable](crate::StoreError).
    pub patience: Duration,
    /// How many reads are made at once; further ones wait.
    pub readers: usize,
}

/// What outlives what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// What was written outlives a kill and a power cut.
    #[default]
    Full,
    /// What was written outlives a kill; a power cut may take the last moments, and nothing before them.
    Normal,
}

impl Default for Options {
    fn default() -> Self {
        Self { durability: Durability::Full, patience: Duration::from_secs(30), readers: 4 }
    }
}
