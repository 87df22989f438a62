//! What one contestant reached.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Lost, ReportLine};
use crate::statistics::Figures;
use crate::{Attempted, Calibration, Means, Part, Reducer};

/// What one contestant reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// A line for each grader. What follows goes by the first.
    pub lines: Vec<ReportLine>,
    /// One outcome made of all attempts at a question; none where each has a single one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reduced: Option<Reduced>,
    /// What attempts took, on average.
    pub means: Means,
    /// How far its confidence can be trusted; none where it states none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// Attempts that came to nothing through no fault of their own.
    pub lost: Lost,
    /// Figures by `stop`, by `tool`, and by the labels that were asked for.
    pub parts: BTreeMap<String, Vec<Part>>,
}

/// One outcome made of all attempts at a question, in two ways.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reduced {
    /// Right where any attempt is.
    pub best_of: Figures,
    /// That of the answer which most attempts gave.
    pub majority: Figures,
}

impl Reduced {
    /// The figures of attempts.
    #[must_use]
    pub fn of(attempts: &[Attempted], cluster: Option<&str>) -> Self {
        let by = |reducer: Reducer| Figures::of(&reducer.outcomes(attempts, cluster), &[]);
        Self { best_of: by(Reducer::BestOf), majority: by(Reducer::Majority) }
    }
}

impl Standing {
    /// The name of the contestant.
    #[must_use]
    pub fn contestant(&self) -> &str {
        self.lines.first().map_or("", |line| &line.contestant)
    }

    /// The line of the first grader.
    #[must_use]
    pub fn line(&self) -> Option<&ReportLine> {
        self.lines.first()
    }
}
