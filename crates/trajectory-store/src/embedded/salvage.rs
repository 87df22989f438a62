//! Saves what is whole in a damaged file, from its pages alone.
//!
//! Nothing that SQLite needs to find its way is relied on: neither the header, nor the pages inside the trees, nor the
//! indexes. Every page is looked at, and every row on it that carries the right seal is one that was written.

mod collected;
mod pages;
mod record;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use offseeker_trajectory::{NodeId, Question, RunId, Trajectory, TrajectoryId};
use rusqlite::{Connection, TransactionBehavior};

use super::attempt::AttemptRow;
use super::fault::{Fault, Maybe};
use super::options::Durability;
use super::queue::{self, Plan};
use super::step::Step;
use super::verify::Flaw;
use super::work::WorkRow;
use super::{batch, opening};
use crate::{Entry, Manifest, StoreError};
use collected::Collected;
use pages::Pages;

/// Attempts that are written into the new store in one transaction.
const TOGETHER: usize = 100;

/// What was saved from a damaged store, and what was not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Salvage {
    /// Runs with their manifests.
    pub runs: u64,
    /// Attempts that were saved, some of them not as a whole.
    pub attempts: u64,
    /// Messages that were saved.
    pub messages: u64,
    /// Grades that were saved.
    pub grades: u64,
    /// Planned attempts that were saved.
    pub planned: u64,
    /// What was lost.
    pub lost: Vec<Flaw>,
}

impl Salvage {
    fn lose(&mut self, attempt: Option<&TrajectoryId>, what: impl Into<String>) {
        self.lost.push(Flaw { attempt: attempt.cloned(), what: what.into() });
    }
}

/// Saves what is whole in one file into another one, which must not be there yet.
pub(super) fn recover(from: &Path, into: &Path) -> Result<Salvage, StoreError> {
    let (from, into) = (opening::place(from)?, opening::place(into)?);
    if into.exists() {
        return Err(StoreError::invalid(format!(
            "{} is there already; what is saved needs a new file",
            into.display()
        )));
    }
    let pages = Pages::open(&from).map_err(|error| opening::io_error(&from, &error))?;
    let found = Collected::from(pages).map_err(|error| opening::io_error(&from, &error))?;
    // The new file gets its name when everything is in it.
    let draft = beside(&into, ".part");
    remove(&draft)?;
    let salvage = {
        let mut db = opening::to_write(&draft, Durability::Normal, Duration::from_secs(30))?;
        let salvage = Saving { found: &found, salvage: Salvage::default() }.save(&mut db);
        let salvage = salvage.map_err(|fault| fault.at(&draft))?;
        close(db).map_err(|fault| fault.at(&draft))?;
        salvage
    };
    publish(&draft, &into).map_err(|error| opening::io_error(&into, &error))?;
    Ok(salvage)
}

/// Closes the new store with everything in its one file.
fn close(db: Connection) -> Maybe<()> {
    let mode: String = db.pragma_update_and_check(None, "journal_mode", "delete", |row| row.get(0))?;
    if mode != "delete" {
        return Err(Fault::damage(format!("its log cannot be put away: SQLite stays at `{mode}`")));
    }
    db.close().map_err(|(_, error)| Fault::Sql(error))
}

fn publish(draft: &Path, into: &Path) -> io::Result<()> {
    fs::File::open(draft)?.sync_all()?;
    fs::rename(draft, into)?;
    into.parent().map_or(Ok(()), offseeker_durable::sync_folder)
}

fn beside(path: &Path, end: &str) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

fn remove(draft: &Path) -> Result<(), StoreError> {
    for end in ["", "-wal", "-shm"] {
        let file = beside(draft, end);
        match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(opening::io_error(&file, &error)),
            _ => {}
        }
    }
    Ok(())
}

struct Saving<'a> {
    found: &'a Collected,
    salvage: Salvage,
}

