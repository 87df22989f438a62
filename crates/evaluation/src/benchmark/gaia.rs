//! Rows of GAIA.

use offseeker_trajectory::{Question, QuestionId};

use super::Task;
use super::row::{Fault, Row};

/// What stands for the answers of the test split, which are held back.
const HELD_BACK: &str = "?";

pub(super) fn task(row: &Row) -> Result<Task, Fault> {
    let answer = row.optional(&["Final answer"])?.filter(|answer| answer != HELD_BACK);
    let mut question = Question::new(row.required(&["Question"])?, answer);
    question.id = QuestionId::new(row.required(&["task_id"])?);
    let mut task = Task::new(question).label("level", row.optional(&["Level"])?);
    task.files.extend(row.optional(&["file_name"])?);
    Ok(task)
}
