//! What became of the items of a run, in a folder.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use offseeker_durable::{Draft as Unpublished, sync_folder};
use serde_json::Value;

use crate::lines::{LONGEST, Lines};
use crate::{Funnel, Item, QuestionRow, SynthesisError};

/// The files of a folder.
const ITEMS: &str = "items.jsonl";
const SETTINGS: &str = "settings.json";
const QUESTIONS: &str = "questions.jsonl";
const FUNNEL: &str = "funnel.json";
const LOCK: &str = "synthesis.lock";

/// What became of the items of a run, in a folder: one line an item, on the disk before anybody is told of it.
///
/// A last line that is cut off was never acknowledged, and is taken away. The folder is held as long as this is there.
#[derive(Debug)]
pub(crate) struct Journal {
    folder: PathBuf,
    items: File,
    length: u64,
    places: BTreeMap<u64, Place>,
    /// Held for as long as this is there; the system lets go of it when the process dies.
    _lock: File,
}

/// Where the latest line of an item stands.
#[derive(Debug, Clone, Copy)]
struct Place {
    start: u64,
    length: u64,
    is_settled: bool,
}

impl Journal {
    /// Opens a folder, which is made if it is not there, for a run with these settings.
    pub(crate) fn open(folder: &Path, settings: &Value) -> Result<Self, SynthesisError> {
        let failed = |error: std::io::Error| SynthesisError::io(folder, error);
        std::fs::create_dir_all(folder).map_err(failed)?;
        let lock = lock(folder)?;
        same_settings(folder, settings)?;
        let path = folder.join(ITEMS);
        let items = File::options().create(true).truncate(false).read(true).write(true).open(&path).map_err(failed)?;
        sync_folder(folder).map_err(failed)?;
        let (places, length) = places(&path)?;
        let mut journal = Self { folder: folder.to_owned(), items, length, places, _lock: lock };
        journal.cut().map_err(failed)?;
        Ok(journal)
    }

    /// Takes away what is cut off at the end.
    fn cut(&mut self) -> std::io::Result<()> {
        if self.items.metadata()?.len() > self.length {
            self.items.set_len(self.length)?;
            self.items.sync_all()?;
        }
        self.items.seek(SeekFrom::Start(self.length)).map(|_| ())
    }

    /// Whether an item is settled.
    pub(crate) fn is_settled(&self, number: u64) -> bool {
        self.places.get(&number).is_some_and(|place| place.is_settled)
    }

    /// What is written down of an item.
    pub(crate) fn item(&mut self, number: u64) -> Result<Option<Item>, SynthesisError> {
        let Some(place) = self.places.get(&number).copied() else { return Ok(None) };
        let line = self.line(place)?;
        let path = self.folder.join(ITEMS);
        let item = serde_json::from_slice(&line);
        item.map(Some).map_err(|error| SynthesisError::Io { path, reason: error.to_string() })
    }

    fn line(&mut self, place: Place) -> Result<Vec<u8>, SynthesisError> {
        let failed = |error| SynthesisError::io(&self.folder.join(ITEMS), error);
        let mut line = vec![0; usize::try_from(place.length).unwrap_or(usize::MAX)];
        self.items.seek(SeekFrom::Start(place.start)).map_err(failed)?;
        self.items.read_exact(&mut line).map_err(failed)?;
        Ok(line)
    }

    /// Writes an item down, to the disk.
    pub(crate) fn add(&mut self, item: &Item) -> Result<(), SynthesisError> {
        let path = self.folder.join(ITEMS);
        let failed = |error: std::io::Error| SynthesisError::io(&path, error);
        let mut line = serde_json::to_vec(item).map_err(|error| SynthesisError::io(&path, error))?;
        let length = line.len() as u64;
        if length >= LONGEST {
            let reason =
                format!("item {} would be a line of {length} bytes; fewer than {LONGEST} are read", item.number);
            return Err(SynthesisError::Io { path, reason });
        }
        line.push(b'\n');
        self.items.seek(SeekFrom::Start(self.length)).map_err(failed)?;
        self.items.write_all(&line).and_then(|()| self.items.sync_data()).map_err(failed)?;
        self.places.insert(item.number, Place { start: self.length, length, is_settled: item.is_settled() });
        self.length += line.len() as u64;
        Ok(())
    }