impl Saving<'_> {
    fn save(mut self, db: &mut Connection) -> Maybe<Salvage> {
        self.save_runs(db)?;
        let attempts: Vec<&AttemptRow> = self.found.attempts.values().collect();
        for some in attempts.chunks(TOGETHER) {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for row in some {
                self.save_attempt(&transaction, row)?;
            }
            transaction.commit()?;
        }
        self.save_work(db)?;
        self.name_the_lost();
        Ok(self.salvage)
    }

    fn save_runs(&mut self, db: &mut Connection) -> Maybe<()> {
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for (run, manifest) in self.found.runs.values() {
            let Some(manifest) = manifest else { continue };
            match manifest.read::<Manifest>(self.found) {
                Ok(manifest) => {
                    write(&transaction, vec![Entry::Run(Box::new(manifest))])?;
                    self.salvage.runs += 1;
                }
                Err(fault) => self.salvage.lose(None, format!("the manifest of run {run}: {}", fault.reason())),
            }
        }
        transaction.commit()?;
        Ok(())
    }

    fn save_attempt(&mut self, db: &Connection, row: &AttemptRow) -> Maybe<()> {
        let id = &row.id;
        let beginning = match self.beginning(row) {
            Ok(beginning) => beginning,
            Err(fault) => {
                let what = format!("its beginning, and with it {} messages: {}", row.nodes, fault.reason());
                self.salvage.lose(Some(id), what);
                return Ok(());
            }
        };
        let (mut entries, is_whole) = self.messages(row);
        self.salvage.messages += entries.len() as u64;
        entries.insert(0, Entry::Begin(Box::new(beginning)));
        if is_whole {
            match row.ended(self.found) {
                Ok(Some((stop, answer))) => entries.push(Entry::End { attempt: id.clone(), stop, answer }),
                Ok(None) => {}
                Err(fault) => self.salvage.lose(Some(id), format!("its end: {}", fault.reason())),
            }
            entries.extend(self.grades(row));
        }
        self.salvage.attempts += 1;
        write(db, entries)
    }

    fn beginning(&self, row: &AttemptRow) -> Maybe<Trajectory> {
        let run = row.run.map(|key| self.run(key)).transpose()?;
        row.beginning(run, self.question(row.question)?, self.found)
    }

    fn run(&self, key: i64) -> Maybe<RunId> {
        let run = self.found.runs.get(&key).map(|(run, _)| run.clone());
        run.ok_or_else(|| Fault::damage(format!("the name of run {key} is lost")))
    }

    fn question(&self, key: i64) -> Maybe<Question> {
        let body = self.found.questions.get(&key);
        body.ok_or_else(|| Fault::damage(format!("question {key} is lost")))?.read(self.found)
    }

    /// The messages of an attempt, and whether they are all of them. Where one is lost, they are those before it.
    fn messages(&mut self, row: &AttemptRow) -> (Vec<Entry>, bool) {
        let mut entries = Vec::new();
        let mut broken = None;
        for (place, node) in self.found.nodes_of(row.key) {
            match node {
                Ok(node) => entries.push((place, node)),
                Err(fault) => {
                    broken.get_or_insert((place, fault.reason()));
                }
            }
        }
        let is_whole = broken.is_none() && i64::try_from(entries.len()) == Ok(row.nodes);
        if !is_whole {
            let unbroken = (0..).zip(&entries).take_while(|(at, (place, _))| *place == NodeId::new(*at)).count();
            entries.truncate(unbroken);
            let why = broken.map_or_else(String::new, |(place, why)| format!("; message {place}: {why}"));
            let what = format!("all but the first {unbroken} of {} messages, its end and its grades{why}", row.nodes);
            self.salvage.lose(Some(&row.id), what);
        }
        let entry = |(place, node)| Entry::Node { attempt: row.id.clone(), place, node: Box::new(node) };
        (entries.into_iter().map(entry).collect(), is_whole)
    }

    fn grades(&mut self, row: &AttemptRow) -> Vec<Entry> {
        let mut entries = Vec::new();
        for body in self.found.grades_of(row.key) {
            if let Ok(grade) = body.read(self.found) {
                entries.push(Entry::Grade { attempt: row.id.clone(), grade: Box::new(grade) });
            }
        }
        self.salvage.grades += entries.len() as u64;
        if i64::try_from(entries.len()) != Ok(row.grades) {
            self.salvage.lose(Some(&row.id), format!("all but {} of {} grades", entries.len(), row.grades));
        }
        entries
    }

    /// Plans again what was planned, in its order.
    fn save_work(&mut self, db: &mut Connection) -> Maybe<()> {
        let mut plans: BTreeMap<(i64, i64), Vec<&WorkRow>> = BTreeMap::new();
        for row in self.found.work.values() {
            plans.entry((row.run, row.place)).or_default().push(row);
        }
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for ((run, place), mut rows) in plans {
            rows.sort_by_key(|row| row.number);
            match self.run(run) {
                Ok(run) => self.save_plan(&transaction, &run, &rows)?,
                Err(fault) => {
                    self.salvage.lose(None, format!("what was planned at place {place}: {}", fault.reason()));
                }
            }
        }
        transaction.commit()?;
        Ok(())
    }

    fn save_plan(&mut self, db: &Connection, run: &RunId, rows: &[&WorkRow]) -> Maybe<()> {
        for row in rows {
            let question = match self.question(row.question) {
                Ok(question) => question,
                Err(fault) => {
                    let what = format!("that it was planned: {}", fault.reason());
                    self.salvage.lose(Some(&row.id), what);
                    continue;
                }
            };
            self.salvage.planned += queue::plan(db, run, &[Plan::of(&question)?], row.number + 1)?;
            // A claim that was made before is refused after.
            if let Some(mut planned) = WorkRow::find(db, &row.id)? {
                planned.fence = row.fence;
                planned.update(db)?;
            }
        }
        Ok(())
    }

    /// Says which attempts are lost altogether.
    fn name_the_lost(&mut self) {
        let found = self.found;
        let known: BTreeSet<&TrajectoryId> = found.attempts.values().map(|row| &row.id).collect();
        let mut named = 0;
        for row in found.work.values().filter(|row| row.begun && !known.contains(&row.id)) {
            self.salvage.lose(Some(&row.id), "all of it: its beginning is lost");
            named += 1;
        }
        let last = found.attempts.keys().next_back().copied().unwrap_or(0).max(found.last_with_messages());
        let lost = usize::try_from(last).unwrap_or(0).saturating_sub(found.attempts.len()).saturating_sub(named);
        if lost > 0 {
            self.salvage.lose(None, format!("{lost} attempts whose beginnings, and so whose names, are lost"));
        }
    }
}

fn write(db: &Connection, entries: Vec<Entry>) -> Maybe<()> {
    let steps = entries.into_iter().map(Step::of).collect::<Result<Vec<_>, _>>()?;
    batch::write(db, &steps)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
