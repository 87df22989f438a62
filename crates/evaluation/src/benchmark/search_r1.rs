//! Rows of the question sets that Search-R1 uses, from `FlashRAG` or as it writes them for verl.

use offseeker_trajectory::{Question, QuestionId};

use super::Task;
use super::row::{Fault, Row, missing};

/// Sets of several sources repeat ids, so the source stands before the id where a row names one.
pub(super) fn task(row: &Row) -> Result<Task, Fault> {
    let mut question = Question::new(row.required(&["question"])?, answers(row)?);
    let source = row.optional(&["data_source"])?;
    if let Some(id) = row.optional(&["id"])? {
        let id = source.as_ref().map_or_else(|| id.clone(), |source| format!("{source}/{id}"));
        question.id = QuestionId::new(id);
    }
    Ok(Task::new(question).label("source", source))
}

fn answers(row: &Row) -> Result<Vec<String>, Fault> {
    let mut answers = row.list(&["golden_answers"])?;
    if answers.is_empty() {
        answers = row.within(&["reward_model"])?.within(&["ground_truth"])?.list(&["target"])?;
    }
    if answers.is_empty() {
        return Err(missing(&["golden_answers", "reward_model.ground_truth.target"]));
    }
    Ok(answers)
}
