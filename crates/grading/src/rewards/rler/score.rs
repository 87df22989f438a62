//! How far weighted rubrics hold for an answer.

use std::collections::BTreeMap;

use async_trait::async_trait;
use offseeker_trajectory::{Grade, Trajectory};

use super::{Rubric, rubrics_of};
use crate::rewards::prompts::RLER_SCORE;
use crate::rewards::reply::{asked, number, object_of};
use crate::rewards::turns::{MOST_SHOWN, answer, clipped, measured, unfit};
use crate::{GradeError, Grader, Judge, Prompt};

/// `sum of w s / max(sum of the w above nought, 1)`, for pairs of a weight and a score from 0 to 1.
///
/// ```
/// use offseeker_grading::rewards::rler::rubric_total;
///
/// assert_eq!(rubric_total(&[(1.0, 1.0), (3.0, 0.5), (-1.0, 0.5)]), 0.5);
/// assert_eq!(rubric_total(&[(0.5, 1.0)]), 0.5, "weights that come to less than one are not blown up");
/// ```
#[must_use]
pub fn rubric_total(scores: &[(f64, f64)]) -> f64 {
    let sum: f64 = scores.iter().map(|(weight, score)| weight * score).sum();
    let positive: f64 = scores.iter().map(|(weight, _)| weight.max(0.0)).sum();
    sum / positive.max(1.0)
}

/// How far weighted rubrics hold for an answer: a judge gives each 0, 1 or 2, which is halved.
///
/// The score of each rubric stands among the components by its [key](Rubric::key). No answer is worth nought.
#[derive(Debug, Clone)]
pub struct RlerRubrics {
    judge: Judge,
    rubrics: Option<Vec<Rubric>>,
    /// The prompt; fills in `question`, `reply`, `title` and `criterion`.
    pub prompt: Prompt,
}

impl RlerRubrics {
    /// `rler/rubric`: scores the rubrics in the question's metadata.
    #[must_use]
    pub fn new(judge: Judge) -> Self {
        Self { judge, rubrics: None, prompt: RLER_SCORE.prompt() }
    }

    /// Scores these rubrics, such as [those of a buffer](super::RubricBuffer::in_force), whatever the question brings.
    #[must_use]
    pub fn with(self, rubrics: Vec<Rubric>) -> Self {
        Self { rubrics: Some(rubrics), ..self }
    }
}

#[async_trait]
impl Grader for RlerRubrics {
    fn name(&self) -> &str {
        "rler/rubric@1"
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        if let Some(unfit) = unfit(self.name(), attempt) {
            return Ok(unfit);
        }
        let rubrics = match &self.rubrics {
            Some(rubrics) => Ok(rubrics.clone()),
            None => rubrics_of(&attempt.question),
        };
        let rubrics = match rubrics {
            Ok(rubrics) => rubrics,
            Err(reason) => return Ok(Grade::unscored(self.name(), reason)),
        };
        let Some(reply) = answer(attempt) else { return Ok(measured(self.name(), attempt, 0.0)) };
        let reply = clipped(reply, MOST_SHOWN);
        let mut components = BTreeMap::new();
        let mut scores = Vec::with_capacity(rubrics.len());
        for rubric in &rubrics {
            let values = [
                ("question", attempt.question.text.as_str()),
                ("reply", &reply),
                ("title", &rubric.title),
                ("criterion", &rubric.description),
            ];
            match asked(&self.judge, self.name(), &self.prompt, &values, 0, read_score).await? {
                Ok(score) => {
                    components.insert(rubric.key(), score);
                    scores.push((rubric.weight, score));
                }
                Err(unscored) => return Ok(*unscored),
            }
        }
        Ok(Grade { components, ..measured(self.name(), attempt, rubric_total(&scores)) })
    }
}

fn read_score(reply: &str) -> Result<f64, String> {
    let fields = object_of(reply, &["score".to_owned()])?;
    let score = number(&fields, "score", 0.0, 2.0)?;
    if score.fract() == 0.0 { Ok(score / 2.0) } else { Err(format!("the score is {score}; it is 0, 1 or 2")) }
}
