//! The grades of attempts as rows.

use offseeker_trajectory::Grade;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension};

use super::fault::Maybe;
use super::piece::{Column, Piece};
use super::table::GRADES;
use super::text::Texts;

/// Puts a grade in the place of an earlier one by the same grader, and says whether there was none.
pub(super) fn keep(db: &Connection, attempt: i64, grade: &Grade, packed: &Piece) -> Maybe<bool> {
    let mut statement = db.prepare_cached("SELECT key, revision FROM grade WHERE attempt = ? AND grader = ?")?;
    let known = statement.query_row((attempt, &grade.grader), |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)));
    let known = known.optional()?;
    let is_new = known.is_none();
    let (key, revision) = match known {
        Some(known) => known,
        None => (GRADES.next_key(db)?, 0),
    };
    let body = packed.keep(db)?;
    let values = [
        ValueRef::Integer(attempt),
        grade.grader.as_str().into(),
        grade.outcome.kind().into(),
        // Minus nought is nought.
        grade.value.map_or(ValueRef::Null, |value| ValueRef::Real(value + 0.0)),
        body.value(),
        ValueRef::Integer(revision + 1),
    ];
    if is_new {
        GRADES.insert(db, key, values)?;
    } else {
        GRADES.replace(db, key, values)?;
    }
    Ok(is_new)
}

/// The grades of an attempt, in the order in which their graders came.
pub(super) fn of_attempt(db: &Connection, attempt: i64) -> Maybe<Vec<Grade>> {
    let mut statement = db.prepare_cached("SELECT * FROM grade WHERE attempt = ? ORDER BY key")?;
    let mut rows = statement.query([attempt])?;
    let mut grades = Vec::new();
    while let Some(row) = rows.next()? {
        grades.push(opened(GRADES.open(row)?.1, db)?);
    }
    Ok(grades)
}

/// The grade in a row.
pub(super) fn opened([_, _, _, _, body, _]: [ValueRef<'_>; 6], texts: &dyn Texts) -> Maybe<Grade> {
    Column::of(body)?.read(texts)
}
