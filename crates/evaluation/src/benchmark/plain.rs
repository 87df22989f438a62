//! Rows of sets of one's own.

use offseeker_trajectory::{Question, QuestionId};
use serde_json::Value;

use super::Task;
use super::row::{Fault, Row, missing};

/// The fields that are no labels.
const KNOWN: [&str; 8] = ["id", "question", "answer", "answers", "language", "files", "gold", "canary"];

/// Every other field that is a text or a number is a label.
pub(super) fn task(row: &Row) -> Result<Task, Fault> {
    let answers = row.list(&["answers", "answer"])?;
    if answers.is_empty() {
        return Err(missing(&["answer", "answers"]));
    }
    let mut question = Question::new(row.required(&["question"])?, answers);
    if let Some(id) = row.optional(&["id"])? {
        question.id = QuestionId::new(id);
    }
    question.language = row.optional(&["language"])?;
    let mut task = Task::new(question);
    for (name, value) in row.fields.iter().filter(|(name, _)| !KNOWN.contains(&name.as_str())) {
        if matches!(value, Value::String(_) | Value::Number(_)) {
            task = task.label(name, row.optional(&[name])?);
        }
    }
    task.files = row.list(&["files"])?;
    task.gold.extend(row.list(&["gold"])?);
    task.canary = row.optional(&["canary"])?;
    Ok(task)
}
