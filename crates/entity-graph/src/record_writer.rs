//! Records into a file that is there whole or not at all.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use offseeker_durable::Draft;

use crate::{GraphError, Record};

/// Writes records into a file, one JSON object a line. The file is there when [`finish`](Self::finish) has returned, and
/// before that what was there is; a writer that is dropped leaves nothing behind.
#[derive(Debug)]
pub struct RecordWriter {
    path: PathBuf,
    draft: BufWriter<Draft>,
}

impl RecordWriter {
    /// Begins a file.
    ///
    /// # Errors
    ///
    /// When its folder is not there or cannot be written.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, GraphError> {
        let path = path.as_ref().to_owned();
        let draft = Draft::beside(&path).map_err(|error| GraphError::io(&path, error))?;
        Ok(Self { path, draft: BufWriter::with_capacity(1 << 18, draft) })
    }

    /// Adds a record.
    ///
    /// # Errors
    ///
    /// When the disk does not take it.
    pub fn write(&mut self, record: &Record) -> Result<(), GraphError> {
        writeln!(self.draft, "{}", record.line()).map_err(|error| GraphError::io(&self.path, error))
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    ///
    /// When the disk does not take it; what was there is then still there.
    pub fn finish(self) -> Result<(), GraphError> {
        let failed = |error: std::io::Error| GraphError::io(&self.path, error);
        let draft = self.draft.into_inner().map_err(|error| failed(error.into_error()))?;
        draft.publish(&self.path).map_err(failed)
    }
}
