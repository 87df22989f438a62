//! What is planned, and handing it out, inside a transaction of SQLite.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use offseeker_trajectory::{Question, RunId, Trajectory, TrajectoryId};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension};

use super::attempt::AttemptRow;
use super::fault::Maybe;
use super::question::{self, PackedQuestion};
use super::table::{PLANNED, WORK};
use super::work::{Held, WorkRow};
use super::workers::Workers;
use crate::work::check_same;
use crate::{Claim, Progress, StoreError, Worker};

/// A question that is ready to be planned.
#[derive(Debug)]
pub(super) struct Plan {
    question: Question,
    packed: PackedQuestion,
}

impl Plan {
    pub(super) fn of(question: &Question) -> Result<Self, StoreError> {
        Ok(Self { question: question.clone(), packed: PackedQuestion::of(question)? })
    }
}

/// Plans so many attempts at each question, and says how many of them are new.
pub(super) fn plan(db: &Connection, run: &RunId, plans: &[Plan], attempts: u32) -> Maybe<u64> {
    let run_key = question::keep_run(db, run)?;
    let mut new = 0;
    for Plan { question, packed } in plans {
        let (key, place, known) = planned(db, run_key, question)?;
        if known > 0 {
            check_known(db, run, question, packed)?;
        }
        if known >= attempts {
            continue;
        }
        let question_key = packed.keep(db)?;
        for number in known..attempts {
            let id = Trajectory::id_in_run(run, &question.id, number);
            insert(db, run_key, place, question_key, number, id)?;
            new += 1;
        }
        PLANNED.replace(db, key, planned_values(run_key, question, place, attempts))?;
    }
    Ok(new)
}

/// Whether a question that is planned is the one that was planned under its id.
fn check_known(db: &Connection, run: &RunId, question: &Question, packed: &PackedQuestion) -> Maybe<()> {
    let first = Trajectory::id_in_run(run, &question.id, 0);
    let mut statement = db.prepare_cached("SELECT question FROM work WHERE id = ?")?;
    let known: Option<i64> = statement.query_row([first.as_str()], |row| row.get(0)).optional()?;
    match known {
        Some(key) if packed.find(db)? != Some(key) => Ok(check_same(&question::find(db, key)?, question)?),
        _ => Ok(()),
    }
}

