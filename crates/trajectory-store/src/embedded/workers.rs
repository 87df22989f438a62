//! Which processes have a store open: each holds a lock on a file of its own, which the system takes from the dead.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// The processes that have a store open, and this one among them.
#[derive(Debug)]
pub(super) struct Workers {
    folder: PathBuf,
    own: String,
    /// Locked for as long as the store is open.
    _lock: File,
}

impl Workers {
    /// Joins those that have the store in a file open.
    pub(super) fn join(store: &Path) -> io::Result<Self> {
        let folder = folder_of(store);
        match fs::create_dir(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        sweep(&folder)?;
        let own = unique_name();
        // A file gets its name when it is locked: nobody takes it for that of a dead process.
        let draft = folder.join(format!("{own}.new"));
        let lock = File::create_new(&draft)?;
        lock.lock()?;
        fs::rename(&draft, folder.join(&own))?;
        Ok(Self { folder, own, _lock: lock })
    }

    /// The name of the file of this process.
    pub(super) fn own(&self) -> &str {
        &self.own
    }

    /// Whether the process with a file still has the store open.
    pub(super) fn is_living(&self, process: &str) -> bool {
        process == self.own || is_locked(&self.folder.join(process))
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        // What cannot be removed is swept by the next one.
        let _ = fs::remove_file(self.folder.join(&self.own));
    }
}

/// The folder beside a store in which processes have their files.
pub(super) fn folder_of(store: &Path) -> PathBuf {
    let mut name: OsString = store.as_os_str().to_owned();
    name.push(".workers");
    PathBuf::from(name)
}

/// Whether somebody holds the lock on a file. Where that cannot be told, somebody does: a lease runs out anyway.
fn is_locked(file: &Path) -> bool {
    match File::open(file) {
        Err(error) => error.kind() != io::ErrorKind::NotFound,
        Ok(file) => match file.try_lock() {
            Ok(()) => false,
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => true,
        },
    }
}

/// Removes the files of dead processes.
fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let file = entry?.path();
        if file.extension().is_none() && !is_locked(&file) {
            // Another process may have swept it.
            let _ = fs::remove_file(&file);
        }
    }
    Ok(())
}

fn unique_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{}-{}-{}", std::process::id(), since.as_nanos(), COUNT.fetch_add(1, Ordering::Relaxed))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use std::fs;

    use super::{Workers, folder_of};

    #[test]
    fn a_worker_lives_until_it_leaves() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store");
        let (one, two) = (Workers::join(&store).unwrap(), Workers::join(&store).unwrap());
        let name = one.own().to_owned();
        assert!(one.is_living(&name) && two.is_living(&name) && one.is_living(two.own()));
        drop(one);
        assert!(!two.is_living(&name));
        // One that was killed leaves its file without its lock.
        fs::write(folder_of(&store).join("killed"), "").unwrap();
        assert!(!two.is_living("killed"));
        let _three = Workers::join(&store).unwrap();
        assert!(!folder_of(&store).join("killed").exists());
        assert!(folder_of(&store).join(two.own()).exists());
    }
}
