//! Files that are there whole or not at all, also after the power failed.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// Writes a file in the place of an earlier one.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".tmp").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    sync_folder(folder)
}

/// Makes sure that the names of the files in a folder are on the disk.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    // Elsewhere a folder cannot be opened as a file, and needs not be.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
