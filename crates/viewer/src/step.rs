//! A step of the pipeline: what came, what it gave, and why it gave no more.

use offseeker_curation::{PairsReport, Report};
use serde::{Deserialize, Serialize};

/// A step of the pipeline: what came, what it gave, and why it gave no more.
///
/// ```
/// use offseeker_viewer::Step;
///
/// let step = Step::new("questions", "questions", 1186).of(1200).dropping("said twice", 14).seconds(2.5);
/// assert_eq!(step.unexplained(), 0);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// What its number counts: `questions`, `attempts`. Steps in a row that count the same share a scale.
    pub unit: String,
    /// How many came, where those are of the same unit.
    pub came: Option<u64>,
    /// How many there are after it.
    pub gave: u64,
    /// Why there are no more.
    pub dropped: Vec<Loss>,
    /// How long it took.
    pub seconds: Option<f64>,
    /// What else is to be said of it.
    pub note: String,
}

/// How many were dropped for a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loss {
    /// The reason, in words or as a code.
    pub why: String,
    /// How many.
    pub count: u64,
}

impl Step {
    /// A step after which there are so many.
    pub fn new(name: impl Into<String>, unit: impl Into<String>, gave: u64) -> Self {
        Self { name: name.into(), unit: unit.into(), gave, ..Self::default() }
    }

    /// Says how many came.
    #[must_use]
    pub fn of(self, came: u64) -> Self {
        Self { came: Some(came), ..self }
    }

    /// Says how many were dropped for a reason.
    #[must_use]
    pub fn dropping(mut self, why: impl Into<String>, count: u64) -> Self {
        self.dropped.push(Loss { why: why.into(), count });
        self
    }

    /// Says how long it took.
    #[must_use]
    pub fn seconds(self, seconds: f64) -> Self {
        Self { seconds: Some(seconds), ..self }
    }

    /// Says something else of it.
    #[must_use]
    pub fn note(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }

    /// How many came, were not passed on, and have no reason; the page says so.
    #[must_use]
    pub fn unexplained(&self) -> u64 {
        let dropped: u64 = self.dropped.iter().map(|loss| loss.count).sum();
        self.came.map_or(0, |came| came.saturating_sub(self.gave).saturating_sub(dropped))
    }

    /// The steps of a filter, one for each of its stages.
    #[must_use]
    pub fn of_filter(report: &Report) -> Vec<Self> {
        let step = |passed: &offseeker_curation::Passed| {
            let step = Self::new(passed.stage.as_str(), "attempts", passed.passed).of(passed.came);
            passed.dropped.iter().fold(step, |step, (reason, count)| step.dropping(reason.as_str(), *count))
        };
        report.stages.iter().map(step).collect()
    }

    /// The step that pairs attempts.
    #[must_use]
    pub fn of_pairs(report: &PairsReport) -> Self {
        let margins = format!(
            "from {} of {} questions; margin {:.3} to {:.3}, mean {:.3}",
            report.paired, report.questions, report.least_margin, report.most_margin, report.mean_margin
        );
        let step = Self::new("pairs", "pairs", report.pairs).note(margins);
        report
            .refused
            .iter()
            .fold(step, |step, (why, count)| step.dropping(format!("{}: {}", why.of(), why.as_str()), *count))
    }
}
