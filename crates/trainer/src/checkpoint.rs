//! Checkpoints: a folder each, there whole or not at all, and verified when it is read.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use offseeker_durable::sync_folder;
use safetensors::tensor::{Dtype, Metadata, TensorView};
use serde::{Deserialize, Serialize};

use crate::{About, State, TrainError};

/// The version of what is written; another one is refused.
const VERSION: u32 = 1;
const NUMBERS: &str = "state.safetensors";
const MANIFEST: &str = "manifest.json";
/// How the folder of a checkpoint begins.
const PREFIX: &str = "step-";
/// How a folder begins that is not whole yet, or not whole any more.
const DRAFT: &str = ".draft-";
/// The name under which averaged values are kept.
const AVERAGE: &str = "average";
/// The most bytes that the head of a file of numbers may have.
const MOST_HEAD: u64 = 1 << 20;

/// What a checkpoint says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    version: u32,
    /// How many steps were gone. With the settings of the run it says everything about the data and what is random: which
    /// sequences come next is a function of both.
    pub step: u64,
    /// The model.
    pub about: About,
    /// The hash of the settings and the data of the run.
    pub run: String,
    /// The hash of every piece of numbers.
    numbers: BTreeMap<String, String>,
}

/// What a checkpoint holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint<'a> {
    /// How many steps were gone.
    pub step: u64,
    /// What the model needs to go on.
    pub state: State<'a>,
    /// The running average of the values, where one is kept.
    pub average: Option<Cow<'a, [f32]>>,
}

/// The checkpoints of a run.
#[derive(Debug)]
pub struct Checkpoints {
    folder: PathBuf,
    keep: usize,
    run: String,
}

impl Checkpoints {
    /// The checkpoints in a folder, of which the last so many are kept. What a kill left half is taken away.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn open(folder: &Path, keep: usize, run: String) -> Result<Self, TrainError> {
        fs::create_dir_all(folder).map_err(TrainError::io(folder))?;
        for entry in fs::read_dir(folder).map_err(TrainError::io(folder))? {
            let path = entry.map_err(TrainError::io(folder))?.path();
            if name_of(&path).starts_with(DRAFT) {
                fs::remove_dir_all(&path).map_err(TrainError::io(&path))?;
            }
        }
        Ok(Self { folder: folder.to_owned(), keep: keep.max(1), run })
    }

    /// The steps of which there is a checkpoint, in order.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn steps(&self) -> Result<Vec<u64>, TrainError> {
        let mut steps = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(TrainError::io(&self.folder))? {
            let path = entry.map_err(TrainError::io(&self.folder))?.path();
            steps.extend(name_of(&path).strip_prefix(PREFIX).and_then(|step| step.parse::<u64>().ok()));
        }
        steps.sort_unstable();
        Ok(steps)
    }

    /// Writes a checkpoint; afterwards older ones than are kept go.
    ///
    /// # Errors
    ///
    /// What the system says; earlier checkpoints are then as they were.
    pub fn write(&self, checkpoint: &Checkpoint<'_>, about: &About) -> Result<(), TrainError> {
        let draft = self.folder.join(format!("{DRAFT}{:08}", checkpoint.step));
        let place = self.place(checkpoint.step);
        if place.exists() {
            return Ok(());
        }
        fs::create_dir_all(&draft).map_err(TrainError::io(&draft))?;
        let pieces = pieces(checkpoint);
        write_numbers(&draft.join(NUMBERS), &pieces)?;
        let numbers = pieces.iter().map(|(name, numbers)| ((*name).to_owned(), hash(numbers))).collect();
        let manifest =
            Manifest { version: VERSION, step: checkpoint.step, about: about.clone(), run: self.run.clone(), numbers };
        let manifest = serde_json::to_vec_pretty(&manifest).expect("a manifest is JSON");
        let file = draft.join(MANIFEST);
        offseeker_durable::write(&file, &manifest).map_err(TrainError::io(&file))?;
        sync_folder(&draft).map_err(TrainError::io(&draft))?;
        fs::rename(&draft, &place).map_err(TrainError::io(&place))?;
        sync_folder(&self.folder).map_err(TrainError::io(&self.folder))?;
        self.rotate()
    }

    /// The last checkpoint, if any, verified.
    ///
    /// # Errors
    ///
    /// When it was made by another run or of another model, or is damaged.
    pub fn last(&self, about: &About) -> Result<Option<Checkpoint<'static>>, TrainError> {
        let Some(step) = self.steps()?.pop() else { return Ok(None) };
        let place = self.place(step);
        let file = place.join(MANIFEST);
        let text = fs::read(&file).map_err(TrainError::io(&file))?;
        let manifest: Manifest = serde_json::from_slice(&text).map_err(|error| damaged(&file, &error))?;
        if manifest.version != VERSION || manifest.step != step {
            return Err(damaged(&file, &format!("version {} of step {}", manifest.version, manifest.step)));
        }
        let other = [
            (manifest.about != *about, "another model, or the same from other weights"),
            (manifest.run != self.run, "other settings or other data"),
        ];
        if let Some((_, what)) = other.into_iter().find(|(differs, _)| *differs) {
            let what = format!("was made with {what}; go on with what it was made with, or use another folder");
            return Err(TrainError::Mismatch { place, what });
        }
        let file = place.join(NUMBERS);
        let mut pieces = read_numbers(&file, &manifest.numbers)?;
        let average = pieces.remove(AVERAGE).map(Cow::Owned);
        let mut piece = |name: &str| {
            let found = pieces.remove(name).map(Cow::Owned);
            found.ok_or_else(|| damaged(&file, &format!("has no `{name}`")))
        };
        let state = State { values: piece("values")?, first: piece("first_moment")?, second: piece("second_moment")? };
        Ok(Some(Checkpoint { step, state, average }))
    }

    fn rotate(&self) -> Result<(), TrainError> {
        let steps = self.steps()?;
        for step in &steps[..steps.len().saturating_sub(self.keep)] {
            // Half of a folder must never look like a whole one.
            let gone = self.folder.join(format!("{DRAFT}gone-{step:08}"));
            fs::rename(self.place(*step), &gone).map_err(TrainError::io(&gone))?;
            fs::remove_dir_all(&gone).map_err(TrainError::io(&gone))?;
        }
        Ok(())
    }

    fn place(&self, step: u64) -> PathBuf {
        self.folder.join(format!("{PREFIX}{step:08}"))
    }
}

