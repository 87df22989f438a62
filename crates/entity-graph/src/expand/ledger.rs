//! What became of each item of a stage, in a file that only grows.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use offseeker_durable::{Log, LogError};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};

use super::{ExpandError, Tally};

/// The longest line, in bytes. A result that is longer is none.
pub(super) const LONGEST_LINE: usize = 16 << 20;

/// What became of each item of a stage, one JSON object a line.
///
/// A line counts when its end is on the disk. What a kill left of one is cut off when the ledger is opened, and the item
/// is pending again. Results stay in the file and are read from there.
#[derive(Debug)]
pub(super) struct Ledger<T> {
    log: Mutex<Log>,
    path: PathBuf,
    items: HashMap<String, Item>,
    holds: PhantomData<fn() -> T>,
}

/// What became of an item.
#[derive(Debug)]
enum Item {
    /// Earlier attempts could not be used, for these reasons.
    Pending(Vec<String>),
    /// Its result stands in a line of the file.
    Ok(Range<u64>),
    Failed(String),
    Skipped(String),
}

/// What is written about an item.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mark<T> {
    /// It has a result.
    Ok(T),
    /// An attempt could not be used.
    Tried { kind: String, reason: String },
    /// It has none, after so many attempts.
    Failed { kind: String, reason: String, attempts: usize },
    /// A rule passes it over.
    Skipped { rule: String },
}

#[derive(Serialize)]
struct Written<'a, T> {
    item: &'a str,
    mark: &'a Mark<T>,
}

#[derive(Deserialize)]
struct Entry<T> {
    item: String,
    mark: Mark<T>,
}

impl<T: Serialize + DeserializeOwned> Ledger<T> {
    /// Opens the ledger at a place, or begins one.
    pub(super) fn open(path: &Path) -> Result<Self, ExpandError> {
        let mut items = HashMap::new();
        let log = Log::open(path, LONGEST_LINE, |line| {
            let entry: Entry<IgnoredAny> = serde_json::from_slice(line.text).map_err(|error| error.to_string())?;
            note(&mut items, entry.item, entry.mark, line.place);
            Ok(())
        });
        let log = log.map_err(|error| match error {
            LogError::Io(error) => ExpandError::io(path, error),
            LogError::Damaged { line, reason } => ExpandError::Damaged { path: path.to_owned(), line, reason },
        })?;
        if log.cut() > 0 {
            let (ledger, bytes) = (path.display(), log.cut());
            tracing::warn!(%ledger, bytes, "the last line was not finished and is done again");
        }
        Ok(Self { log: Mutex::new(log), path: path.to_owned(), items, holds: PhantomData })
    }

    /// Why earlier attempts at an item could not be used; none where the item is pending no more.
    pub(super) fn pending(&self, item: &str) -> Option<Vec<String>> {
        match self.items.get(item) {
            None => Some(Vec::new()),
            Some(Item::Pending(tried)) => Some(tried.clone()),
            Some(_) => None,
        }
    }

    /// The result of an item; none where it has none.
    pub(super) fn get(&self, item: &str) -> Result<Option<T>, ExpandError> {
        let Some(Item::Ok(line)) = self.items.get(item) else { return Ok(None) };
        let bytes = self.log.lock().unwrap_or_else(PoisonError::into_inner).read(line.clone());
        let bytes = bytes.map_err(|error| ExpandError::io(&self.path, error))?;
        let entry: Entry<T> = serde_json::from_slice(&bytes).map_err(|error| {
            let reason = format!("the result of {item:?} cannot be read: {error}");
            ExpandError::Damaged { path: self.path.clone(), line: 0, reason }
        })?;
        match entry.mark {
            Mark::Ok(result) => Ok(Some(result)),
            _ => Ok(None),
        }
    }

    /// Writes something down about items, and gives back when it is on the disk.
    pub(super) fn append(&mut self, marks: Vec<(String, Mark<T>)>) -> Result<(), ExpandError> {
        let failed = |error: std::io::Error| ExpandError::io(&self.path, error);
        let mut lines = Vec::new();
        let mut ends = Vec::with_capacity(marks.len());
        for (item, mark) in &marks {
            serde_json::to_writer(&mut lines, &Written { item, mark }).map_err(|error| failed(error.into()))?;
            lines.push(b'\n');
            ends.push(lines.len() as u64);
        }
        let log = self.log.get_mut().unwrap_or_else(PoisonError::into_inner);
        let written = log.append(&lines).map_err(failed)?;
        let mut start = written.start;
        for ((item, mark), end) in marks.into_iter().zip(ends) {
            note(&mut self.items, item, mark, start..written.start + end);
            start = written.start + end;
        }
        Ok(())
    }

