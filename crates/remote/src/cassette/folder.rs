//! The folder with the recordings: `ab/cdef….zst` for each, and `pending` for what is not finished.

use std::fmt::Display;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Duration;

use offseeker_durable::{Draft, sync_folder};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::key_lock::KeyLock;
use super::recording::Recording;
use super::{Asked, CassetteError};

/// A temporary file that is older than this belongs to a process that died.
const ABANDONED: Duration = Duration::from_secs(3600);

/// The folder with the recordings. Every method blocks.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    swept: Once,
}

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, swept: Once::new() }
    }

    /// Makes sure that recordings can be written.
    pub(super) fn prepare(&self) -> Result<(), CassetteError> {
        self.make_pending()
            .and_then(|()| Draft::in_folder(&self.pending()))
            .map(drop)
            .map_err(|error| self.cannot_write(error))
    }

    /// What is recorded of what was asked.
    pub(super) fn read<T, E>(&self, asked: &Asked) -> Result<Option<Recording<T, E>>, CassetteError>
    where
        T: DeserializeOwned,
        E: DeserializeOwned,
    {
        let path = self.place(asked.key());
        let read = match fs::read(&path) {
            Ok(bytes) => Recording::decode(&bytes, asked),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => Err(error.to_string()),
        };
        read.map(Some).map_err(|reason| CassetteError::Damaged { path, reason })
    }

    /// Writes a recording so that it is there whole or not at all, also after a power cut.
    pub(super) fn write<T, E>(&self, asked: &Asked, recording: Recording<T, E>) -> Result<(), CassetteError>
    where
        T: Serialize,
        E: Serialize,
    {
        let bytes = recording.encode(asked).map_err(|error| self.cannot_write(error))?;
        self.put(&self.place(asked.key()), &bytes).map_err(|error| self.cannot_write(error))
    }

    /// Takes the lock on a request; none when another process holds it.
    pub(super) fn try_lock(&self, key: &str) -> Result<Option<KeyLock>, CassetteError> {
        let path = self.pending().join(key).with_extension("lock");
        self.make_pending().and_then(|()| KeyLock::try_take(&path)).map_err(|error| self.cannot_write(error))
    }

    fn put(&self, place: &Path, bytes: &[u8]) -> io::Result<()> {
        let shelf = place.parent().unwrap_or(&self.path);
        self.make_pending()?;
        if !shelf.is_dir() {
            fs::create_dir_all(shelf)?;
            sync_folder(&self.path)?;
        }
        let mut draft = Draft::in_folder(&self.pending())?;
        draft.write_all(bytes)?;
        draft.publish(place)
    }

    fn make_pending(&self) -> io::Result<()> {
        let pending = self.pending();
        if !pending.is_dir() {
            fs::create_dir_all(&pending)?;
        }
        self.swept.call_once(|| sweep(&pending));
        Ok(())
    }

    fn pending(&self) -> PathBuf {
        self.path.join("pending")
    }

    fn place(&self, key: &str) -> PathBuf {
        let (shelf, rest) = key.split_at(2);
        self.path.join(shelf).join(rest).with_extension("zst")
    }

    fn cannot_write(&self, error: impl Display) -> CassetteError {
        CassetteError::NotWritten { folder: self.path.clone(), reason: error.to_string() }
    }
}

/// Removes what processes left behind that died. What cannot be removed does no harm.
fn sweep(pending: &Path) {
    let Ok(entries) = fs::read_dir(pending) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("lock") => drop(KeyLock::try_take(&path)),
            Some(Draft::EXTENSION) if is_abandoned(&path) => drop(fs::remove_file(&path)),
            _ => {}
        }
    }
}

fn is_abandoned(path: &Path) -> bool {
    let written = fs::metadata(path).and_then(|metadata| metadata.modified());
    written.is_ok_and(|written| written.elapsed().is_ok_and(|age| age > ABANDONED))
}
