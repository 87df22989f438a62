//! Rows of Humanity's Last Exam.

use offseeker_trajectory::{Question, QuestionId};

use super::Task;
use super::row::{Fault, Row};

/// The picture itself is not kept, for it is large; a question that has one names it as a file.
pub(super) fn task(row: &Row) -> Result<Task, Fault> {
    let id = row.required(&["id"])?;
    let mut question = Question::new(row.required(&["question"])?, [row.required(&["answer"])?]);
    question.id = QuestionId::new(id.as_str());
    let mut task = Task::new(question)
        .label("answer_type", row.optional(&["answer_type"])?)
        .label("topic", row.optional(&["category"])?)
        .label("subject", row.optional(&["raw_subject"])?);
    task.canary = row.optional(&["canary"])?;
    if has_picture(row) {
        task.files.push(format!("{id}/image"));
    }
    Ok(task)
}

fn has_picture(row: &Row) -> bool {
    row.fields.get("image").is_some_and(|image| match image {
        serde_json::Value::String(text) => !text.trim().is_empty(),
        other => !other.is_null(),
    })
}
