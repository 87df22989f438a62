//! How much a run graded.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// How much a run graded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How many attempts were looked at.
    pub attempts: u64,
    /// What each grader did.
    pub graders: BTreeMap<String, OfGrader>,
    /// Whether the run was stopped before its end.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stopped: bool,
}

/// What a grader did in a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfGrader {
    /// How many attempts had its grade already.
    pub had: u64,
    /// How many grades it gave, by what came of the attempt: `correct`, `unscored`; `measured` is a value that
    /// does not say whether the answer is right.
    pub graded: BTreeMap<String, u64>,
    /// How often it could not say anything, by the reason: `judge_transient`.
    pub outages: BTreeMap<String, u64>,
}

/// One thing to count.
#[derive(Debug)]
pub(super) enum Count {
    Attempt,
    Had { grader: String },
    Graded { grader: String, outcome: &'static str },
    Outage { grader: String, kind: String },
}

impl Tally {
    pub(super) fn take(&mut self, counts: Vec<Count>) {
        for count in counts {
            match count {
                Count::Attempt => self.attempts += 1,
                Count::Had { grader } => self.graders.entry(grader).or_default().had += 1,
                Count::Graded { grader, outcome } => {
                    *self.graders.entry(grader).or_default().graded.entry(outcome.to_owned()).or_default() += 1;
                }
                Count::Outage { grader, kind } => {
                    *self.graders.entry(grader).or_default().outages.entry(kind).or_default() += 1;
                }
            }
        }
    }

    /// How many grades were given.
    #[must_use]
    pub fn graded(&self) -> u64 {
        self.graders.values().flat_map(|of| of.graded.values()).sum()
    }

    /// How often a grader could not say anything. As long as it is not nought, there is something for another run.
    #[must_use]
    pub fn outages(&self) -> u64 {
        self.graders.values().flat_map(|of| of.outages.values()).sum()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stopped = if self.stopped { ", stopped" } else { "" };
        writeln!(f, "{} attempts, {} grades, {} outages{stopped}", self.attempts, self.graded(), self.outages())?;
        for (grader, of) in &self.graders {
            writeln!(f, "{grader}: {} had it", of.had)?;
            for (kind, count) in of.graded.iter().chain(&of.outages) {
                writeln!(f, "{count:>8} {kind}")?;
            }
        }
        Ok(())
    }
}
