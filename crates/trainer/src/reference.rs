//! What the reference says of every pair, worked out once and kept.
//!
//! The file is written while the reference is asked, and is whole when it has all pairs. Whoever goes on later reads it and
//! never asks a model that has learnt since.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use offseeker_durable::{Log, LogError, SettingsError, WriterLock, same_settings};
use offseeker_language_model::Renderer;
use serde::{Deserialize, Serialize};

use crate::{About, SequencePair, SequencePairs, TrainError};

/// The longest line of the file.
const LONGEST: usize = 4096;
/// So many pairs are written down at once.
const TOGETHER: usize = 64;

/// What reference log-probabilities were worked out with. Others are of no use: a mismatch is an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferenceKey {
    /// The model that was asked.
    pub model: About,
    /// How its tokens and dialogues were made: of the tokenizer and the template.
    pub rendering: String,
    /// How the log-probabilities of a side are put together.
    pub summed: serde_json::Value,
    /// In which numbers they were worked out.
    pub precision: String,
}

/// The log-probabilities of both sides of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sides {
    /// Of the better side.
    pub chosen: f64,
    /// Of the worse one.
    pub rejected: f64,
}

/// What a reference says of some pairs, when it is asked.
pub type Ask<'a> = dyn FnMut(&[&SequencePair]) -> Result<Vec<Sides>, TrainError> + 'a;

#[derive(Serialize, Deserialize)]
struct Line {
    pair: String,
    #[serde(flatten)]
    sides: Sides,
}

/// What the reference says of every pair.
#[derive(Debug)]
pub struct Reference {
    file: PathBuf,
    log: Log,
    known: HashMap<String, Sides>,
    /// Held as long as this is open.
    _lock: WriterLock,
}

impl Reference {
    /// Opens what is known in a folder, or begins it.
    ///
    /// # Errors
    ///
    /// When it was worked out with something else, is damaged, or another run writes there.
    pub fn open(folder: &Path, key: &ReferenceKey) -> Result<Self, TrainError> {
        std::fs::create_dir_all(folder).map_err(TrainError::io(folder))?;
        let lock = WriterLock::take(folder).map_err(TrainError::io(folder))?;
        let Some(lock) = lock else {
            let what = "another run asks the reference here; wait for it, or use another folder".to_owned();
            return Err(TrainError::Mismatch { place: folder.to_owned(), what });
        };
        let about = folder.join("reference.json");
        let key = serde_json::to_value(key).expect("a key is JSON");
        same_settings(&about, &key).map_err(|error| unlike(&about, error))?;
        let file = folder.join("reference.jsonl");
        let mut known = HashMap::new();
        let log = Log::open(&file, LONGEST, |line| {
            let Line { pair, sides } = serde_json::from_slice(line.text).map_err(|error| error.to_string())?;
            known.insert(pair, sides);
            Ok(())
        });
        let log = log.map_err(|error| match error {
            LogError::Io(source) => TrainError::Io { file: file.clone(), source },
            LogError::Damaged { .. } => {
                let what = format!("{error}; delete both files of the reference to have it worked out again");
                TrainError::Damaged { file: file.clone(), what }
            }
        })?;
        Ok(Self { file, log, known, _lock: lock })
    }

    /// Asks for what is not known yet. `ask` gives what the reference says of some pairs; `goes_on` is told how many are
    /// known and says whether to go on. Gives whether everything is known.
    ///
    /// # Errors
    ///
    /// What `ask` says, or the system; what is known stays.
    pub fn complete(
        &mut self,
        pairs: &SequencePairs,
        ask: &mut Ask<'_>,
        goes_on: &mut dyn FnMut(usize) -> bool,
    ) -> Result<bool, TrainError> {
        let names: Vec<String> = pairs.all().iter().map(SequencePair::fingerprint).collect();
        let missing = pairs.all().iter().zip(&names).filter(|(_, name)| !self.known.contains_key(*name));
        let missing: Vec<(&SequencePair, &String)> = missing.collect();
        for some in missing.chunks(TOGETHER) {
            if !goes_on(self.known.len()) {
                return Ok(false);
            }
            let sides = ask(&some.iter().map(|(pair, _)| *pair).collect::<Vec<_>>())?;
            let mut lines = Vec::new();
            for ((_, name), sides) in some.iter().zip(&sides) {
                if !(sides.chosen.is_finite() && sides.rejected.is_finite()) {
                    return Err(TrainError::NotFinite {
                        step: 0,
                        what: format!("the reference says {sides:?} of a pair; look at its weights"),
                    });
                }
                let line = Line { pair: (*name).clone(), sides: *sides };
                serde_json::to_writer(&mut lines, &line).expect("a line is JSON");
                lines.push(b'\n');
            }
            self.log.append(&lines).map_err(TrainError::io(&self.file))?;
            self.known.extend(some.iter().zip(sides).map(|((_, name), sides)| ((*name).clone(), sides)));
        }
        Ok(true)
    }

    /// What the reference says of all pairs, in their order.
    ///
    /// # Errors
    ///
    /// When it was not asked of one.
    pub fn of(&self, pairs: &SequencePairs) -> Result<Vec<Sides>, TrainError> {
        let of = |(row, pair): (usize, &SequencePair)| {
            self.known.get(&pair.fingerprint()).copied().ok_or_else(|| TrainError::Mismatch {
                place: self.file.clone(),
                what: format!("says nothing of pair {}; the pairs have changed since it was worked out", row + 1),
            })
        };
        pairs.all().iter().enumerate().map(of).collect()
    }
}

/// The hash of a tokenizer and a template: of how dialogues become tokens.
#[must_use]
pub fn rendering(renderer: &Renderer) -> String {
    let (tokenizer, mut hasher) = (renderer.tokenizer(), blake3::Hasher::new());
    hasher.update(renderer.template().source().as_bytes());
    for id in 0..tokenizer.vocabulary() {
        let bytes = u32::try_from(id).ok().and_then(|id| tokenizer.bytes_of(id).ok()).unwrap_or_default();
        hasher.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
    }
    hasher.finalize().to_hex().to_string()
}

/// Says that something was begun with other settings.
pub(crate) fn unlike(place: &Path, error: SettingsError) -> TrainError {
    match error {
        SettingsError::Io(source) => TrainError::Io { file: place.to_owned(), source },
        SettingsError::Differ { .. } => TrainError::Mismatch {
            place: place.to_owned(),
            what: format!("{error}; use another folder, or what it was begun with"),
        },
        other => TrainError::Damaged { file: place.to_owned(), what: other.to_string() },
    }
}
