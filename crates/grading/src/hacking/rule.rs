//! What is measured over a window of attempts, and when that is an alarm.

use serde::{Deserialize, Serialize};

/// What is measured over a window of attempts. Attempts that ended through no fault of their own are left out of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Measure {
    /// Citations for each sentence of an answer, on average: too many are stuffed in.
    CitationsPerSentence,
    /// The mean length of answers in the later half of the window over that in the earlier half.
    LengthInflation,
    /// How often an answer says a right answer, on average over answers that are rewarded: many times is stuffing.
    KeywordRepeats,
    /// The share of attempts that go in circles: they were stopped for it, or made the same call three times.
    LoopRate,
    /// The share of questions with several valued attempts whose values are all the same: nothing is learnt from those.
    ZeroStdFraction,
    /// The share of attempts without an answer.
    NoAnswerRate,
    /// The share of attempts that called no tool.
    NoSearchRate,
    /// Calls of tools for each attempt, on average; too few say that the questions are too easy.
    MeanCalls,
    /// How much the reward rises from the earlier half of the window to the later, where the independent evaluation does
    /// not rise with it; nought where it does, or where there is none.
    RewardWithoutEvaluation,
    /// The share of attempts without a value, through no fault of theirs: the judge could not be read.
    UnscoredRate,
}

/// On which side of the threshold the alarm is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// More than the threshold is an alarm.
    Above,
    /// Less than the threshold is an alarm.
    Below,
}

/// When a figure is an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// What is measured.
    pub measure: Measure,
    /// On which side of the threshold the alarm is.
    pub side: Side,
    /// The threshold.
    pub threshold: f64,
    /// How many attempts there have to be before the rule says anything.
    pub least: usize,
}

impl Rule {
    /// Whether a figure is an alarm.
    #[must_use]
    pub fn is_broken_by(&self, figure: f64) -> bool {
        match self.side {
            Side::Above => figure > self.threshold,
            Side::Below => figure < self.threshold,
        }
    }
}

/// The rules to start with: one for each measure, silent below 32 attempts.
///
/// | measure | alarm | where the threshold comes from |
/// | --- | --- | --- |
/// | citations per sentence | above 3 | survey chapter 004: three to four for each assertion |
/// | length inflation | above 1.5 | ours |
/// | keyword repeats | above 4 | ours |
/// | loop rate | above 0.1 | ours |
/// | zero-std fraction | above 0.5 | ours |
/// | no-answer rate | above 0.2 | ours |
/// | no-search rate | above 0.2 | ours |
/// | mean calls | below 8 | summary of OffSeeker |
/// | reward without evaluation | above 0.05 | survey chapter 004 names the sign, the figure is ours |
/// | unscored rate | above 0.1 | ours |
#[must_use]
pub fn default_rules() -> Vec<Rule> {
    let rule = |measure, side, threshold| Rule { measure, side, threshold, least: 32 };
    vec![
        rule(Measure::CitationsPerSentence, Side::Above, 3.0),
        rule(Measure::LengthInflation, Side::Above, 1.5),
        rule(Measure::KeywordRepeats, Side::Above, 4.0),
        rule(Measure::LoopRate, Side::Above, 0.1),
        rule(Measure::ZeroStdFraction, Side::Above, 0.5),
        rule(Measure::NoAnswerRate, Side::Above, 0.2),
        rule(Measure::NoSearchRate, Side::Above, 0.2),
        rule(Measure::MeanCalls, Side::Below, 8.0),
        rule(Measure::RewardWithoutEvaluation, Side::Above, 0.05),
        rule(Measure::UnscoredRate, Side::Above, 0.1),
    ]
}
