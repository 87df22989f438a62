//! Rows of `BrowseComp` and of the two sets that are made like it.

use std::collections::BTreeSet;

use offseeker_trajectory::{Question, QuestionId};

use super::row::{Fault, Row};
use super::{Cipher, Seal, Task};

/// Hexadecimal digits of an id that is made from a row.
const ID_DIGITS: usize = 32;

/// What rows are encrypted by that were decrypted by others and have lost their canary.
const OWN_CANARY: &str = "offseeker: a question of BrowseComp-Plus, which belongs in no training data";

pub(super) fn english(row: &Row) -> Result<Task, Fault> {
    let seal = seal(row)?;
    let question = unnamed(row, &seal, "problem", "answer")?;
    Ok(Task::sealed(question, seal).label("topic", row.optional(&["problem_topic"])?))
}

pub(super) fn chinese(row: &Row) -> Result<Task, Fault> {
    let seal = seal(row)?;
    let mut question = unnamed(row, &seal, "Question", "Answer")?;
    question.language = Some("zh".to_owned());
    // Some copies encrypt the topic and others do not.
    let topic = row.optional(&["Topic"])?.map(|topic| seal.open(&topic).unwrap_or(topic));
    Ok(Task::sealed(question, seal).label("topic", topic))
}

pub(super) fn plus(row: &Row, encrypted: bool) -> Result<Task, Fault> {
    let seal = if encrypted { seal(row)? } else { own_seal(row)? };
    let read = |row: &Row, field: &str| {
        let text = row.required(&[field])?;
        if encrypted { opened(&seal, field, &text) } else { Ok(text) }
    };
    let documents = |field: &str| {
        let rows = row.rows_within(&[field])?;
        rows.iter().map(|document| read(document, "docid")).collect::<Result<BTreeSet<_>, _>>()
    };
    let mut question = Question::new(read(row, "query")?, [read(row, "answer")?]);
    question.id = QuestionId::new(row.required(&["query_id"])?);
    let mut task = Task::sealed(question, seal.clone());
    (task.gold, task.evidence) = (documents("gold_docs")?, documents("evidence_docs")?);
    Ok(task)
}

fn seal(row: &Row) -> Result<Seal, Fault> {
    Ok(Seal { cipher: Cipher::HashedXor, canary: row.required(&["canary"])? })
}

/// How a row in clear is encrypted where it is written: by its canary, or by one of ours where it has lost it.
fn own_seal(row: &Row) -> Result<Seal, Fault> {
    let canary = row.optional(&["canary"])?.unwrap_or_else(|| OWN_CANARY.to_owned());
    Ok(Seal { cipher: Cipher::HashedXor, canary })
}

/// A question of a set without ids, which is named by the hash of what stands in the file.
fn unnamed(row: &Row, seal: &Seal, question: &str, answer: &str) -> Result<Question, Fault> {
    let closed = row.required(&[question])?;
    let id = blake3::hash(closed.as_bytes()).to_hex()[..ID_DIGITS].to_owned();
    let answer = opened(seal, answer, &row.required(&[answer])?)?;
    Ok(Question { id: QuestionId::new(id), ..Question::new(opened(seal, question, &closed)?, [answer]) })
}

/// A field in clear.
pub(super) fn opened(seal: &Seal, field: &str, text: &str) -> Result<String, Fault> {
    seal.open(text).map_err(|error| Fault::new(field, error.to_string()))
}
