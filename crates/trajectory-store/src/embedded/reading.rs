//! Attempts, put together from their rows.

use std::collections::BTreeMap;

use offseeker_trajectory::{Node, NodeId, Trajectory, TrajectoryId};
use rusqlite::Connection;

use super::attempt::AttemptRow;
use super::fault::{Fault, Maybe};
use super::node::{self, key_of, parts_of};
use super::table::NODES;
use super::{grade, question};
use crate::{StoreError, Stored};

/// Reads attempts as they are at one moment.
pub(super) fn read(db: &Connection, ids: &[TrajectoryId]) -> Maybe<Vec<Stored>> {
    let transaction = db.unchecked_transaction()?;
    let read = |id| stored(&transaction, id).map_err(|fault: Fault| fault.within(|| format!("attempt {id}")));
    ids.iter().map(read).collect()
}

fn stored(db: &Connection, id: &TrajectoryId) -> Maybe<Stored> {
    let missing = || StoreError::NotFound { attempt: id.clone() };
    let row = AttemptRow::find(db, id)?.ok_or_else(missing)?;
    let nodes = nodes(db, &row)?;
    let grades = grade::of_attempt(db, row.key)?;
    if i64::try_from(nodes.len()) != Ok(row.nodes) || i64::try_from(grades.len()) != Ok(row.grades) {
        let (found, graded) = (nodes.len(), grades.len());
        let what = format!("{found} of {} messages and {graded} of {} grades are there", row.nodes, row.grades);
        return Err(Fault::Damage(what));
    }
    Ok(Stored::of(beginning(db, &row)?, nodes, row.ended(db)?, grades)?)
}

/// The attempt as it began.
pub(super) fn beginning(db: &Connection, row: &AttemptRow) -> Maybe<Trajectory> {
    let run = row.run.map(|key| question::run_named(db, key)).transpose()?;
    row.beginning(run, question::find(db, row.question)?, db)
}

fn nodes(db: &Connection, row: &AttemptRow) -> Maybe<BTreeMap<NodeId, Node>> {
    let mut statement = db.prepare_cached("SELECT * FROM node WHERE key BETWEEN ? AND ?")?;
    let mut rows = statement.query((key_of(row.key, NodeId::new(0)), key_of(row.key, NodeId::new(u32::MAX))))?;
    let mut nodes = BTreeMap::new();
    while let Some(found) = rows.next()? {
        let place = parts_of(found.get_ref(0)?.as_i64()?).1;
        let node = NODES.open(found).and_then(|(_, values)| node::opened(values, db));
        nodes.insert(place, node.map_err(|fault| fault.within(|| format!("message {place}")))?);
    }
    Ok(nodes)
}
