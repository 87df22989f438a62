//! SFR-DeepResearch: right or not for short answers, several respects for reports.

use std::fmt::Write;

use async_trait::async_trait;
use offseeker_trajectory::{Answer, Grade, Outcome, Question, Trajectory};
use serde::{Deserialize, Serialize};

use super::prompts::{SFR_LONG, SFR_SHORT};
use super::reply::{asked, listed, number, object_of, truth};
use super::turns::{MOST_SHOWN, answer, clipped, measured, unfit};
use crate::{GradeError, Grader, Judge, Prompt};

/// `sfr/short`: 1 where a judge finds that the answer means the same as a right one, else 0.
///
/// No answer is worth nought. A question without a known answer leaves attempts at it unscored.
#[derive(Debug, Clone)]
pub struct SfrShort {
    judge: Judge,
    /// The prompt; fills in `question`, `answers` and `reply`.
    pub prompt: Prompt,
}

impl SfrShort {
    /// Asks this judge.
    #[must_use]
    pub fn new(judge: Judge) -> Self {
        Self { judge, prompt: SFR_SHORT.prompt() }
    }
}

/// The known answers of a question, a line each; none where there are none.
pub(super) fn known_answers(question: &Question) -> Option<String> {
    let lines: Vec<&str> = question.answers.iter().flat_map(Answer::spellings).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

#[async_trait]
impl Grader for SfrShort {
    fn name(&self) -> &str {
        "sfr/short@1"
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        if let Some(unfit) = unfit(self.name(), attempt) {
            return Ok(unfit);
        }
        let Some(known) = known_answers(&attempt.question) else {
            return Ok(Grade::unscored(self.name(), "the question has no known answer"));
        };
        let Some(reply) = answer(attempt) else { return Ok(Grade::scored(self.name(), Outcome::NoAnswer, 0.0)) };
        let reply = clipped(reply, MOST_SHOWN);
        let values = [("question", attempt.question.text.as_str()), ("answers", &known), ("reply", &reply)];
        let read = |reply: &str| truth(&object_of(reply, &["correct".to_owned()])?, "correct");
        Ok(match asked(&self.judge, self.name(), &self.prompt, &values, 0, read).await? {
            Ok(true) => Grade::scored(self.name(), Outcome::Correct, 1.0),
            Ok(false) => Grade::scored(self.name(), Outcome::Wrong, 0.0),
            Err(unscored) => *unscored,
        })
    }
}

/// A respect in which a report is rated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dimension {
    /// What it is called among the components.
    pub name: String,
    /// What a judge is to look for.
    pub description: String,
}

/// `sfr/long`: the mean over several respects in which a judge rates a report, each from 0 to 1.
#[derive(Debug, Clone)]
pub struct SfrLong {
    judge: Judge,
    /// The respects. Facts, what was asked, writing, sources.
    pub dimensions: Vec<Dimension>,
    /// The prompt; fills in `question`, `reply`, `dimensions` and `keys`.
    pub prompt: Prompt,
}

impl SfrLong {
    /// Asks this judge.
    #[must_use]
    pub fn new(judge: Judge) -> Self {
        let dimensions = [
            ("facts", "what it states is true and not misleading"),
            ("compliance", "it does what the request asks for, all of it and nothing beside it"),
            ("writing", "it is clear, in order, and no longer than it has to be"),
            ("sources", "what needs a source has one, and the source says it"),
        ];
        let dimensions = dimensions
            .map(|(name, description)| Dimension { name: name.to_owned(), description: description.to_owned() })
            .to_vec();
        Self { judge, dimensions, prompt: SFR_LONG.prompt() }
    }
}

#[async_trait]
impl Grader for SfrLong {
    fn name(&self) -> &str {
        "sfr/long@1"
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        if let Some(unfit) = unfit(self.name(), attempt) {
            return Ok(unfit);
        }
        let Some(reply) = answer(attempt) else { return Ok(measured(self.name(), attempt, 0.0)) };
        let keys: Vec<String> = self.dimensions.iter().map(|dimension| dimension.name.clone()).collect();
        let mut lines = String::new();
        for dimension in &self.dimensions {
            let _ = writeln!(lines, "{}: {}", dimension.name, dimension.description);
        }
        let values = [
            ("question", attempt.question.text.as_str()),
            ("reply", &clipped(reply, MOST_SHOWN)),
            ("dimensions", lines.trim_end()),
            ("keys", &listed(&keys)),
        ];
        let read = |reply: &str| {
            let fields = object_of(reply, &keys)?;
            keys.iter().map(|key| Ok(number(&fields, key, 0.0, 10.0)? / 10.0)).collect::<Result<Vec<f64>, String>>()
        };
        Ok(match asked(&self.judge, self.name(), &self.prompt, &values, 0, read).await? {
            Ok(scores) => {
                let mean = scores.iter().sum::<f64>() / scores.len().max(1) as f64;
                let mut grade = measured(self.name(), attempt, mean);
                grade.components.extend(keys.into_iter().zip(scores));
                grade
            }
            Err(unscored) => *unscored,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
