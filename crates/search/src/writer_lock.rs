//! Lets one writer at a time into the folder of an index.

use std::path::Path;

use offseeker_durable::WriterLock;

use crate::IndexError;

/// Takes the lock of the folder of an index.
pub(crate) fn lock(folder: &Path) -> Result<WriterLock, IndexError> {
    let lock = WriterLock::take(folder).map_err(|error| IndexError::io(folder, error))?;
    lock.ok_or_else(|| IndexError::Busy { folder: folder.to_owned() })
}
