//! OffSeeker's evaluator: attempts of a group rated in four respects, twice, the second time in the opposite order.

use async_trait::async_trait;
use offseeker_trajectory::{Grade, Outcome, Trajectory};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::prompts::EVALUATOR;
use super::reply::{expect_keys, listed, number, numbered, object_of};
use super::ruler::shown;
use super::sfr::known_answers;
use super::turns::{MOST_SHOWN, answer, measured, unfit};
use crate::{GradeError, GroupGrader, Judge, Judgement, Prompt};

/// The respects, in the order of their weights.
const RESPECTS: [&str; 4] = ["correct", "evidence", "efficiency", "format"];

/// How much each respect counts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EvaluatorWeights {
    /// That the answer is right. 0.5.
    pub correct: f64,
    /// That it rests on what was found. 0.25.
    pub evidence: f64,
    /// That no search was idle. 0.15.
    pub efficiency: f64,
    /// That each turn is as it should be. 0.1.
    pub format: f64,
}

impl Default for EvaluatorWeights {
    fn default() -> Self {
        Self { correct: 0.5, evidence: 0.25, efficiency: 0.15, format: 0.1 }
    }
}

/// `w1 * correct + w2 * evidence + w3 * efficiency + w4 * format`, respects in this order.
#[must_use]
pub fn evaluator_score(weights: EvaluatorWeights, respects: [f64; 4]) -> f64 {
    let weights = [weights.correct, weights.evidence, weights.efficiency, weights.format];
    weights.iter().zip(respects).map(|(weight, respect)| weight * respect).sum()
}

/// Attempts of a group rated in four respects, twice, the second time in the opposite order; the mean of both counts.
///
/// That takes out what a judge gives to a place in the list. How far the two passes differ stands among the components as
/// `disagreement`. The outcome is right or wrong where both passes say so, and not known where they differ. The system
/// names no rubric and no weights: respects and weights are ours.
#[derive(Debug, Clone)]
pub struct Evaluator {
    judge: Judge,
    /// How much each respect counts.
    pub weights: EvaluatorWeights,
    /// The most bytes that the judge is shown of all attempts together. 384 KiB.
    pub most_shown: usize,
    /// The prompt; fills in `question`, `answers`, `attempts` and `keys`.
    pub prompt: Prompt,
}

/// What a pass says of each attempt, respects in order.
type Rated = Vec<[f64; 4]>;

impl Evaluator {
    /// `offseeker/evaluator`: asks this judge.
    #[must_use]
    pub fn new(judge: Judge) -> Self {
        Self { judge, weights: EvaluatorWeights::default(), most_shown: 4 * MOST_SHOWN, prompt: EVALUATOR.prompt() }
    }

    /// One pass over attempts in the order in which they are given.
    async fn pass(&self, attempts: &[&Trajectory], vote: u32) -> Result<Judgement<Rated>, GradeError> {
        let Some(first) = attempts.first() else { return Ok(Judgement::Read(Vec::new())) };
        let keys = numbered("T", attempts.len());
        let known = known_answers(&first.question).unwrap_or_else(|| "(none)".to_owned());
        let values = [
            ("question", first.question.text.as_str()),
            ("answers", &known),
            ("attempts", &shown(attempts, &keys, 0, self.most_shown)),
            ("keys", &listed(&keys)),
        ];
        self.judge.ask(self.name(), &self.prompt, &values, vote, |reply| read_rated(reply, &keys)).await
    }

    fn grade_of(&self, attempt: &Trajectory, passes: [[f64; 4]; 2]) -> Grade {
        let scores = passes.map(|respects| evaluator_score(self.weights, respects));
        let outcome = match passes.map(|respects| respects[0]) {
            _ if answer(attempt).is_none() => Outcome::NoAnswer,
            [1.0, 1.0] => Outcome::Correct,
            [0.0, 0.0] => Outcome::Wrong,
            _ => Outcome::Unscored { reason: "the two passes differ on whether the answer is right".to_owned() },
        };
        let mut grade = measured(self.name(), attempt, f64::midpoint(scores[0], scores[1]));
        if grade.value.is_none() {
            return grade;
        }
        grade.outcome = outcome;
        let means = RESPECTS.iter().enumerate().map(|(at, name)| (*name, f64::midpoint(passes[0][at], passes[1][at])));
        let noted = means.chain([("disagreement", (scores[0] - scores[1]).abs())]);
        grade.components.extend(noted.map(|(name, value)| (name.to_owned(), value)));
        grade
    }
}

fn read_rated(reply: &str, keys: &[String]) -> Result<Rated, String> {
    let fields = object_of(reply, keys)?;
    let respects = RESPECTS.map(str::to_owned);
    let rated = keys.iter().map(|key| {
        let rated = fields[key].as_object().ok_or_else(|| format!("{key:?} is no object"))?;
        expect_keys(rated, &respects).map_err(|wrong| format!("{key:?}: {wrong}"))?;
        let mut values = [0.0; 4];
        for (value, respect) in values.iter_mut().zip(RESPECTS) {
            *value = number(rated, respect, 0.0, 1.0).map_err(|wrong| format!("{key:?}: {wrong}"))?;
        }
        match rated["correct"].as_f64() {
            Some(correct) if correct.fract() == 0.0 => Ok(values),
            _ => Err(format!("{key:?}: \"correct\" is {}; it is 0 or 1", rated.get("correct").unwrap_or(&Value::Null))),
        }
    });
    rated.collect()
}

#[async_trait]
impl GroupGrader for Evaluator {
    fn name(&self) -> &str {
        "offseeker/evaluator@1"
    }

    async fn grade(&self, attempts: &[Trajectory]) -> Result<Vec<Grade>, GradeError> {
        let unfit: Vec<Option<Grade>> = attempts.iter().map(|attempt| unfit(self.name(), attempt)).collect();
        let mut order: Vec<&Trajectory> =
            attempts.iter().zip(&unfit).filter(|(_, unfit)| unfit.is_none()).map(|(attempt, _)| attempt).collect();
        let there = self.pass(&order, 0).await?;
        order.reverse();
        let back = self.pass(&order, 1).await?;
        let rated = match (there, back) {
            (Judgement::Read(there), Judgement::Read(back)) => Ok(there.into_iter().zip(back.into_iter().rev())),
            (Judgement::Unreadable { reason }, _) | (_, Judgement::Unreadable { reason }) => Err(reason),
        };
        let mut rated = rated.map(|rated| rated.collect::<Vec<_>>().into_iter());
        let graded = attempts.iter().zip(unfit).map(|(attempt, unfit)| match (unfit, &mut rated) {
            (Some(unfit), _) => unfit,
            (None, Ok(rated)) => rated.next().map_or_else(
                || Grade::unscored(self.name(), "the judge said nothing of it"),
                |(there, back)| self.grade_of(attempt, [there, back]),
            ),
            (None, Err(reason)) => {
                Grade::unscored(self.name(), format!("the judge's reply could not be read: {reason}"))
            }
        });
        Ok(graded.collect())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
