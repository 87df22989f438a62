//! The steps from nouns to a graph.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A step on the way from nouns to a graph. Each has a ledger of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stage {
    /// A model thinks of nouns.
    Nouns,
    /// Nouns are searched for.
    Urls,
    /// What was found is read.
    Pages,
    /// A model finds names in the pages.
    Entities,
    /// It is measured how little known they are.
    Pool,
    /// What is little known is explored, and what it leads to.
    Exploration,
}

impl Stage {
    /// All of them, in their order.
    pub const ALL: [Self; 6] = [Self::Nouns, Self::Urls, Self::Pages, Self::Entities, Self::Pool, Self::Exploration];

    /// What it is called, also as the file of its ledger: `nouns`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Nouns => "nouns",
            Self::Urls => "urls",
            Self::Pages => "pages",
            Self::Entities => "entities",
            Self::Pool => "pool",
            Self::Exploration => "exploration",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
