//! How many items became questions, and where the others were lost.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Item, Outcome, Rejection};

/// How many items became questions, and where the others were lost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Funnel {
    /// How many items were worked on to an end, for now or for good.
    pub items: u64,
    /// How many became questions.
    pub accepted: u64,
    /// How many were thrown out, by pass and code.
    pub rejected: BTreeMap<String, BTreeMap<String, u64>>,
    /// Of how many it could not be found out, by pass and code.
    pub undetermined: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Funnel {
    /// Counts an item.
    pub fn count(&mut self, item: &Item) {
        self.items += 1;
        match &item.outcome {
            Outcome::Accepted { .. } => self.accepted += 1,
            Outcome::Rejected { rejection } => count(&mut self.rejected, rejection),
            Outcome::Undetermined { rejection, .. } => count(&mut self.undetermined, rejection),
        }
    }
}

fn count(counts: &mut BTreeMap<String, BTreeMap<String, u64>>, rejection: &Rejection) {
    let of_pass = counts.entry(rejection.pass.clone()).or_default();
    *of_pass.entry(rejection.code.clone()).or_default() += 1;
}

impl fmt::Display for Funnel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} items, {} questions", self.items, self.accepted)?;
        for (what, counts) in [("rejected", &self.rejected), ("undetermined", &self.undetermined)] {
            for (pass, codes) in counts {
                for (code, count) in codes {
                    writeln!(f, "{count:>8} {what} by {pass}: {code}")?;
                }
            }
        }
        Ok(())
    }
}