    /// Counts how these items ended.
    pub(super) fn tally<'a>(&self, items: impl Iterator<Item = &'a str>, tally: &mut Tally) {
        for item in items {
            tally.items += 1;
            match self.items.get(item) {
                Some(Item::Ok(_)) => tally.ok += 1,
                Some(Item::Failed(kind)) => *tally.failed.entry(kind.clone()).or_default() += 1,
                Some(Item::Skipped(rule)) => *tally.skipped.entry(rule.clone()).or_default() += 1,
                Some(Item::Pending(_)) | None => {}
            }
        }
    }
}

/// Takes in what a line says.
fn note<T>(items: &mut HashMap<String, Item>, item: String, mark: Mark<T>, line: Range<u64>) {
    let became = match mark {
        Mark::Ok(_) => Item::Ok(line),
        Mark::Failed { kind, .. } => Item::Failed(kind),
        Mark::Skipped { rule } => Item::Skipped(rule),
        Mark::Tried { reason, .. } => {
            if let Item::Pending(tried) = items.entry(item).or_insert(Item::Pending(Vec::new())) {
                tried.push(reason);
            }
            return;
        }
    };
    items.insert(item, became);
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use std::fs;

    use super::*;

    fn written() -> Vec<(String, Mark<String>)> {
        let tried = || Mark::Tried { kind: "u".to_owned(), reason: "no".to_owned() };
        let marks = [
            ("a", Mark::Ok("磨坊\n".to_owned())),
            ("b", tried()),
            ("b", tried()),
            ("c", Mark::Failed { kind: "refused".to_owned(), reason: "no".to_owned(), attempts: 3 }),
            ("d", Mark::Skipped { rule: "short".to_owned() }),
            ("b", Mark::Ok("second".to_owned())),
        ];
        marks.map(|(item, mark)| (item.to_owned(), mark)).into()
    }

    #[test]
    fn what_is_written_down_is_there_after_a_kill_at_any_byte() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        let mut ledger = Ledger::open(&path).unwrap();
        let mut ends = Vec::new();
        for mark in written() {
            ledger.append(vec![mark]).unwrap();
            ends.push(fs::metadata(&path).unwrap().len());
        }
        let whole = fs::read(&path).unwrap();
        for cut in 0..=whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            let mut ledger: Ledger<String> = Ledger::open(&path).unwrap();
            let kept = ends.iter().filter(|end| **end <= cut as u64).count();
            let end = kept.checked_sub(1).map_or(0, |last| ends[last]);
            assert_eq!(fs::metadata(&path).unwrap().len(), end, "cut at {cut}");
            assert_eq!(ledger.get("a").unwrap().is_some(), kept >= 1);
            ledger.append(written().into_iter().skip(kept).collect()).unwrap();
            assert_eq!(fs::read(&path).unwrap(), whole, "cut at {cut}");
            assert_eq!(ledger.get("b").unwrap().as_deref(), Some("second"));
        }
    }

    #[test]
    fn items_are_pending_until_they_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        let mut ledger = Ledger::open(&path).unwrap();
        ledger.append(written().into_iter().take(5).collect()).unwrap();
        assert_eq!(ledger.pending("b").unwrap().len(), 2);
        assert_eq!(ledger.pending("e").unwrap().len(), 0);
        assert!(["a", "c", "d"].iter().all(|item| ledger.pending(item).is_none()));
        let mut tally = Tally::new(super::super::Stage::Urls);
        ledger.tally(["a", "b", "c", "d", "e"].into_iter(), &mut tally);
        assert_eq!((tally.items, tally.ok, tally.failed["refused"], tally.skipped["short"]), (5, 1, 1, 1));
    }

    #[test]
    fn a_line_that_is_damaged_is_said_by_its_number() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        fs::write(&path, "{\"item\":\"a\",\"mark\":{\"ok\":\"x\"}}\n{\"item\":7}\n").unwrap();
        let error = Ledger::<String>::open(&path).unwrap_err();
        assert!(matches!(error, ExpandError::Damaged { line: 2, .. }), "{error}");
    }
}
