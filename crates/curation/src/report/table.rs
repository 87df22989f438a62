//! A report as a table in plain text.

use std::fmt;

use super::{Figures, Report};
use crate::Histogram;
use crate::difficulty::Band;
use crate::stage::Verdict;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = |verdict| self.verdicts.get(&verdict).copied().unwrap_or_default();
        let (right, wrong) = (verdict(Verdict::Right), verdict(Verdict::Wrong));
        let unscored = verdict(Verdict::Unscored);
        writeln!(f, "attempts {}: {right} right, {wrong} wrong, {unscored} unscored", self.all.attempts)?;
        let band = |band| self.difficulty.get(&band).copied().unwrap_or_default();
        let (easy, learnable) = (band(Band::Easy), band(Band::Learnable));
        let (hard, unknown) = (band(Band::Hard), band(Band::Unknown));
        writeln!(
            f,
            "questions {}: {easy} easy, {learnable} learnable, {hard} hard, {unknown} unknown; {} take few calls\n",
            self.all.questions, self.few_calls
        )?;
        writeln!(f, "{:<22}{:>10}{:>10}{:>10}", "stage", "came", "passed", "dropped")?;
        for stage in &self.stages {
            let dropped = stage.came - stage.passed;
            writeln!(f, "{:<22}{:>10}{:>10}{dropped:>10}", stage.stage.as_str(), stage.came, stage.passed)?;
            for (reason, count) in &stage.dropped {
                writeln!(f, "  {:<40}{count:>10}", reason.as_str())?;
            }
        }
        writeln!(f)?;
        figures(f, "all", &self.all)?;
        figures(f, "kept", &self.kept)?;
        self.signs.iter().try_for_each(|sign| writeln!(f, "! {sign}"))
    }
}

fn figures(f: &mut fmt::Formatter<'_>, name: &str, figures: &Figures) -> fmt::Result {
    writeln!(f, "{name}: {} attempts at {} questions", figures.attempts, figures.questions)?;
    for (what, histogram) in [("calls", &figures.calls), ("turns", &figures.turns), ("tokens", &figures.tokens)] {
        let Histogram { mean, median, .. } = histogram;
        writeln!(f, "  {what:<8}mean {mean:>10.1}  median {median:>10.1}  {}", bins(histogram))?;
    }
    let ends: Vec<String> = figures.ends.iter().map(|(end, count)| format!("{end} {count}")).collect();
    writeln!(f, "  ended   {}", ends.join(", "))
}

fn bins(histogram: &Histogram) -> String {
    let bins: Vec<String> = histogram.bins.iter().map(|bin| format!("{}+:{}", bin.from, bin.count)).collect();
    bins.join(" ")
}
