//! How much a question hides.

use serde::{Deserialize, Serialize};

/// How much a question hides; each level hides what the one before it does, and more. It is written as a number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum Level {
    /// 0: names and exact values.
    #[default]
    Named,
    /// 1: numbers and dates as ranges.
    Ranges,
    /// 2: what was named is described, too.
    Described,
    /// 3: and no clue is left that is not needed.
    Pruned,
}

/// A number that is no level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no level; levels are 0, 1, 2 and 3")]
pub struct NotALevel(pub u8);

impl Level {
    /// All levels.
    pub const ALL: [Self; 4] = [Self::Named, Self::Ranges, Self::Described, Self::Pruned];
}

impl TryFrom<u8> for Level {
    type Error = NotALevel;

    fn try_from(number: u8) -> Result<Self, NotALevel> {
        Self::ALL.get(usize::from(number)).copied().ok_or(NotALevel(number))
    }
}

impl From<Level> for u8 {
    fn from(level: Level) -> Self {
        level as Self
    }
}
