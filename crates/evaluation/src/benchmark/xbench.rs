//! Rows of xbench-DeepSearch.

use offseeker_trajectory::{Question, QuestionId};

use super::browsecomp::opened;
use super::row::{Fault, Row};
use super::{Cipher, Seal, Task};

pub(super) fn task(row: &Row) -> Result<Task, Fault> {
    let seal = Seal { cipher: Cipher::PlainXor, canary: row.required(&["canary"])? };
    let read = |field: &str| opened(&seal, field, &row.required(&[field])?);
    let mut question = Question::new(read("prompt")?, [read("answer")?]);
    question.id = QuestionId::new(row.required(&["id"])?);
    question.language = Some("zh".to_owned());
    let (kind, topic) = (row.optional(&["type"])?, row.optional(&["subject"])?);
    Ok(Task::sealed(question, seal).label("type", kind).label("topic", topic))
}
