//! What became of the items of a run, in a folder.

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};

use offseeker_durable::{Draft as Unpublished, Log, LogError, SettingsError, WriterLock, same_settings};
use serde_json::Value;

use crate::row::LONGEST;
use crate::{Funnel, Item, QuestionRow, RowWriter, SynthesisError};

/// The files of a folder.
const ITEMS: &str = "items.jsonl";
const SETTINGS: &str = "settings.json";
const QUESTIONS: &str = "questions.jsonl";
const FUNNEL: &str = "funnel.json";

/// What became of the items of a run, in a folder: one line an item, on the disk before anybody is told of it.
///
/// A last line that is cut off was never acknowledged, and is taken away. The folder is held as long as this is there.
#[derive(Debug)]
pub(crate) struct Journal {
    folder: PathBuf,
    items: Log,
    places: BTreeMap<u64, Place>,
    _lock: WriterLock,
}

/// Where the latest line of an item stands.
#[derive(Debug, Clone)]
struct Place {
    line: Range<u64>,
    is_settled: bool,
}

impl Journal {
    /// Opens a folder, which is made if it is not there, for a run with these settings.
    pub(crate) fn open(folder: &Path, settings: &Value) -> Result<Self, SynthesisError> {
        let failed = |error: std::io::Error| SynthesisError::io(folder, error);
        std::fs::create_dir_all(folder).map_err(failed)?;
        let lock = WriterLock::take(folder).map_err(failed)?;
        let lock = lock.ok_or_else(|| SynthesisError::Busy { folder: folder.to_owned() })?;
        let place = folder.join(SETTINGS);
        same_settings(&place, settings).map_err(|error| match error {
            SettingsError::Damaged { line, reason } => SynthesisError::line(&place, line, reason),
            error @ SettingsError::Differ { .. } => {
                SynthesisError::OtherRun { folder: folder.to_owned(), reason: error.to_string() }
            }
            error => SynthesisError::io(&place, error),
        })?;
        let mut places = BTreeMap::new();
        let path = folder.join(ITEMS);
        let items = Log::open(&path, LONGEST, |line| {
            let item: Item = serde_json::from_slice(line.text).map_err(|error| error.to_string())?;
            places.insert(item.number, Place { line: line.place, is_settled: item.is_settled() });
            Ok(())
        });
        let items = items.map_err(|error| match error {
            LogError::Io(error) => SynthesisError::io(&path, error),
            LogError::Damaged { line, reason } => SynthesisError::line(&path, line, reason),
        })?;
        Ok(Self { folder: folder.to_owned(), items, places, _lock: lock })
    }

    /// Whether an item is settled.
    pub(crate) fn is_settled(&self, number: u64) -> bool {
        self.places.get(&number).is_some_and(|place| place.is_settled)
    }

    /// What is written down of an item.
    pub(crate) fn item(&mut self, number: u64) -> Result<Option<Item>, SynthesisError> {
        let Some(place) = self.places.get(&number).cloned() else { return Ok(None) };
        let line = self.line(&place)?;
        let item = serde_json::from_slice(&line);
        item.map(Some).map_err(|error| SynthesisError::io(self.items.path(), error))
    }

    /// A line with its end.
    fn line(&mut self, place: &Place) -> Result<Vec<u8>, SynthesisError> {
        let line = self.items.read(place.line.clone());
        line.map_err(|error| SynthesisError::io(self.items.path(), error))
    }

    /// Writes an item down, to the disk.
    pub(crate) fn add(&mut self, item: &Item) -> Result<(), SynthesisError> {
        let failed = |path: &Path, reason: String| SynthesisError::Io { path: path.to_owned(), reason };
        let line = serde_json::to_vec(item);
        let mut line = line.map_err(|error| failed(self.items.path(), error.to_string()))?;
        let length = line.len();
        if length > LONGEST {
            let reason = format!("item {} would be a line of {length} bytes; at most {LONGEST} are read", item.number);
            return Err(failed(self.items.path(), reason));
        }
        line.push(b'\n');
        let line = self.items.append(&line);
        let line = line.map_err(|error| failed(self.items.path(), error.to_string()))?;
        self.places.insert(item.number, Place { line, is_settled: item.is_settled() });
        Ok(())
    }

    /// Puts the items in order, each once, and writes the questions and the counts beside them.
    pub(crate) fn finish(mut self) -> Result<Funnel, SynthesisError> {
        let folder = self.folder.clone();
        let failed = |error: std::io::Error| SynthesisError::io(&folder, error);
        let mut items = Unpublished::beside(&folder.join(ITEMS)).map_err(failed)?;
        let mut questions = RowWriter::create(folder.join(QUESTIONS))?;
        let settings = std::fs::read(folder.join(SETTINGS)).map_err(failed)?;
        let manifest = blake3::hash(&settings).to_hex()[..32].to_owned();
        let mut funnel = Funnel::default();
        let places: Vec<Place> = self.places.values().cloned().collect();
        for place in places {
            let line = self.line(&place)?;
            let item: Item = serde_json::from_slice(&line).map_err(|error| SynthesisError::io(&folder, error))?;
            items.write_all(&line).map_err(failed)?;
            funnel.count(&item);
            if let Some(draft) = item.into_question() {
                questions.write(&QuestionRow { manifest: Some(manifest.clone()), ..QuestionRow::from(draft) })?;
            }
        }
        items.publish(&folder.join(ITEMS)).map_err(failed)?;
        questions.finish()?;
        let counts = serde_json::to_vec_pretty(&funnel).map_err(|error| SynthesisError::io(&folder, error))?;
        offseeker_durable::write(&folder.join(FUNNEL), &counts).map_err(failed)?;
        Ok(funnel)
    }
}
