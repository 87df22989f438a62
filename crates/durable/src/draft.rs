//! A file that has no place yet.

use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::sync_folder;

/// A file that has no place yet. Dropped before it is published, it leaves nothing behind.
#[derive(Debug)]
pub struct Draft(NamedTempFile);

impl Draft {
    /// How the names of drafts end: those of a process that died can be told by it.
    pub const EXTENSION: &str = "tmp";

    /// A draft of the file at `place`, in the same folder.
    ///
    /// # Errors
    ///
    /// When the folder is not there or cannot be written.
    pub fn beside(place: &Path) -> io::Result<Self> {
        Self::in_folder(folder_of(place))
    }

    /// A draft in a folder of its own, which has to be on the file system of the place that it will take.
    ///
    /// # Errors
    ///
    /// When the folder is not there or cannot be written.
    pub fn in_folder(folder: &Path) -> io::Result<Self> {
        let ending = format!(".{}", Self::EXTENSION);
        let mut builder = tempfile::Builder::new();
        builder.prefix(".draft-").suffix(&ending);
        // What is written is read by others like any other file, within what the user's mask allows.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        builder.tempfile_in(folder).map(Self)
    }

    /// Flushes the draft to the disk and puts it in its place, where it replaces what was there.
    ///
    /// # Errors
    ///
    /// What the system says; what was at the place is then still there.
    pub fn publish(self, place: &Path) -> io::Result<()> {
        self.0.as_file().sync_all()?;
        self.0.persist(place)?;
        sync_folder(folder_of(place))
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The folder of a file; a bare name lies in the one where the program runs.
pub(crate) fn folder_of(place: &Path) -> &Path {
    match place.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
