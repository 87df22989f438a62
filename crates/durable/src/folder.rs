//! The names in a folder.

use std::fs::File;
use std::io;
use std::path::Path;

/// Makes sure that the names in a folder are on the disk.
///
/// # Errors
///
/// When the folder is not there or cannot be flushed.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    // Elsewhere a folder cannot be opened as a file, and its names are the system's business.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
