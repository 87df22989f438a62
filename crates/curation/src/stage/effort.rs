//! Whether an attempt took pains, and the right ones.

use serde::{Deserialize, Serialize};

use super::Reason;
use super::grounding::within;
use super::reason::ask;
use crate::Digest;

/// Whether an attempt took pains, and the right ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Effort {
    /// The fewest calls: 8. OpenSeeker-v2's rule is a large number here.
    pub least_calls: u32,
    /// The most calls: 200.
    pub most_calls: u32,
    /// The largest share of calls that failed: 0.3.
    pub most_failed: f64,
    /// The largest share of calls that had been made before: 0.2.
    pub most_repeated: f64,
    /// Whether an attempt may have been told that it goes in circles: no.
    pub may_circle: bool,
    /// The fewest tokens of reasoning in a turn: 10.
    pub least_thought: u64,
    /// The most tokens of reasoning in a turn: 4,000.
    pub most_thought: u64,
    /// The largest share of turns that reason in another script than most do: 0.2.
    pub most_switched: f64,
}

impl Default for Effort {
    fn default() -> Self {
        Self {
            least_calls: 8,
            most_calls: 200,
            most_failed: 0.3,
            most_repeated: 0.2,
            may_circle: false,
            least_thought: 10,
            most_thought: 4_000,
            most_switched: 0.2,
        }
    }
}

impl Effort {
    /// Why an attempt does not pass.
    ///
    /// # Errors
    ///
    /// The first reason.
    pub fn check(&self, digest: &Digest) -> Result<(), Reason> {
        let (calls, thoughts) = (&digest.calls, &digest.thoughts);
        ask(calls.made >= self.least_calls, Reason::FewCalls)?;
        ask(calls.made <= self.most_calls, Reason::ManyCalls)?;
        ask(within(calls.failed, calls.made, self.most_failed), Reason::FailedCalls)?;
        ask(within(calls.repeated, calls.made, self.most_repeated), Reason::RepeatedCalls)?;
        ask(self.may_circle || !digest.shape.circling, Reason::Circling)?;
        ask(thoughts.least >= self.least_thought, Reason::ShortThoughts)?;
        ask(thoughts.most <= self.most_thought, Reason::LongThoughts)?;
        ask(within(thoughts.switched, thoughts.scripts, self.most_switched), Reason::SwitchedLanguage)
    }
}