/// The key and the place of a question in a run, and how many attempts at it are planned.
fn planned(db: &Connection, run: i64, question: &Question) -> Maybe<(i64, i64, u32)> {
    let mut statement = db.prepare_cached("SELECT key, place, attempts FROM planned WHERE run = ? AND question = ?")?;
    let known = statement.query_row((run, question.id.as_str()), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    if let Some(known) = known.optional()? {
        return Ok(known);
    }
    let mut last = db.prepare_cached("SELECT max(place) FROM planned WHERE run = ?")?;
    let place = last.query_row([run], |row| row.get::<_, Option<i64>>(0))?.map_or(0, |last| last + 1);
    let key = PLANNED.next_key(db)?;
    PLANNED.insert(db, key, planned_values(run, question, place, 0))?;
    Ok((key, place, 0))
}

fn planned_values(run: i64, question: &Question, place: i64, attempts: u32) -> [ValueRef<'_>; 4] {
    let (run, place) = (ValueRef::Integer(run), ValueRef::Integer(place));
    [run, question.id.as_str().into(), place, ValueRef::Integer(i64::from(attempts))]
}

fn insert(db: &Connection, run: i64, place: i64, question: i64, number: u32, id: TrajectoryId) -> Maybe<()> {
    let attempt = AttemptRow::find(db, &id)?;
    let (begun, ended) = (attempt.is_some(), attempt.is_some_and(|row| row.stop.is_some()));
    let key = WORK.next_key(db)?;
    WorkRow { key, run, place, number, question, id, fence: 0, held: None, begun, ended }.insert(db)
}

/// Claims up to so many open attempts that nobody holds.
pub(super) fn claim(
    db: &Connection,
    run: &RunId,
    worker: &Worker,
    most: usize,
    workers: &Workers,
) -> Maybe<Vec<Claim>> {
    let Some(run_key) = question::find_run(db, run)? else { return Ok(Vec::new()) };
    let mut found = lapsed(db, run_key, workers)?;
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let unheld = "SELECT * FROM work INDEXED BY work_free WHERE run = ? AND worker IS NULL AND ended = 0 \
                  ORDER BY number, place LIMIT ?";
    found.extend(WorkRow::select(db, unheld, (run_key, limit))?);
    found.sort_by_key(|row| (row.number, row.place));
    found.truncate(most);
    let until = until(worker.lease);
    let take = |mut row: WorkRow| {
        row.fence += 1;
        let process = workers.own().to_owned();
        row.held = Some(Held { worker: worker.name.clone(), process, until });
        row.update(db)?;
        Ok(Claim {
            run: run.clone(),
            question: question::find(db, row.question)?,
            attempt: row.number,
            worker: worker.clone(),
            fence: u64::try_from(row.fence).unwrap_or_default(),
        })
    };
    found.into_iter().map(take).collect()
}

/// The attempts that are held by a worker that did not renew its claim. Those of the dead are given up for them.
fn lapsed(db: &Connection, run: i64, workers: &Workers) -> Maybe<Vec<WorkRow>> {
    let now = now();
    let mut lapsed = Vec::new();
    let mut last = String::new();
    while let Some(process) = process_after(db, run, &last)? {
        if workers.is_living(&process) {
            lapsed.extend(held_until(db, run, &process, now)?);
        } else {
            for row in held_until(db, run, &process, i64::MAX)? {
                WorkRow { held: None, ..row }.update(db)?;
            }
        }
        last = process;
    }
    Ok(lapsed)
}

/// The next one of the processes that hold something.
fn process_after(db: &Connection, run: i64, last: &str) -> Maybe<Option<String>> {
    let mut next = db.prepare_cached(
        "SELECT min(process) FROM work INDEXED BY work_held \
         WHERE run = ? AND worker IS NOT NULL AND ended = 0 AND process > ?",
    )?;
    Ok(next.query_row((run, last), |row| row.get(0))?)
}

/// What a process holds until then at the latest.
fn held_until(db: &Connection, run: i64, process: &str, until: i64) -> Maybe<Vec<WorkRow>> {
    let held = "SELECT * FROM work INDEXED BY work_held \
                WHERE run = ? AND worker IS NOT NULL AND ended = 0 AND process = ? AND until <= ?";
    WorkRow::select(db, held, (run, process, until))
}

/// Holds claims for another while, and gives back those that are lost.
pub(super) fn renew(db: &Connection, claims: &[Claim], workers: &Workers) -> Maybe<Vec<Claim>> {
    let mut lost = Vec::new();
    for claim in claims {
        match WorkRow::held_by(db, &claim.id(), claim)? {
            None => lost.push(claim.clone()),
            Some(mut row) => {
                let (worker, process) = (claim.worker.name.clone(), workers.own().to_owned());
                row.held = Some(Held { worker, process, until: until(claim.worker.lease) });
                row.update(db)?;
            }
        }
    }
    Ok(lost)
}

/// Gives up claims.
pub(super) fn release(db: &Connection, claims: &[Claim]) -> Maybe<()> {
    for claim in claims {
        if let Some(row) = WorkRow::held_by(db, &claim.id(), claim)? {
            WorkRow { held: None, ..row }.update(db)?;
        }
    }
    Ok(())
}

/// How far a run is.
pub(super) fn progress(db: &Connection, run: &RunId) -> Maybe<Progress> {
    let Some(run) = question::find_run(db, run)? else { return Ok(Progress::default()) };
    let mut statement = db.prepare_cached(
        "SELECT count(*), total(begun), total(ended) FROM work INDEXED BY work_by_state WHERE run = ?",
    )?;
    let counts = statement.query_row([run], |row| Ok([row.get::<_, f64>(0)?, row.get(1)?, row.get(2)?]))?;
    // Whole numbers far below 2^53.
    let [planned, begun, ended] = counts.map(|count| count as u64);
    Ok(Progress { planned, begun, ended })
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn until(lease: Duration) -> i64 {
    now().saturating_add(i64::try_from(lease.as_millis()).unwrap_or(i64::MAX))
}
