//! Files that outlive a kill or a power cut: there whole or not at all, or with every line that was acknowledged.
//!
//! A file that is written in place is half a file whenever the program dies in between. What is written here goes into
//! a [`Draft`] beside its place first; the draft is flushed to the disk, takes the place in one step, and the folder
//! is flushed too, because a name that is not on the disk is a file that is lost.
//!
//! A [`Log`] is a file that grows line by line, each on the disk when it is acknowledged. [`Lines`] are read from any file,
//! each no longer than it may be.
//!
//! [`same_settings`] keeps beside work that goes on later what it was begun with.
//!
//! This is no database: each write costs a flush or two, and nothing is found but by its place. What changes often belongs
//! into a store. Where two processes could write into one folder, a [`WriterLock`] lets in one at a time.
//!
//! ```
//! # let folder = tempfile::tempdir()?;
//! let place = folder.path().join("settings.json");
//! offseeker_durable::write(&place, br#"{"k1": 0.9}"#)?;
//! assert_eq!(std::fs::read(&place)?, br#"{"k1": 0.9}"#);
//! # Ok::<(), std::io::Error>(())
//! ```

mod draft;
mod folder;
mod lines;
mod log;
mod settings;
mod writer_lock;

use std::io::{self, Write};
use std::path::Path;

pub use draft::Draft;
pub use folder::sync_folder;
pub use lines::{LineError, Lines};
pub use log::{Log, LogError, Logged};
pub use settings::{SettingsError, same_settings};
pub use writer_lock::WriterLock;

/// Writes a file in the place of an earlier one, or of none.
///
/// # Errors
///
/// What the system says; the earlier file is then as it was.
pub fn write(place: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut draft = Draft::beside(place)?;
    draft.write_all(bytes)?;
    draft.publish(place)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
