//! The rows of attempts that are planned, and of who holds them.

use offseeker_trajectory::TrajectoryId;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Params};

use super::fault::{Fault, Maybe};
use super::table::{WORK, integer};
use crate::Claim;

/// The row of an attempt that is planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WorkRow {
    pub(super) key: i64,
    pub(super) run: i64,
    /// The place of the question in the run.
    pub(super) place: i64,
    /// Which attempt at the question it is.
    pub(super) number: u32,
    pub(super) question: i64,
    pub(super) id: TrajectoryId,
    pub(super) fence: i64,
    pub(super) held: Option<Held>,
    pub(super) begun: bool,
    pub(super) ended: bool,
}

/// Who holds an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) worker: String,
    /// The file that is locked as long as the worker's process lives.
    pub(super) process: String,
    /// When the claim runs out, in milliseconds since 1970.
    pub(super) until: i64,
}

impl WorkRow {
    pub(super) fn of(key: i64, values: [ValueRef<'_>; 11]) -> Maybe<Self> {
        let [run, place, number, question, id, fence, worker, process, until, begun, ended] = values;
        let held = match (worker.as_str_or_null()?, process.as_str_or_null()?, until.as_i64_or_null()?) {
            (Some(worker), Some(process), Some(until)) => {
                Some(Held { worker: worker.to_owned(), process: process.to_owned(), until })
            }
            _ => None,
        };
        Ok(Self {
            key,
            run: run.as_i64()?,
            place: place.as_i64()?,
            number: u32::try_from(number.as_i64()?).map_err(|_| Fault::damage("a planned attempt has no number"))?,
            question: question.as_i64()?,
            id: TrajectoryId::new(id.as_str()?),
            fence: fence.as_i64()?,
            held,
            begun: begun.as_i64()? != 0,
            ended: ended.as_i64()? != 0,
        })
    }

    fn values(&self) -> [ValueRef<'_>; 11] {
        let held = self.held.as_ref();
        [
            ValueRef::Integer(self.run),
            ValueRef::Integer(self.place),
            ValueRef::Integer(i64::from(self.number)),
            ValueRef::Integer(self.question),
            self.id.as_str().into(),
            ValueRef::Integer(self.fence),
            held.map(|held| held.worker.as_str()).into(),
            held.map(|held| held.process.as_str()).into(),
            integer(held.map(|held| held.until)),
            ValueRef::Integer(self.begun.into()),
            ValueRef::Integer(self.ended.into()),
        ]
    }

    pub(super) fn insert(&self, db: &Connection) -> Maybe<()> {
        WORK.insert(db, self.key, self.values())
    }

    /// Writes what changes once an attempt is planned.
    pub(super) fn update(&self, db: &Connection) -> Maybe<()> {
        let held = self.held.as_ref();
        let (worker, process) = (held.map(|held| &held.worker), held.map(|held| &held.process));
        let until = held.map(|held| held.until);
        let seal = WORK.seal(self.key, &self.values());
        db.prepare_cached(
            "UPDATE work SET fence = ?, worker = ?, process = ?, until = ?, begun = ?, ended = ?, seal = ? WHERE key = ?",
        )?
        .execute((self.fence, worker, process, until, self.begun, self.ended, seal, self.key))?;
        Ok(())
    }

    /// All rows that a question to SQLite finds.
    pub(super) fn select(db: &Connection, question: &str, values: impl Params) -> Maybe<Vec<Self>> {
        let mut statement = db.prepare_cached(question)?;
        let mut rows = statement.query(values)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let (key, values) = WORK.open(row)?;
            found.push(Self::of(key, values)?);
        }
        Ok(found)
    }

    /// The planned attempt with a name, if there is one.
    pub(super) fn find(db: &Connection, id: &TrajectoryId) -> Maybe<Option<Self>> {
        Ok(Self::select(db, "SELECT * FROM work WHERE id = ?", [id.as_str()])?.pop())
    }

    /// The planned attempt that a claim on it still holds: nobody has claimed it since, and it was not released.
    pub(super) fn held_by(db: &Connection, id: &TrajectoryId, claim: &Claim) -> Maybe<Option<Self>> {
        let is = |row: &Self| {
            u64::try_from(row.fence) == Ok(claim.fence)
                && row.held.as_ref().is_some_and(|held| held.worker == claim.worker.name)
        };
        Ok(Self::find(db, id)?.filter(is))
    }
}

/// Notes at a planned attempt how far it is.
pub(super) fn note(db: &Connection, id: &TrajectoryId, begun: bool, ended: bool) -> Maybe<()> {
    match WorkRow::find(db, id)? {
        Some(row) if (row.begun, row.ended) != (begun, ended) => WorkRow { begun, ended, ..row }.update(db),
        _ => Ok(()),
    }
}
