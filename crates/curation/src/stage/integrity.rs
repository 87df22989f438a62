//! Whether an attempt is whole.

use offseeker_trajectory::Repair;
use serde::{Deserialize, Serialize};

use super::Reason;
use super::reason::ask;
use crate::Digest;

/// Whether an attempt is whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Integrity {
    /// How it may have ended, by the kinds of stop reasons: `answered` alone.
    pub ends: Vec<String>,
    /// What it may have taken to read the arguments of its calls: nothing (`none`).
    pub worst_repair: Repair,
    /// The most turns with neither a call nor an answer: 0.
    pub most_silent: u32,
    /// Whether the roles of its conversation have to alternate: yes.
    pub in_order: bool,
    /// The most tokens that it may have: 131,072.
    pub most_tokens: u64,
}

impl Default for Integrity {
    fn default() -> Self {
        Self {
            ends: vec!["answered".to_owned()],
            worst_repair: Repair::None,
            most_silent: 0,
            in_order: true,
            most_tokens: 131_072,
        }
    }
}

impl Integrity {
    /// Why an attempt does not pass.
    ///
    /// # Errors
    ///
    /// The first reason.
    pub fn check(&self, digest: &Digest) -> Result<(), Reason> {
        let (end, shape) = (&digest.end, &digest.shape);
        let kind = end.kind.as_ref().ok_or(Reason::Unfinished)?;
        ask(!end.infrastructure, Reason::Infrastructure)?;
        ask(self.ends.contains(kind), Reason::Ended)?;
        ask(end.answered, Reason::NoAnswer)?;
        ask(shape.repair <= self.worst_repair, Reason::Repaired)?;
        ask(shape.silent <= self.most_silent, Reason::SilentTurn)?;
        ask(!self.in_order || shape.in_order, Reason::Order)?;
        ask(shape.tokens <= self.most_tokens, Reason::TooLong)
    }
}
