//! LongWriter-Zero: whether a text is as long as it should be, well made, and well written.
//!
//! Three rewards of their own. The system normalises each within its group and averages what comes out; that is no grade
//! but an advantage, and is done where groups are made.

use std::collections::BTreeSet;

use async_trait::async_trait;
use offseeker_trajectory::{Grade, Outcome, Question, Trajectory};
use serde::{Deserialize, Serialize};

use super::prompts::{RANGE, WRITING};
use super::reply::{asked, number, object_of};
use super::turns::{MOST_SHOWN, answer, clipped, measured, turns, unfit, words, written};
use crate::{GradeError, Grader, Judge, Prompt};

/// How much longer than the range a text may be before it is worth nothing, where nobody says: twice the upper end.
const MOST_OVER: f64 = 2.0;

/// How much two paragraphs have to share to be the same said twice.
const SAME: f64 = 0.8;

/// The most paragraphs that are compared.
const MOST_PARAGRAPHS: usize = 500;

/// How long a text should be, in words; each Chinese, Japanese or Korean character is one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LengthRange {
    /// The least that will do.
    pub low: f64,
    /// The most that is wanted.
    pub high: f64,
    /// Where it is worth nothing any more; twice `high` where nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<f64>,
}

/// `len / low` below the range, 1 within, `(most - len) / (most - high)` above, and never below nought.
///
/// ```
/// use offseeker_grading::rewards::long_writer::{LengthRange, length_reward};
///
/// let range = LengthRange { low: 1000.0, high: 2000.0, most: Some(4000.0) };
/// let rewards = [0.0, 500.0, 1000.0, 2000.0, 3000.0, 4000.0, 9000.0].map(|length| length_reward(length, range));
/// assert_eq!(rewards, [0.0, 0.5, 1.0, 1.0, 0.5, 0.0, 0.0]);
/// ```
#[must_use]
pub fn length_reward(length: f64, range: LengthRange) -> f64 {
    let most = range.most.unwrap_or(MOST_OVER * range.high);
    if length < range.low {
        length / range.low
    } else if length <= range.high {
        1.0
    } else if length >= most {
        0.0
    } else {
        (most - length) / (most - range.high)
    }
}

impl LengthRange {
    /// The one in the metadata of a question: `length`, an object with `low`, `high` and perhaps `most`.
    #[must_use]
    pub fn of(question: &Question) -> Option<Self> {
        let range: Self = serde_json::from_value(question.metadata.get("length")?.clone()).ok()?;
        (range.low > 0.0 && range.high >= range.low).then_some(range)
    }
}

/// `longwriter/length`: whether an answer is as long as it should be.
///
/// The range is that in the question's metadata; where there is none a model says it, and where there is no model either
/// the answer is unscored.
#[derive(Debug, Clone)]
pub struct LengthReward {
    model: Option<Judge>,
    /// The prompt; fills in `question`.
    pub prompt: Prompt,
}

impl LengthReward {
    /// Goes by the metadata of questions alone.
    #[must_use]
    pub fn given() -> Self {
        Self { model: None, prompt: RANGE.prompt() }
    }

    /// Asks a model where the metadata of a question has no range.
    #[must_use]
    pub fn predicted(model: Judge) -> Self {
        Self { model: Some(model), ..Self::given() }
    }

    async fn range(&self, question: &Question) -> Result<Result<LengthRange, Box<Grade>>, GradeError> {
        if let Some(range) = LengthRange::of(question) {
            return Ok(Ok(range));
        }
        let Some(model) = &self.model else {
            let reason = "the question's metadata has no length and there is no model to say one";
            return Ok(Err(Box::new(Grade::unscored(self.name(), reason))));
        };
        asked(model, self.name(), &self.prompt, &[("question", &question.text)], 0, read_range).await
    }
}

fn read_range(reply: &str) -> Result<LengthRange, String> {
    let fields = object_of(reply, &["low".to_owned(), "high".to_owned()])?;
    let low = number(&fields, "low", 1.0, 1e9)?;
    let high = number(&fields, "high", low, 1e9)?;
    Ok(LengthRange { low, high, most: None })
}

