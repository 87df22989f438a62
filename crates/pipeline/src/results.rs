//! What came of a run, in numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use offseeker_evaluation::statistics::{Figures, Paired, QuestionOutcomes, Unscored, paired};
use serde::{Deserialize, Serialize};

use crate::config::Contestant;
use crate::questions::Set;
use crate::stages::Measured;
use crate::table::Table;
use crate::{Flow, Stage};

/// The category that is all of them.
pub const ALL: &str = "all";

/// What came of a run, in numbers. The same configuration gives the same report, byte for byte, whatever stopped the run
/// on its way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// What the run is called.
    pub name: String,
    /// The hash of the configuration.
    pub config: String,
    /// What went through each stage.
    pub funnel: Vec<Passed>,
    /// How training ended.
    pub training: BTreeMap<String, TrainingEnd>,
    /// What was measured.
    #[serde(flatten)]
    pub results: Results,
}

/// What went through a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// The stage.
    pub stage: Stage,
    /// What went through it.
    pub flow: Flow,
}

/// How a training ended: means over its last steps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct TrainingEnd {
    /// How many steps it had.
    pub steps: u64,
    /// How many tokens went through the network.
    pub tokens: u64,
    /// The loss over its first steps.
    pub first_loss: f64,
    /// The loss over its last steps.
    pub last_loss: f64,
    /// By how much the reward of chosen sides was higher, over the last steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
    /// The share of pairs whose chosen side had the higher reward, over the last steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<f64>,
}

/// What was measured of everybody.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// The temperature at which the fine-tuned student was best on questions of development.
    pub best_temperature: f64,
    /// How good it was there, by the temperature.
    pub development: Vec<Line>,
    /// A line for each contestant, set, temperature and category.
    pub lines: Vec<Line>,
    /// The same questions by two contestants.
    pub comparisons: Vec<Comparison>,
}

/// How good somebody is at some questions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Who.
    pub contestant: Contestant,
    /// On which questions.
    pub set: Set,
    /// At which temperature.
    pub temperature: f64,
    /// Of which category: `all` for all of them.
    pub category: String,
    /// How often they were right.
    pub figures: Figures,
    /// How many calls an attempt made, on average.
    pub calls: f64,
    /// The share of answers that were guessed where something is described; none where nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guesses: Option<f64>,
    /// The share of attempts that ended with an answer of their own, and in form.
    pub well_formed: f64,
}

/// The same questions by two contestants: by how much the second is better.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The first.
    pub first: Contestant,
    /// The second.
    pub second: Contestant,
    /// On which questions.
    pub set: Set,
    /// At which temperature.
    pub temperature: f64,
    /// Of which category: `all` for all of them.
    pub category: String,
    /// By how much the second is better, and how sure that is.
    pub paired: Paired,
}

impl Line {
    /// A line for all questions, and one for each category.
    #[must_use]
    pub fn of(contestant: Contestant, set: Set, temperature: f64, attempts: &[Measured]) -> Vec<Self> {
        let lines = categories(attempts).into_iter().map(|category| {
            let of = in_category(attempts, &category);
            let share = |count: usize, all: usize| if all == 0 { 0.0 } else { count as f64 / all as f64 };
            let guesses: Vec<bool> = of.iter().filter_map(|it| it.guessed).collect();
            let guessed = guesses.iter().filter(|guessed| **guessed).count();
            Self {
                contestant,
                set,
                temperature,
                figures: Figures::of(&outcomes(&of), &[]),
                calls: share(of.iter().map(|it| it.calls as usize).sum(), of.len()),
                guesses: (!guesses.is_empty()).then(|| share(guessed, guesses.len())),
                well_formed: share(of.iter().filter(|it| it.is_well_formed).count(), of.len()),
                category,
            }
        });
        lines.collect()
    }

    /// What the measurement is called that it is of.
    #[must_use]
    pub fn measurement(&self) -> String {
        measurement(self.contestant, self.set, self.temperature)
    }

