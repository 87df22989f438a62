//! What is different between two reports.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Figures, Report};

/// What is different between two reports: every number that one of them has, by its name.
///
/// Its [`Display`](fmt::Display) is a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Whether both were made by the same recipe.
    pub same_recipe: bool,
    /// The numbers in the order of their names; one that a report does not have is nought there.
    pub changes: BTreeMap<String, Change>,
}

/// A number before and after.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// In the one report.
    pub before: f64,
    /// In the other.
    pub after: f64,
}

impl Comparison {
    /// What is different between two reports.
    #[must_use]
    pub fn of(before: &Report, after: &Report) -> Self {
        let (one, other) = (numbers(before), numbers(after));
        let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
        let number = |numbers: &BTreeMap<String, f64>, name: &String| numbers.get(name).copied().unwrap_or_default();
        let change = |name: &String| Change { before: number(&one, name), after: number(&other, name) };
        Self {
            same_recipe: before.recipe == after.recipe,
            changes: names.into_iter().map(|name| (name.clone(), change(name))).collect(),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.same_recipe {
            writeln!(f, "the recipes differ")?;
        }
        writeln!(f, "{:<48}{:>14}{:>14}{:>14}", "", "before", "after", "change")?;
        for (name, Change { before, after }) in &self.changes {
            writeln!(f, "{name:<48}{before:>14.2}{after:>14.2}{:>+14.2}", after - before)?;
        }
        Ok(())
    }
}

/// All numbers of a report by their names.
fn numbers(report: &Report) -> BTreeMap<String, f64> {
    let mut numbers = BTreeMap::new();
    let mut add = |name: String, number: f64| {
        numbers.insert(name, number);
    };
    for (verdict, count) in &report.verdicts {
        add(format!("verdict {verdict:?}").to_lowercase(), *count as f64);
    }
    for (band, count) in &report.difficulty {
        add(format!("questions {band:?}").to_lowercase(), *count as f64);
    }
    for stage in &report.stages {
        let name = stage.stage.as_str();
        add(format!("stage {name} passed"), stage.passed as f64);
        for (reason, count) in &stage.dropped {
            add(format!("stage {name} dropped {reason}"), *count as f64);
        }
    }
    for (name, figures) in [("all", &report.all), ("kept", &report.kept)] {
        add_figures(name, figures, &mut add);
    }
    numbers
}

fn add_figures(name: &str, figures: &Figures, add: &mut impl FnMut(String, f64)) {
    add(format!("{name} attempts"), figures.attempts as f64);
    add(format!("{name} questions"), figures.questions as f64);
    for (what, histogram) in [("calls", &figures.calls), ("turns", &figures.turns), ("tokens", &figures.tokens)] {
        add(format!("{name} {what} mean"), histogram.mean);
        add(format!("{name} {what} median"), histogram.median);
    }
    for (end, count) in &figures.ends {
        add(format!("{name} ended {end}"), *count as f64);
    }
}
