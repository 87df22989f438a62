//! Whether an answer rests on what the attempt saw.

use serde::{Deserialize, Serialize};

use super::reason::ask;
use super::{Correctness, Reason, Verdict};
use crate::Digest;

/// Whether an answer rests on what the attempt saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Grounding {
    /// Whether a tool has to have shown the answer before it is given: yes. For a right attempt any spelling of a right
    /// answer will do.
    pub answer_seen: bool,
    /// The fewest pages that have to be opened: 1.
    pub least_visits: u32,
    /// The largest share of the addresses it asked for or cited that nobody had shown it: 0.1.
    pub most_invented: f64,
}

impl Default for Grounding {
    fn default() -> Self {
        Self { answer_seen: true, least_visits: 1, most_invented: 0.1 }
    }
}

impl Grounding {
    /// Why an attempt does not pass.
    ///
    /// # Errors
    ///
    /// The first reason.
    pub fn check(&self, digest: &Digest, correctness: &Correctness) -> Result<(), Reason> {
        let grounds = &digest.grounds;
        let gold_counts = || correctness.verdict(digest) == Verdict::Right;
        let seen = grounds.answer_seen || (grounds.gold_seen && gold_counts());
        ask(!self.answer_seen || seen, Reason::AnswerUnseen)?;
        ask(digest.calls.visits >= self.least_visits, Reason::FewVisits)?;
        ask(within(grounds.invented, grounds.addresses, self.most_invented), Reason::InventedAddresses)
    }
}

/// Whether a share is no larger than may be; of nothing, nothing is.
pub(super) fn within(part: u32, of: u32, most: f64) -> bool {
    f64::from(part) <= most * f64::from(of)
}