    /// The share of right answers.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.figures.all.mean.map_or(0.0, |mean| mean.value)
    }
}

impl Comparison {
    /// A comparison over all questions, and one for each category.
    #[must_use]
    pub fn of(
        (first, one): (Contestant, &[Measured]),
        (second, other): (Contestant, &[Measured]),
        set: Set,
        temperature: f64,
    ) -> Vec<Self> {
        let compared = categories(one).into_iter().filter_map(|category| {
            let (one, other) = (outcomes(&in_category(one, &category)), outcomes(&in_category(other, &category)));
            let paired = paired(&one, &other, Unscored::Counted)?;
            Some(Self { first, second, set, temperature, category, paired })
        });
        compared.collect()
    }
}

/// What a measurement is called: `sft-test-t070`.
pub(crate) fn measurement(who: Contestant, set: Set, temperature: f64) -> String {
    format!("{}-{}-t{:03}", who.as_str(), set.as_str(), hundredths(temperature))
}

/// A temperature in hundredths.
pub(crate) fn hundredths(temperature: f64) -> u32 {
    (temperature * 100.0).round() as u32
}

/// All categories, and `all`.
fn categories(attempts: &[Measured]) -> Vec<String> {
    let named: BTreeSet<&str> = attempts.iter().map(|it| it.category.as_str()).collect();
    std::iter::once(ALL).chain(named).map(str::to_owned).collect()
}

fn in_category<'a>(attempts: &'a [Measured], category: &str) -> Vec<&'a Measured> {
    attempts.iter().filter(|it| category == ALL || it.category == category).collect()
}

fn outcomes(attempts: &[&Measured]) -> Vec<QuestionOutcomes> {
    let mut by_question: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for it in attempts {
        by_question.entry(&it.question).or_default().push(it.outcome.clone());
    }
    by_question
        .into_iter()
        .map(|(question, outcomes)| QuestionOutcomes { question: question.clone(), cluster: None, outcomes })
        .collect()
}

/// Contestants by categories, a table for each set; then what is better than what.
impl fmt::Display for Results {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for set in Set::ALL {
            let lines: Vec<&Line> = self.lines.iter().filter(|line| line.set == set).collect();
            if !lines.is_empty() {
                writeln!(f, "{}", table(set, &lines))?;
            }
        }
        writeln!(f, "best temperature of sft, on development questions: {:.1}", self.best_temperature)?;
        for it in self.comparisons.iter().filter(|it| it.category == ALL) {
            let (first, second, set) = (it.first.as_str(), it.second.as_str(), it.set.as_str());
            let Paired { difference, interval, first_better, second_better, p, .. } = &it.paired;
            let interval = interval.map(|it| format!(" ({:+.1} to {:+.1})", 100.0 * it.low, 100.0 * it.high));
            writeln!(
                f,
                "{second} - {first}, {set}, t {:.1}: {:+.1}{} points; better {second_better}, worse {first_better}, p {p:.3}",
                it.temperature,
                100.0 * difference,
                interval.unwrap_or_default(),
            )?;
        }
        Ok(())
    }
}

/// A table of the lines of a set.
fn table(set: Set, lines: &[&Line]) -> Table {
    let percent = |share: f64| format!("{:.0} %", 100.0 * share);
    let mut table = Table::new(format!("{}, % right", set.as_str()));
    for line in lines {
        let row = format!("{} t {:.1}", line.contestant.as_str(), line.temperature);
        if let Some(mean) = line.figures.all.mean {
            let (low, high) = (100.0 * mean.wilson.low, 100.0 * mean.wilson.high);
            table.set(&row, &line.category, format!("{:.1} ({low:.0}-{high:.0})", 100.0 * mean.value));
        }
        if line.category == ALL {
            table.set_last(&row, "calls", format!("{:.2}", line.calls));
            table.set_last(&row, "guesses", line.guesses.map_or_else(|| "-".to_owned(), percent));
            table.set_last(&row, "format", percent(line.well_formed));
        }
    }
    table
}
