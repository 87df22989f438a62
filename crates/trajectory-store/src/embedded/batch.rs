//! Entries that are written together, inside a transaction of SQLite.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;

use offseeker_trajectory::{Grade, Node, NodeId, RunId, Trajectory, TrajectoryId};
use rusqlite::Connection;

use super::attempt::{AttemptRow, End, sortable};
use super::fault::Maybe;
use super::node::{self, PackedNode};
use super::piece::Piece;
use super::question::{self, PackedQuestion};
use super::reading;
use super::step::Step;
use super::table::{ATTEMPTS, RUNS};
use super::{grade, work};
use crate::StoreError;

/// The key of an attempt is half of that of its messages.
const MOST_ATTEMPTS: i64 = i32::MAX as i64;

/// Writes all steps, or says why not; the transaction is then to be rolled back.
pub(super) fn write(db: &Connection, steps: &[Step]) -> Maybe<()> {
    let mut batch = Batch { db, attempts: HashMap::new() };
    for step in steps {
        batch.put(step).map_err(|fault| fault.within(|| whose(step)))?;
    }
    batch.finish()
}

fn whose(step: &Step) -> String {
    match step {
        Step::Node { attempt, place, .. } => format!("message {place} of attempt {attempt}"),
        Step::Run { run, .. } => format!("run {run}"),
        other => other.attempt().map_or_else(String::new, |attempt| format!("attempt {attempt}")),
    }
}

struct Batch<'c> {
    db: &'c Connection,
    /// The rows of the attempts that are written: as they are in the table, and as they will be.
    attempts: HashMap<TrajectoryId, (AttemptRow, AttemptRow)>,
}

impl Batch<'_> {
    fn put(&mut self, step: &Step) -> Maybe<()> {
        match step {
            Step::Run { run, manifest } => self.run(run, manifest),
            Step::Begin { beginning, question, header } => self.begin(beginning, question, header),
            Step::Node { attempt, place, node, packed } => self.node(attempt, *place, node, packed),
            Step::End { attempt, end, packed } => self.end(attempt, end, packed),
            Step::Reopen { attempt } => self.reopen(attempt),
            Step::Grade { attempt, grade, packed } => self.grade(attempt, grade, packed),
        }
    }

    fn finish(self) -> Maybe<()> {
        for (before, mut after) in self.attempts.into_values() {
            if before.revision != after.revision {
                after.revision = before.revision;
                after.update(self.db, &before)?;
            }
        }
        Ok(())
    }

    fn run(&self, run: &RunId, manifest: &Piece) -> Maybe<()> {
        let key = question::keep_run(self.db, run)?;
        let manifest = manifest.keep(self.db)?;
        if question::manifest(self.db, run)?.as_ref() == Some(&manifest) {
            return Ok(());
        }
        RUNS.replace(self.db, key, [run.as_str().into(), manifest.value()])
    }

    fn begin(&mut self, beginning: &Trajectory, question: &PackedQuestion, header: &Piece) -> Maybe<()> {
        let db = self.db;
        if let Some(row) = self.known(&beginning.id)? {
            let known = reading::beginning(db, row)?;
            let same = known == *beginning;
            return if same { Ok(()) } else { Err(StoreError::conflict(&beginning.id, "beginning").into()) };
        }
        let key = ATTEMPTS.next_key(self.db)?;
        if key > MOST_ATTEMPTS {
            return Err(StoreError::invalid("the store is full of attempts; begin another one").into());
        }
        let row = AttemptRow {
            key,
            id: beginning.id.clone(),
            run: beginning.run.as_ref().map(|run| question::keep_run(self.db, run)).transpose()?,
            question: question.keep(self.db)?,
            number: beginning.attempt,
            model: beginning.model.clone(),
            header: header.keep(self.db)?,
            begun: None,
            stop: None,
            end: None,
            nodes: 0,
            grades: 0,
            revision: 0,
        };
        row.insert(self.db)?;
        work::note(self.db, &row.id, true, false)?;
        self.attempts.insert(row.id.clone(), (row.clone(), row));
        Ok(())
    }

    fn node(&mut self, id: &TrajectoryId, place: NodeId, node: &Node, packed: &PackedNode) -> Maybe<()> {
        let db = self.db;
        let row = self.attempt(id)?;
        let key = node::key_of(row.key, place);
        match node::find(db, key)? {
            Some(known) if known == *node => return Ok(()),
            Some(_) => return Err(StoreError::conflict(id, format!("message {place}")).into()),
            None if row.stop.is_some() => return Err(StoreError::conflict(id, "end").into()),
            None => {}
        }
        if let Err(source) = Trajectory::check_node(place, node) {
            return Err(StoreError::Unfit { attempt: id.clone(), place, source }.into());
        }
        packed.keep(db, key)?;
        row.nodes += 1;
        row.revision += 1;
        if place.index() == 0 {
            row.begun = node.at.map(|at| sortable(at.clock_ms));
        }
        Ok(())
    }

    fn end(&mut self, id: &TrajectoryId, end: &End, packed: &Piece) -> Maybe<()> {
        let db = self.db;
        let row = self.attempt(id)?;
        match row.ended(db)? {
            Some(known) if known == *end => return Ok(()),
            Some(_) => return Err(StoreError::conflict(id, "end").into()),
            None => {}
        }
        row.end = Some(packed.keep(db)?);
        row.stop = Some(end.0.kind().to_owned());
        row.revision += 1;
        work::note(db, id, true, true)
    }

    fn reopen(&mut self, id: &TrajectoryId) -> Maybe<()> {
        let db = self.db;
        let row = self.attempt(id)?;
        let Some((stop, _)) = row.ended(db)? else { return Ok(()) };
        if !stop.is_infrastructure() {
            let reason = format!("an attempt that ended as {} is not made again", stop.kind());
            return Err(StoreError::invalid(reason).into());
        }
        (row.end, row.stop) = (None, None);
        row.revision += 1;
        work::note(db, id, true, false)
    }

    fn grade(&mut self, id: &TrajectoryId, grade: &Grade, packed: &Piece) -> Maybe<()> {
        let db = self.db;
        let row = self.attempt(id)?;
        if grade::keep(db, row.key, grade, packed)? {
            row.grades += 1;
            row.revision += 1;
        }
        Ok(())
    }

    /// The row of an attempt that has begun.
    fn attempt(&mut self, id: &TrajectoryId) -> Maybe<&mut AttemptRow> {
        let missing = || StoreError::NotFound { attempt: id.clone() }.into();
        self.known(id)?.ok_or_else(missing)
    }

    /// The row of an attempt, where it has begun.
    fn known(&mut self, id: &TrajectoryId) -> Maybe<Option<&mut AttemptRow>> {
        match self.attempts.entry(id.clone()) {
            Slot::Occupied(slot) => Ok(Some(&mut slot.into_mut().1)),
            Slot::Vacant(slot) => {
                let Some(row) = AttemptRow::find(self.db, id)? else { return Ok(None) };
                Ok(Some(&mut slot.insert((row.clone(), row)).1))
            }
        }
    }
}