    /// Puts the items in order, each once, and writes the questions and the counts beside them.
    pub(crate) fn finish(mut self) -> Result<Funnel, SynthesisError> {
        let folder = self.folder.clone();
        let failed = |error: std::io::Error| SynthesisError::io(&folder, error);
        let mut items = Unpublished::beside(&folder.join(ITEMS)).map_err(failed)?;
        let mut questions = Unpublished::beside(&folder.join(QUESTIONS)).map_err(failed)?;
        let mut funnel = Funnel::default();
        let places: Vec<Place> = self.places.values().copied().collect();
        for place in places {
            let mut line = self.line(place)?;
            let item: Item = serde_json::from_slice(&line).map_err(|error| SynthesisError::io(&folder, error))?;
            line.push(b'\n');
            items.write_all(&line).map_err(failed)?;
            funnel.count(&item);
            if let Some(draft) = item.into_question() {
                let row = serde_json::to_vec(&QuestionRow::from(draft));
                let mut row = row.map_err(|error| SynthesisError::io(&folder, error))?;
                row.push(b'\n');
                questions.write_all(&row).map_err(failed)?;
            }
        }
        items.publish(&folder.join(ITEMS)).map_err(failed)?;
        questions.publish(&folder.join(QUESTIONS)).map_err(failed)?;
        let counts = serde_json::to_vec_pretty(&funnel).map_err(|error| SynthesisError::io(&folder, error))?;
        offseeker_durable::write(&folder.join(FUNNEL), &counts).map_err(failed)?;
        Ok(funnel)
    }
}

fn lock(folder: &Path) -> Result<File, SynthesisError> {
    let file = File::options().create(true).truncate(false).write(true).open(folder.join(LOCK));
    let file = file.map_err(|error| SynthesisError::io(folder, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(SynthesisError::Busy { folder: folder.to_owned() }),
        Err(TryLockError::Error(error)) => Err(SynthesisError::io(folder, error)),
    }
}

/// Writes the settings down, or checks that they are those that were written down.
fn same_settings(folder: &Path, settings: &Value) -> Result<(), SynthesisError> {
    let path = folder.join(SETTINGS);
    let known = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let bytes = serde_json::to_vec_pretty(settings).map_err(|error| SynthesisError::io(&path, error))?;
            return offseeker_durable::write(&path, &bytes).map_err(|error| SynthesisError::io(&path, error));
        }
        Err(error) => return Err(SynthesisError::io(&path, error)),
    };
    let known: Value = serde_json::from_slice(&known).map_err(|error| SynthesisError::io(&path, error))?;
    let other = |reason: String| SynthesisError::OtherRun { folder: folder.to_owned(), reason };
    let named = settings.as_object().into_iter().flatten();
    for (name, value) in named {
        if known.get(name) != Some(value) {
            let before = known.get(name).unwrap_or(&Value::Null);
            return Err(other(format!("`{name}` was {before} and is {value}")));
        }
    }
    Ok(())
}

/// Where the latest line of each item stands, and how much of the file is whole lines.
fn places(path: &Path) -> Result<(BTreeMap<u64, Place>, u64), SynthesisError> {
    let (mut places, mut start) = (BTreeMap::new(), 0);
    let mut lines = Lines::open(path)?;
    while let Some(line) = lines.line()? {
        if !line.is_whole {
            break;
        }
        let length = line.bytes.len() as u64;
        let item: Item = serde_json::from_slice(&line.bytes)
            .map_err(|error| SynthesisError::line(lines.path(), line.number, error))?;
        places.insert(item.number, Place { start, length, is_settled: item.is_settled() });
        start += length + 1;
    }
    Ok((places, start))
}
