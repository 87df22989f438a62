//! The same pipeline from several seeds: means, and how far they can be off.

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use offseeker_evaluation::statistics::{Interval, clustered_mean, student_97_5};
use serde::{Deserialize, Serialize};

use crate::Report;
use crate::config::Contestant;
use crate::questions::Set;
use crate::results::{ALL, Comparison, Line, hundredths};
use crate::table::Table;

/// What came of the same pipeline from several seeds.
///
/// The interval of a figure of one run says how good its student is at more questions of that world. What another seed
/// would give, with another world, other questions and another student, is told by how runs differ: here intervals are
/// Student's over runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Repeated {
    /// What the runs are called.
    pub runs: Vec<String>,
    /// A line for each contestant, set, temperature and category that every run has.
    pub lines: Vec<RepeatedLine>,
    /// What preference changed, for each set, temperature and category that every run has.
    pub gains: Vec<RepeatedGain>,
}

/// How good somebody is at some questions, in several runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RepeatedLine {
    /// Who.
    pub contestant: Contestant,
    /// On which questions.
    pub set: Set,
    /// At which temperature.
    pub at: At,
    /// Of which category: `all` for all of them.
    pub category: String,
    /// How often they were right.
    pub right: Spread,
    /// How many calls an attempt made, on average.
    pub calls: Spread,
}

/// By how much the second of two contestants is better at the same questions, in several runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RepeatedGain {
    /// The first.
    pub first: Contestant,
    /// The second.
    pub second: Contestant,
    /// On which questions.
    pub set: Set,
    /// At which temperature.
    pub at: At,
    /// Of which category: `all` for all of them.
    pub category: String,
    /// The differences.
    pub gain: Spread,
    /// Where the mean lies for just these runs, by the paired differences at the questions within each of them; none where
    /// a run has a single question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Interval>,
    /// Questions at which the first was better, in all runs.
    pub first_better: usize,
    /// Questions at which the second was better, in all runs.
    pub second_better: usize,
}

/// A temperature, in several runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum At {
    /// The same in all of them, in hundredths.
    Hundredths(u32),
    /// In each of them that at which its fine-tuned student was best on questions of development.
    Best,
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hundredths(hundredths) => write!(f, "t {:.1}", f64::from(*hundredths) / 100.0),
            Self::Best => f.write_str("t best"),
        }
    }
}

/// A value in several runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The value in each run.
    pub values: Vec<f64>,
    /// Their mean.
    pub mean: f64,
    /// Where the mean over all runs that there could be lies, by Student's distribution; none for a single run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
}

impl Spread {
    /// The spread of values; none where there are none.
    ///
    /// ```
    /// let spread = offseeker_pipeline::repeated::Spread::of(vec![0.5, 0.75, 1.0]).expect("there are values");
    /// assert_eq!(spread.mean, 0.75);
    /// assert!(spread.interval.expect("there are several").holds(0.2));
    /// ```
    #[must_use]
    pub fn of(values: Vec<f64>) -> Option<Self> {
        let mean = clustered_mean(values.iter().copied().enumerate())?;
        Some(Self { mean: mean.value, interval: mean.interval(), values })
    }

    /// The mean and its interval in hundredths, for figures that lie between 0 and 1.
    fn in_percent(&self) -> String {
        let interval = self.interval.map(|it| it.within(0.0, 1.0));
        let interval = interval.map(|it| format!(" ({:.0}-{:.0})", 100.0 * it.low, 100.0 * it.high));
        format!("{:.1}{}", 100.0 * self.mean, interval.unwrap_or_default())
    }
}

