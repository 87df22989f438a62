//! How much of what each stage began with is left after it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Stage;

/// How the items of one stage ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// The stage.
    pub stage: Stage,
    /// How many items it had.
    pub items: usize,
    /// How many have a result.
    pub ok: usize,
    /// How many failed, by the reason in a word.
    pub failed: BTreeMap<String, usize>,
    /// How many were passed over, by the rule.
    pub skipped: BTreeMap<String, usize>,
    /// What the results held and was left out, by the reason: names that do not stand in their page, doubles.
    pub dropped: BTreeMap<String, usize>,
    /// What it gives to the next stage, by what it is: `nouns`, `pages`.
    pub gives: BTreeMap<String, usize>,
}

impl Tally {
    pub(super) fn new(stage: Stage) -> Self {
        Self {
            stage,
            items: 0,
            ok: 0,
            failed: BTreeMap::new(),
            skipped: BTreeMap::new(),
            dropped: BTreeMap::new(),
            gives: BTreeMap::new(),
        }
    }

    pub(super) fn drop(&mut self, reason: &str, count: usize) {
        if count > 0 {
            *self.dropped.entry(reason.to_owned()).or_default() += count;
        }
    }

    pub(super) fn give(&mut self, what: &str, count: usize) {
        self.gives.insert(what.to_owned(), count);
    }
}

/// How much of what each stage began with is left after it, in the order of the stages. Its text is a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Funnel {
    /// The stages.
    pub stages: Vec<Tally>,
}

impl Funnel {
    /// How a stage went; none where it was not reached.
    #[must_use]
    pub fn stage(&self, stage: Stage) -> Option<&Tally> {
        self.stages.iter().find(|tally| tally.stage == stage)
    }
}

impl fmt::Display for Funnel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:12} {:>7} {:>7} {:>7} {:>7}  gives", "stage", "items", "ok", "failed", "skipped")?;
        for tally in &self.stages {
            let sum = |counts: &BTreeMap<String, usize>| counts.values().sum::<usize>();
            let (failed, skipped) = (sum(&tally.failed), sum(&tally.skipped));
            let gives = listed(&tally.gives);
            writeln!(f, "{:12} {:>7} {:>7} {failed:>7} {skipped:>7}  {gives}", tally.stage, tally.items, tally.ok)?;
            let why = [("failed", &tally.failed), ("skipped", &tally.skipped), ("left out", &tally.dropped)];
            for (what, counts) in why.into_iter().filter(|(_, counts)| !counts.is_empty()) {
                writeln!(f, "{:12}   {what}: {}", "", listed(counts))?;
            }
        }
        Ok(())
    }
}

fn listed(counts: &BTreeMap<String, usize>) -> String {
    counts.iter().map(|(what, count)| format!("{count} {what}")).collect::<Vec<_>>().join(", ")
}
