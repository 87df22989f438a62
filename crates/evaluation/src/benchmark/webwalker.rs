//! Rows of `WebWalkerQA`.

use offseeker_trajectory::Question;
use serde_json::Value;

use super::Task;
use super::row::{Fault, Row};

/// `hops` is what the set says: `single-source` or `multi-source`. The gold documents are addresses.
pub(super) fn task(row: &Row) -> Result<Task, Fault> {
    let info = row.within(&["Info", "info"])?;
    let answer = row.required(&["Answer", "answer"])?;
    let mut question = Question::new(row.required(&["Question", "question"])?, [answer]);
    question.language = info.optional(&["Language", "lang"])?;
    if let Some(root) = row.optional(&["Root_Url", "root_url"])? {
        question.metadata.insert("root_url".to_owned(), Value::from(root));
    }
    let mut task = Task::new(question)
        .label("hops", info.optional(&["Hop", "type"])?)
        .label("topic", info.optional(&["Domain", "domain"])?)
        .label("level", info.optional(&["Difficulty_Level", "difficulty_level"])?);
    task.gold.extend(info.list(&["Source_Website", "source_website"])?);
    Ok(task)
}