fn name_of(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

fn damaged(file: &Path, what: &dyn std::fmt::Display) -> TrainError {
    let what = format!("{what}; delete the folder it is in to go on from the checkpoint before");
    TrainError::Damaged { file: file.to_owned(), what }
}

fn hash(numbers: &[f32]) -> String {
    blake3::hash(bytemuck::cast_slice(numbers)).to_hex().to_string()
}

fn pieces<'c>(checkpoint: &'c Checkpoint<'_>) -> Vec<(&'static str, &'c [f32])> {
    let mut pieces = checkpoint.state.named().to_vec();
    pieces.extend(checkpoint.average.as_ref().map(|average| (AVERAGE, &average[..])));
    pieces
}

fn write_numbers(file: &Path, pieces: &[(&'static str, &[f32])]) -> Result<(), TrainError> {
    let views = pieces.iter().map(|(name, numbers)| {
        let view = TensorView::new(Dtype::F32, vec![numbers.len()], bytemuck::cast_slice(numbers));
        (*name, view.expect("a piece has as many numbers as it says"))
    });
    let written = safetensors::serialize_to_file(views, None, file);
    written.map_err(|error| TrainError::Io { file: file.to_owned(), source: std::io::Error::other(error) })?;
    File::open(file).and_then(|file| file.sync_all()).map_err(TrainError::io(file))
}

/// Reads one piece after the other, so that no number is in memory twice.
fn read_numbers(file: &Path, hashes: &BTreeMap<String, String>) -> Result<BTreeMap<String, Vec<f32>>, TrainError> {
    let mut from = File::open(file).map_err(TrainError::io(file))?;
    let mut length = [0; 8];
    from.read_exact(&mut length).map_err(|error| damaged(file, &error))?;
    let length = u64::from_le_bytes(length);
    if length > MOST_HEAD {
        return Err(damaged(file, &format!("has a head of {length} bytes")));
    }
    let mut head = Vec::new();
    (&mut from).take(length).read_to_end(&mut head).map_err(|error| damaged(file, &error))?;
    let metadata: Metadata = serde_json::from_slice(&head).map_err(|error| damaged(file, &error))?;
    let bytes = from.metadata().map_err(TrainError::io(file))?.len();
    let mut pieces = BTreeMap::new();
    for (name, expected) in hashes {
        let info = metadata.info(name).filter(|info| info.dtype == Dtype::F32);
        let info = info.ok_or_else(|| damaged(file, &format!("has no numbers called `{name}`")))?;
        let (start, end) = info.data_offsets;
        if start > end || end as u64 > bytes {
            return Err(damaged(file, &format!("ends before `{name}` does")));
        }
        let mut numbers = vec![0.0_f32; (end - start) / 4];
        from.seek(SeekFrom::Start(8 + length + start as u64)).map_err(|error| damaged(file, &error))?;
        from.read_exact(bytemuck::cast_slice_mut(&mut numbers)).map_err(|error| damaged(file, &error))?;
        if hash(&numbers) != *expected {
            return Err(damaged(file, &format!("the numbers called `{name}` are not those that were written")));
        }
        pieces.insert(name.clone(), numbers);
    }
    Ok(pieces)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
