//! What came of pairing, in numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Pairs, Refusal};

/// What came of pairing, in numbers. Its [`Display`](fmt::Display) is a table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairsReport {
    /// How many questions there are.
    pub questions: u64,
    /// How many of them have a pair.
    pub paired: u64,
    /// How many pairs there are.
    pub pairs: u64,
    /// The smallest margin.
    pub least_margin: f64,
    /// The mean of the margins.
    pub mean_margin: f64,
    /// The largest margin.
    pub most_margin: f64,
    /// How many questions, attempts and pairs were refused, by reason.
    pub refused: BTreeMap<Refusal, u64>,
}

impl Pairs {
    /// What came of pairing, in numbers.
    #[must_use]
    pub fn report(&self) -> PairsReport {
        let margins: Vec<f64> = self.planned.iter().map(|pair| pair.margin).collect();
        let mut refused = BTreeMap::new();
        for it in &self.refused {
            *refused.entry(it.reason).or_default() += 1;
        }
        PairsReport {
            questions: self.questions,
            paired: self.planned.iter().map(|pair| &pair.question).collect::<BTreeSet<_>>().len() as u64,
            pairs: margins.len() as u64,
            least_margin: margins.iter().copied().reduce(f64::min).unwrap_or_default(),
            mean_margin: if margins.is_empty() { 0.0 } else { margins.iter().sum::<f64>() / margins.len() as f64 },
            most_margin: margins.iter().copied().reduce(f64::max).unwrap_or_default(),
            refused,
        }
    }
}

impl fmt::Display for PairsReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "pairs {}, of {} of {} questions", self.pairs, self.paired, self.questions)?;
        let Self { least_margin, mean_margin, most_margin, .. } = self;
        writeln!(f, "  margin from {least_margin:.3} to {most_margin:.3}, mean {mean_margin:.3}")?;
        for (reason, count) in &self.refused {
            let named = format!("{}: {}", reason.of(), reason.as_str());
            writeln!(f, "  {named:<40}{count:>10}")?;
        }
        Ok(())
    }
}
