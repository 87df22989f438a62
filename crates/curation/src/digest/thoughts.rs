//! How an attempt reasons.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::CountTokens;
use crate::thought::{reasoning, script};
use crate::turns::Turn;

/// How an attempt reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thoughts {
    /// The tokens of the shortest reasoning of a turn; nought where one has none.
    pub least: u64,
    /// The tokens of the longest.
    pub most: u64,
    /// Turns whose reasoning is in another script than that of most.
    pub switched: u32,
    /// Turns of which the script can be told.
    pub scripts: u32,
}

impl Thoughts {
    pub(super) fn of(turns: &[Turn<'_>], counter: &dyn CountTokens) -> Self {
        let mut lengths = Vec::with_capacity(turns.len());
        let mut by_script: BTreeMap<_, u32> = BTreeMap::new();
        for turn in turns {
            let reasoning = reasoning(&turn.node.message);
            lengths.push(if reasoning.is_empty() { 0 } else { counter.count(&reasoning) });
            if let Some(script) = script(&reasoning) {
                *by_script.entry(script).or_default() += 1;
            }
        }
        let scripts: u32 = by_script.values().sum();
        Self {
            least: lengths.iter().copied().min().unwrap_or_default(),
            most: lengths.iter().copied().max().unwrap_or_default(),
            switched: scripts - by_script.values().copied().max().unwrap_or_default(),
            scripts,
        }
    }
}
