//! The row of an attempt: what it began with, whether it has ended, and how much belongs to it.

use offseeker_trajectory::{Metadata, Question, RunId, StopReason, ToolSpec, Trajectory, TrajectoryId};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde::{Deserialize, Serialize};

use super::fault::{Fault, Maybe};
use super::piece::Column;
use super::table::{ATTEMPTS, integer};
use super::text::Texts;

/// The row of an attempt.
#[derive(Debug, Clone)]
pub(super) struct AttemptRow {
    pub(super) key: i64,
    pub(super) id: TrajectoryId,
    pub(super) run: Option<i64>,
    pub(super) question: i64,
    pub(super) number: u32,
    pub(super) model: Option<String>,
    pub(super) header: Column,
    /// When the first message was written, as [`sortable`] has it.
    pub(super) begun: Option<i64>,
    /// Why it ended, as `StopReason::kind` spells it.
    pub(super) stop: Option<String>,
    pub(super) end: Option<Column>,
    /// How many messages there are.
    pub(super) nodes: i64,
    /// How many grades there are.
    pub(super) grades: i64,
    /// How often the row was written.
    pub(super) revision: i64,
}

/// What an attempt begins with and its row does not say.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Header {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tools: Vec<ToolSpec>,
    #[serde(skip_serializing_if = "Metadata::is_empty")]
    pub(super) metadata: Metadata,
}

/// An end: why, and the answer.
pub(super) type End = (StopReason, Option<String>);

impl AttemptRow {
    pub(super) fn find(db: &Connection, id: &TrajectoryId) -> Maybe<Option<Self>> {
        let mut statement = db.prepare_cached("SELECT * FROM attempt WHERE id = ?")?;
        let mut rows = statement.query([id.as_str()])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let (key, values) = ATTEMPTS.open(row)?;
        Self::of(key, values).map(Some)
    }

    pub(super) fn of(key: i64, values: [ValueRef<'_>; 12]) -> Maybe<Self> {
        let [id, run, question, number, model, header, begun, stop, end, nodes, grades, revision] = values;
        let owned = |value: ValueRef<'_>| Ok::<_, Fault>(value.as_str_or_null()?.map(str::to_owned));
        Ok(Self {
            key,
            id: TrajectoryId::new(id.as_str()?),
            run: run.as_i64_or_null()?,
            question: question.as_i64()?,
            number: u32::try_from(number.as_i64()?).map_err(|_| Fault::damage("an attempt has no number"))?,
            model: owned(model)?,
            header: Column::of(header)?,
            begun: begun.as_i64_or_null()?,
            stop: owned(stop)?,
            end: Column::of_option(end)?,
            nodes: nodes.as_i64()?,
            grades: grades.as_i64()?,
            revision: revision.as_i64()?,
        })
    }

    fn values(&self) -> [ValueRef<'_>; 12] {
        [
            self.id.as_str().into(),
            integer(self.run),
            ValueRef::Integer(self.question),
            ValueRef::Integer(i64::from(self.number)),
            self.model.as_deref().into(),
            self.header.value(),
            integer(self.begun),
            self.stop.as_deref().into(),
            self.end.as_ref().map_or(ValueRef::Null, Column::value),
            ValueRef::Integer(self.nodes),
            ValueRef::Integer(self.grades),
            ValueRef::Integer(self.revision),
        ]
    }

    /// Inserts the row.
    pub(super) fn insert(&self, db: &Connection) -> Maybe<()> {
        ATTEMPTS.insert(db, self.key, self.values())
    }

    /// Writes what has changed, and leaves alone the indexes that have not.
    pub(super) fn update(&mut self, db: &Connection, before: &Self) -> Maybe<()> {
        self.revision += 1;
        let seal = ATTEMPTS.seal(self.key, &self.values());
        if self.begun != before.begun {
            db.prepare_cached("UPDATE attempt SET begun = ? WHERE key = ?")?.execute((self.begun, self.key))?;
        }
        if (&self.stop, &self.end) != (&before.stop, &before.end) {
            let end = self.end.as_ref().map_or(ValueRef::Null, Column::value);
            let values = (self.stop.as_deref(), rusqlite::types::ToSqlOutput::Borrowed(end), self.key);
            db.prepare_cached("UPDATE attempt SET stop = ?, \"end\" = ? WHERE key = ?")?.execute(values)?;
        }
        let counts = (self.nodes, self.grades, self.revision, seal, self.key);
        db.prepare_cached("UPDATE attempt SET nodes = ?, grades = ?, revision = ?, seal = ? WHERE key = ?")?
            .execute(counts)?;
        Ok(())
    }

    /// The attempt as it began.
    pub(super) fn beginning(&self, run: Option<RunId>, question: Question, texts: &dyn Texts) -> Maybe<Trajectory> {
        let header: Header = self.header.read(texts)?;
        let mut beginning = Trajectory::new(question, self.number);
        beginning.id = self.id.clone();
        beginning.run = run;
        beginning.model.clone_from(&self.model);
        beginning.tools = header.tools;
        beginning.metadata = header.metadata;
        Ok(beginning)
    }

    pub(super) fn ended(&self, texts: &dyn Texts) -> Maybe<Option<End>> {
        self.end.as_ref().map(|end| end.read(texts)).transpose()
    }
}

/// A number without a sign as one with a sign that sorts in the same way.
pub(super) fn sortable(number: u64) -> i64 {
    (number ^ 1 << 63).cast_signed()
}
