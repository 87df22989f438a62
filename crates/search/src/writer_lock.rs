//! Lets one writer at a time into a folder.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::IndexError;

/// The file that a writer holds. It stays when the writer has gone; only holding it counts.
pub(crate) const LOCK: &str = "writer.lock";

/// Lets one writer at a time into a folder. The system lets go of it when the process dies.
#[derive(Debug)]
pub(crate) struct WriterLock(#[allow(dead_code)] File);

impl WriterLock {
    pub(crate) fn take(folder: &Path) -> Result<Self, IndexError> {
        let file = File::options().create(true).truncate(false).write(true).open(folder.join(LOCK));
        let file = file.map_err(|error| IndexError::io(folder, error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(IndexError::Busy { folder: folder.to_owned() }),
            Err(TryLockError::Error(error)) => Err(IndexError::io(folder, error)),
        }
    }
}