impl Repeated {
    /// Puts reports together, in the order in which they come. A figure that one of them lacks is left out.
    #[must_use]
    pub fn of(reports: &[Report]) -> Self {
        let mut lines: BTreeMap<_, Vec<&Line>> = BTreeMap::new();
        let mut compared: BTreeMap<_, Vec<&Comparison>> = BTreeMap::new();
        for results in reports.iter().map(|report| &report.results) {
            let best = hundredths(results.best_temperature);
            for line in &results.lines {
                for at in temperatures(line.temperature, line.contestant.samples().then_some(best)) {
                    lines.entry((line.set, line.contestant, at, &line.category)).or_default().push(line);
                }
            }
            for it in &results.comparisons {
                for at in temperatures(it.temperature, Some(best)) {
                    compared.entry((it.set, it.first, it.second, at, &it.category)).or_default().push(it);
                }
            }
        }
        let runs: Vec<String> = reports.iter().map(|report| report.name.clone()).collect();
        lines.retain(|_, of| of.len() == runs.len());
        compared.retain(|_, of| of.len() == runs.len());
        let lines = lines.into_iter().filter_map(|((set, contestant, at, category), of)| {
            let right = Spread::of(of.iter().map(|line| line.mean()).collect())?;
            let calls = Spread::of(of.iter().map(|line| line.calls).collect())?;
            Some(RepeatedLine { contestant, set, at, category: category.clone(), right, calls })
        });
        let gains = compared.into_iter().filter_map(|((set, first, second, at, category), of)| {
            let gain = Spread::of(of.iter().map(|it| it.paired.difference).collect())?;
            Some(RepeatedGain {
                within: within(gain.mean, &of),
                first_better: of.iter().map(|it| it.paired.first_better).sum(),
                second_better: of.iter().map(|it| it.paired.second_better).sum(),
                category: category.clone(),
                first,
                second,
                set,
                at,
                gain,
            })
        });
        Self { lines: lines.collect(), gains: gains.collect(), runs }
    }

    /// A line of these.
    #[must_use]
    pub fn line(&self, contestant: Contestant, set: Set, at: At, category: &str) -> Option<&RepeatedLine> {
        let is_it = |line: &&RepeatedLine| (line.contestant, line.set, line.at) == (contestant, set, at);
        self.lines.iter().filter(is_it).find(|line| line.category == category)
    }
}

/// Under which temperatures something counts that was measured at one of them.
fn temperatures(at: f64, best: Option<u32>) -> impl Iterator<Item = At> {
    let at = hundredths(at);
    let best = best.filter(|best| *best == at).map(|_| At::Best);
    std::iter::once(At::Hundredths(at)).chain(best)
}

/// Where a mean of differences lies for just these runs.
// There are fewer runs and questions than a float counts exactly.
#[allow(clippy::cast_precision_loss)]
fn within(mean: f64, compared: &[&Comparison]) -> Option<Interval> {
    let squares = compared.iter().map(|it| it.paired.standard_error.map(|error| error * error));
    let squares: f64 = squares.sum::<Option<f64>>()?;
    let questions: usize = compared.iter().map(|it| it.paired.questions).sum();
    let reach = student_97_5(questions.checked_sub(compared.len())?)? * squares.sqrt() / compared.len() as f64;
    Some(Interval::around(mean, reach).within(-1.0, 1.0))
}

/// Contestants by categories, a table for each set, then what preference changed: means over runs.
impl fmt::Display for Repeated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} runs: {}\n", self.runs.len(), self.runs.join(", "))?;
        for set in Set::ALL {
            let lines: Vec<&RepeatedLine> = self.lines.iter().filter(|line| line.set == set).collect();
            if lines.is_empty() {
                continue;
            }
            let mut table = Table::new(format!("{}, % right", set.as_str()));
            for line in lines {
                let row = format!("{} {}", line.contestant.as_str(), line.at);
                table.set(&row, &line.category, line.right.in_percent());
                if line.category == ALL {
                    table.set_last(&row, "calls", format!("{:.2}", line.calls.mean));
                }
            }
            writeln!(f, "{table}")?;
        }
        for it in self.gains.iter().filter(|it| it.category == ALL || it.at == At::Best) {
            let (first, second, set) = (it.first.as_str(), it.second.as_str(), it.set.as_str());
            let signed = |it: Interval| format!("{:+.1} to {:+.1}", 100.0 * it.low, 100.0 * it.high);
            write!(f, "{second} - {first}, {set}, {}, {}: {:+.1}", it.at, it.category, 100.0 * it.gain.mean)?;
            if let Some(over) = it.gain.interval {
                write!(f, " ({} over runs)", signed(over))?;
            }
            if let Some(within) = it.within {
                write!(f, " ({} over questions)", signed(within))?;
            }
            writeln!(f, " points; better {}, worse {}", it.second_better, it.first_better)?;
        }
        Ok(())
    }
}
