//! The folder with the recordings: `ab/cdef….zst` for each, and `pending` for what is not finished.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Duration;

use tempfile::NamedTempFile;

use super::asked::Asked;
use super::key_lock::KeyLock;
use super::{Answer, recording};
use crate::ChatError;

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
    pub(super) fn prepare(&self) -> Result<(), ChatError> {
        self.make_pending().and_then(|()| self.sheet()).map(drop).map_err(|error| self.cannot_write(error))
    }

    /// The answer to what was asked, if it is recorded.
    pub(super) fn read(&self, asked: &Asked) -> Result<Option<Answer>, ChatError> {
        let path = self.place(asked.key());
        let broken = |reason: String| {
            ChatError::broken(format!("the recording {} is damaged: {reason}; remove or record it", path.display()))
        };
        match fs::read(&path) {
            Ok(bytes) => recording::decode(&bytes, asked).map(Some).map_err(broken),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(broken(error.to_string())),
        }
    }

    /// Records an answer so that it is there whole or not at all, also after a power cut.
    pub(super) fn write(&self, asked: &Asked, answer: Answer) -> Result<(), ChatError> {
        let bytes = recording::encode(asked, answer).map_err(|error| self.cannot_write(error))?;
        self.put(&self.place(asked.key()), &bytes).map_err(|error| self.cannot_write(error))
    }

    /// Takes the lock on a request; none when another process holds it.
    pub(super) fn try_lock(&self, key: &str) -> Result<Option<KeyLock>, ChatError> {
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
        let mut sheet = self.sheet()?;
        sheet.write_all(bytes)?;
        sheet.as_file().sync_all()?;
        sheet.persist(place)?;
        sync_folder(shelf)
    }

    /// A new file that is not a recording yet.
    fn sheet(&self) -> io::Result<NamedTempFile> {
        let mut builder = tempfile::Builder::new();
        builder.suffix(".tmp");
        // Recordings are shared like any other file, within what the user's mask allows.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        builder.tempfile_in(self.pending())
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

    fn cannot_write(&self, error: impl std::fmt::Display) -> ChatError {
        ChatError::broken(format!("a recording cannot be written to {}: {error}", self.path.display()))
    }
}

/// Removes what processes left behind that died. What cannot be removed does no harm.
fn sweep(pending: &Path) {
    let Ok(entries) = fs::read_dir(pending) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("lock") => drop(KeyLock::try_take(&path)),
            Some("tmp") if is_abandoned(&path) => drop(fs::remove_file(&path)),
            _ => {}
        }
    }
}

fn is_abandoned(path: &Path) -> bool {
    let written = fs::metadata(path).and_then(|metadata| metadata.modified());
    written.is_ok_and(|written| written.elapsed().is_ok_and(|age| age > ABANDONED))
}

/// Makes the names in a folder durable.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere a folder cannot be opened, and its names are the system's business.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