#[async_trait]
impl Grader for LengthReward {
    fn name(&self) -> &str {
        "longwriter/length@1"
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        if let Some(unfit) = unfit(self.name(), attempt) {
            return Ok(unfit);
        }
        let range = match self.range(&attempt.question).await? {
            Ok(range) => range,
            Err(unscored) => return Ok(*unscored),
        };
        let length = words(answer(attempt).unwrap_or_default()) as f64;
        let mut grade = measured(self.name(), attempt, length_reward(length, range));
        let figures = [("words", length), ("low", range.low), ("high", range.high)];
        grade.components.extend(figures.map(|(name, value)| (name.to_owned(), value)));
        Ok(grade)
    }
}

/// `longwriter/format`: nought unless the last turn has exactly one `<think>` and one `<answer>`, else the share of
/// paragraphs that are not said twice.
///
/// The system finds by meaning what is said twice; here two paragraphs are the same where they share four fifths of their
/// runs of three words.
#[derive(Debug, Clone, Copy, Default)]
pub struct FormatReward;

/// The share of paragraphs that do not say again what an earlier one has said.
#[must_use]
pub fn unrepeated(text: &str) -> f64 {
    let paragraphs = text.split("\n\n").map(str::trim).filter(|text| words(text) >= 3).take(MOST_PARAGRAPHS);
    let runs: Vec<BTreeSet<String>> = paragraphs.map(runs_of).collect();
    let repeated = (0..runs.len()).filter(|at| runs[..*at].iter().any(|earlier| shared(earlier, &runs[*at]) >= SAME));
    1.0 - repeated.count() as f64 / runs.len().max(1) as f64
}

fn runs_of(paragraph: &str) -> BTreeSet<String> {
    let words: Vec<String> = paragraph.split_whitespace().map(str::to_lowercase).collect();
    if words.len() < 3 {
        // A language that puts no spaces between words.
        let letters: Vec<char> = paragraph.chars().filter(|c| !c.is_whitespace()).collect();
        return letters.windows(3).map(|run| run.iter().collect()).collect();
    }
    words.windows(3).map(|run| run.join(" ")).collect()
}

fn shared(left: &BTreeSet<String>, right: &BTreeSet<String>) -> f64 {
    let both = left.intersection(right).count();
    let all = left.len() + right.len() - both;
    both as f64 / all.max(1) as f64
}

#[async_trait]
impl Grader for FormatReward {
    fn name(&self) -> &str {
        "longwriter/format@1"
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        if let Some(unfit) = unfit(self.name(), attempt) {
            return Ok(unfit);
        }
        let last = turns(attempt).last().map(|(_, node)| written(&node.message));
        let once = |tag: &str| last.as_ref().is_some_and(|text| text.matches(tag).count() == 1);
        if !["<think>", "</think>", "<answer>", "</answer>"].into_iter().all(once) {
            return Ok(Grade::scored(self.name(), Outcome::Malformed, 0.0));
        }
        Ok(measured(self.name(), attempt, unrepeated(answer(attempt).unwrap_or_default())))
    }
}

/// `longwriter/writing`: how well an answer is written, from 0 to 1, as a judge says.
///
/// The system has a model of its own that was trained on preferences; to use such a one, wrap it as a grader.
#[derive(Debug, Clone)]
pub struct WritingReward {
    judge: Judge,
    /// The prompt; fills in `question` and `reply`.
    pub prompt: Prompt,
}

impl WritingReward {
    /// Asks this judge.
    #[must_use]
    pub fn new(judge: Judge) -> Self {
        Self { judge, prompt: WRITING.prompt() }
    }
}

#[async_trait]
impl Grader for WritingReward {
    fn name(&self) -> &str {
        "longwriter/writing@1"
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        if let Some(unfit) = unfit(self.name(), attempt) {
            return Ok(unfit);
        }
        let Some(reply) = answer(attempt) else { return Ok(measured(self.name(), attempt, 0.0)) };
        let values = [("question", attempt.question.text.as_str()), ("reply", &clipped(reply, MOST_SHOWN))];
        let read = |reply: &str| number(&object_of(reply, &["score".to_owned()])?, "score", 0.0, 10.0);
        Ok(match asked(&self.judge, self.name(), &self.prompt, &values, 0, read).await? {
            Ok(score) => measured(self.name(), attempt, score / 10.0),
            Err(unscored) => *unscored,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
