//! Questions, each of which is stored once, and the names of runs.

use offseeker_trajectory::{Question, RunId};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension};

use super::fault::{Fault, Maybe};
use super::piece::{Column, Piece, json};
use super::table::{QUESTIONS, RUNS, first_of};
use super::text::Texts;
use crate::StoreError;

/// A question that is ready to be stored.
#[derive(Debug)]
pub(super) struct PackedQuestion {
    id: String,
    hash: [u8; 32],
    body: Piece,
}

impl PackedQuestion {
    pub(super) fn of(question: &Question) -> Result<Self, StoreError> {
        let plain = json(question)?;
        // What is nested too deep can be written as JSON and never be read.
        serde_json::from_slice::<Question>(&plain)
            .map_err(|error| StoreError::invalid(format!("question {} cannot be read back: {error}", question.id)))?;
        let hash = *blake3::hash(&plain).as_bytes();
        Ok(Self { id: question.id.as_str().to_owned(), hash, body: Piece::of_bytes(&plain) })
    }

    /// How many bytes are to be written.
    pub(super) fn weight(&self) -> usize {
        self.id.len() + self.body.weight()
    }

    /// The key of the question, where it is there.
    pub(super) fn find(&self, db: &Connection) -> Maybe<Option<i64>> {
        let by_mark = "SELECT key FROM question INDEXED BY question_by_mark WHERE mark = ? AND rest = ?";
        let values = (first_of(&self.hash), &self.hash[8..]);
        Ok(db.prepare_cached(by_mark)?.query_row(values, |row| row.get(0)).optional()?)
    }

    /// Stores the question unless it is there, and says its key.
    pub(super) fn keep(&self, db: &Connection) -> Maybe<i64> {
        let (mark, rest) = (first_of(&self.hash), &self.hash[8..]);
        if let Some(key) = self.find(db)? {
            return Ok(key);
        }
        let (key, body) = (QUESTIONS.next_key(db)?, self.body.keep(db)?);
        let values = [self.id.as_str().into(), ValueRef::Integer(mark), ValueRef::Blob(rest), body.value()];
        QUESTIONS.insert(db, key, values)?;
        Ok(key)
    }
}

/// The question with a key.
pub(super) fn find(db: &Connection, key: i64) -> Maybe<Question> {
    let mut statement = db.prepare_cached("SELECT * FROM question WHERE key = ?")?;
    let mut rows = statement.query([key])?;
    let row = rows.next()?.ok_or_else(|| Fault::damage(format!("question {key} is missing")))?;
    opened(QUESTIONS.open(row)?.1, db)
}

/// The question in a row.
pub(super) fn opened([_, _, _, body]: [ValueRef<'_>; 4], texts: &dyn Texts) -> Maybe<Question> {
    Column::of(body)?.read(texts)
}

/// The key of a run, which is given one where it has none.
pub(super) fn keep_run(db: &Connection, run: &RunId) -> Maybe<i64> {
    if let Some(key) = find_run(db, run)? {
        return Ok(key);
    }
    let key = RUNS.next_key(db)?;
    RUNS.insert(db, key, [run.as_str().into(), ValueRef::Null])?;
    Ok(key)
}

pub(super) fn find_run(db: &Connection, run: &RunId) -> Maybe<Option<i64>> {
    let mut statement = db.prepare_cached("SELECT key FROM run WHERE id = ?")?;
    Ok(statement.query_row([run.as_str()], |row| row.get(0)).optional()?)
}

/// The name of the run with a key.
pub(super) fn run_named(db: &Connection, key: i64) -> Maybe<RunId> {
    let mut statement = db.prepare_cached("SELECT * FROM run WHERE key = ?")?;
    let mut rows = statement.query([key])?;
    let row = rows.next()?.ok_or_else(|| Fault::damage(format!("run {key} is missing")))?;
    Ok(RunId::new(RUNS.open(row)?.1[0].as_str()?))
}

/// The manifest of a run as it is stored.
pub(super) fn manifest(db: &Connection, run: &RunId) -> Maybe<Option<Column>> {
    let mut statement = db.prepare_cached("SELECT * FROM run WHERE id = ?")?;
    let mut rows = statement.query([run.as_str()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Column::of_option(RUNS.open(row)?.1[1])
}
