//! Lets one writer at a time into a folder.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

/// Lets one writer at a time into a folder, of this process or any other. The system lets go of it when the process dies.
///
/// ```
/// use offseeker_durable::WriterLock;
///
/// # let folder = tempfile::tempdir()?;
/// let held = WriterLock::take(folder.path())?;
/// assert!(held.is_some() && WriterLock::take(folder.path())?.is_none());
/// drop(held);
/// assert!(WriterLock::take(folder.path())?.is_some());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct WriterLock(#[allow(dead_code)] File);

impl WriterLock {
    /// The file in the folder that a writer holds. It stays when the writer has gone; only holding it counts.
    pub const FILE: &str = "writer.lock";

    /// Takes the lock of a folder; none where another writer has it.
    ///
    /// # Errors
    ///
    /// When the folder is not there or cannot be written.
    pub fn take(folder: &Path) -> io::Result<Option<Self>> {
        let file = File::options().create(true).truncate(false).write(true).open(folder.join(Self::FILE))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}
