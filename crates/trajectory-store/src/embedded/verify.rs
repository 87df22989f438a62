//! Checks that everything in a file is what was written.

use std::path::Path;
use std::time::Duration;

use offseeker_trajectory::TrajectoryId;
use rusqlite::Connection;

use super::fault::{Fault, Maybe};
use super::table::{GRADES, PLANNED, QUESTIONS, RUNS, TEXTS, Table, WORK};
use super::{opening, reading, text};
use crate::StoreError;

/// How long it is waited for a process that opens the same file.
const PATIENCE: Duration = Duration::from_secs(30);

/// Complaints of SQLite that are given back.
const COMPLAINTS: usize = 100;

/// What was found when a store was checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// Attempts that are whole.
    pub attempts: u64,
    /// Their messages.
    pub messages: u64,
    /// Texts that are whole, each of which is stored once.
    pub texts: u64,
    /// What is damaged.
    pub faults: Vec<Flaw>,
}

/// Something that is damaged or lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The attempt, where that is known.
    pub attempt: Option<TrajectoryId>,
    /// What it is, and how much of it there still is.
    pub what: String,
}

impl Verified {
    /// Whether nothing is damaged.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.faults.is_empty()
    }

    fn note(&mut self, attempt: Option<&TrajectoryId>, fault: &Fault) {
        self.faults.push(Flaw { attempt: attempt.cloned(), what: fault.reason() });
    }
}

/// Checks the store in a file, and tells after each attempt how far it is.
pub(super) fn verify(path: &Path, mut tell: impl FnMut(&Verified)) -> Result<Verified, StoreError> {
    let path = opening::place(path)?;
    let failed = |fault: Fault| fault.at(&path);
    opening::check_before(&path)?;
    let db = opening::to_read(&path, PATIENCE).map_err(failed)?;
    opening::check(&db, &path).map_err(failed)?;
    let mut verified = Verified::default();
    if let Err(fault) = pages(&db, &mut verified) {
        verified.note(None, &fault);
    }
    rows(&db, &RUNS, &mut verified);
    rows(&db, &QUESTIONS, &mut verified);
    rows(&db, &GRADES, &mut verified);
    rows(&db, &PLANNED, &mut verified);
    rows(&db, &WORK, &mut verified);
    if let Err(fault) = texts(&db, &mut verified) {
        verified.note(None, &fault);
    }
    if let Err(fault) = attempts(&db, &mut verified, &mut tell) {
        verified.note(None, &fault);
    }
    Ok(verified)
}

/// What SQLite says of its pages and indexes.
fn pages(db: &Connection, verified: &mut Verified) -> Maybe<()> {
    let mut statement = db.prepare(&format!("PRAGMA integrity_check({COMPLAINTS})"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let what: String = row.get(0)?;
        if what != "ok" {
            verified.faults.push(Flaw { attempt: None, what });
        }
    }
    Ok(())
}

/// Whether each row of a table is what was written.
fn rows<const N: usize>(db: &Connection, table: &Table<N>, verified: &mut Verified) {
    let check = |verified: &mut Verified| {
        let mut statement = db.prepare(&format!("SELECT * FROM {} NOT INDEXED", table.name))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if let Err(fault) = table.open(row) {
                verified.note(None, &fault);
            }
        }
        Ok(())
    };
    if let Err(fault) = check(verified) {
        verified.note(None, &fault);
    }
}

/// Whether each text is the one that its hash names.
fn texts(db: &Connection, verified: &mut Verified) -> Maybe<()> {
    let mut statement = db.prepare("SELECT * FROM text NOT INDEXED")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        match TEXTS.open(row).and_then(|(key, values)| text::opened(key, values)) {
            Ok(_) => verified.texts += 1,
            Err(fault) => verified.note(None, &fault),
        }
    }
    Ok(())
}

/// Whether each attempt can be read.
fn attempts(db: &Connection, verified: &mut Verified, tell: &mut impl FnMut(&Verified)) -> Maybe<()> {
    let mut statement = db.prepare("SELECT id FROM attempt NOT INDEXED")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id = TrajectoryId::new(row.get::<_, String>(0)?);
        match reading::read(db, std::slice::from_ref(&id)) {
            Ok(found) => {
                let messages = found.iter().map(|found| found.trajectory.nodes().len() + found.ahead.len());
                verified.messages += messages.sum::<usize>() as u64;
                verified.attempts += 1;
            }
            Err(fault) => verified.note(Some(&id), &fault),
        }
        tell(verified);
    }
    Ok(())
}
