//! New rubrics from what tells the attempts of a group apart.

use offseeker_trajectory::Trajectory;
use serde_json::{Map, Value};

use super::{Rubric, RubricBuffer};
use crate::rewards::prompts::RLER_PROPOSE;
use crate::rewards::reply::object;
use crate::rewards::turns::{MOST_SHOWN, answer, clipped};
use crate::{GradeError, Judge, Judgement};

/// How many rubrics a model may propose at once.
const MOST_PROPOSED: usize = 5;

/// Asks a model for one to five rubrics that tell the answers of a group apart; positive ones weigh 1, negative ones -1.
///
/// Give them to [`RubricBuffer::admit`]. Attempts without an answer are not shown; a group with fewer than two answers has
/// nothing to tell apart, and nobody is asked.
///
/// # Errors
///
/// [`GradeError::Judge`] when the model does not reply.
pub async fn propose(
    model: &Judge,
    buffer: &RubricBuffer,
    attempts: &[Trajectory],
) -> Result<Judgement<Vec<Rubric>>, GradeError> {
    let answers: Vec<&str> = attempts.iter().filter_map(answer).collect();
    let (Some(first), true) = (attempts.first(), answers.len() > 1) else { return Ok(Judgement::Read(Vec::new())) };
    let share = MOST_SHOWN / answers.len();
    let replies: Vec<String> = answers
        .iter()
        .enumerate()
        .map(|(at, answer)| format!("[Reply {}]\n{}", at + 1, clipped(answer, share)))
        .collect();
    let known: Vec<String> = buffer.in_force().iter().map(|rubric| format!("- {}", rubric.description)).collect();
    let known = if known.is_empty() { "(none)".to_owned() } else { known.join("\n") };
    let values = [("question", first.question.text.as_str()), ("known", &known), ("replies", &replies.join("\n\n"))];
    model.ask("rler/propose", &RLER_PROPOSE.prompt(), &values, 0, read_proposed).await
}

fn read_proposed(reply: &str) -> Result<Vec<Rubric>, String> {
    let fields = object(reply)?;
    let mut proposed = Vec::new();
    for (key, weight) in [("positive", 1.0), ("negative", -1.0)] {
        let Some(rubrics) = fields.get(key) else { continue };
        let rubrics = rubrics.as_array().ok_or_else(|| format!("{key:?} is no array"))?;
        for rubric in rubrics {
            let rubric = rubric.as_object().ok_or_else(|| format!("{key:?} holds something that is no object"))?;
            proposed.push(Rubric { title: text(rubric, "title")?, description: text(rubric, "description")?, weight });
        }
    }
    match proposed.len() {
        0 => Err("it proposes nothing".to_owned()),
        count if count > MOST_PROPOSED => Err(format!("it proposes {count} criteria; at most {MOST_PROPOSED}")),
        _ => Ok(proposed),
    }
}

fn text(fields: &Map<String, Value>, key: &str) -> Result<String, String> {
    let text = fields.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    text.map(str::to_owned).ok_or_else(|| format!("a criterion has no {key:?}"))
}
