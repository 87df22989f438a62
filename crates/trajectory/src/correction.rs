//! Why the loop spoke to the model.

use serde::{Deserialize, Serialize};

use crate::Limit;

/// Why the loop put in a word to bring the model back on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Correction {
    /// What it wrote could not be read; it was thrown away, and this asks for it again.
    Unreadable,
    /// It neither called a tool nor answered.
    Silent,
    /// It goes in circles.
    Circling,
    /// It is to check what it is about to answer.
    Unverified,
    /// A limit leaves it one turn, without tools, to answer.
    LastTurn {
        /// The limit that was reached.
        limit: Limit,
    },
}
