//! The records of a file, one at a time.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use offseeker_durable::{LineError, Lines};

use crate::record::Fault;
use crate::{GraphError, Record};

/// The longest line that is read where nobody says another, in bytes.
pub const LONGEST_LINE: usize = 16 << 20;

/// The records of a file with one JSON object a line, one at a time.
///
/// A line that is no record is an error that says which line and which field it is; after it comes the next record. Only
/// what the system cannot read is the end.
#[derive(Debug)]
pub struct RecordReader<R> {
    path: PathBuf,
    lines: Lines<R>,
    ended: bool,
}

impl RecordReader<BufReader<File>> {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// When it cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, GraphError> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|error| GraphError::io(path, error))?;
        Ok(Self::new(path, BufReader::with_capacity(1 << 18, file)))
    }
}

impl<R: BufRead> RecordReader<R> {
    /// The records of what is read from anywhere; errors call it by a path.
    pub fn new(path: impl Into<PathBuf>, from: R) -> Self {
        Self { path: path.into(), lines: Lines::new(from, LONGEST_LINE), ended: false }
    }

    /// Reads lines of at most so many bytes; [`LONGEST_LINE`] where nobody says it.
    #[must_use]
    pub fn longest(mut self, bytes: usize) -> Self {
        self.lines.set_longest(bytes);
        self
    }

    fn no_record(&self, fault: Fault) -> GraphError {
        let (path, line) = (self.path.clone(), self.lines.number());
        match fault.field {
            Some(field) => GraphError::Field { path, line, field, reason: fault.reason },
            None => GraphError::Line { path, line, reason: fault.reason },
        }
    }

    fn no_line(&mut self, error: LineError) -> GraphError {
        match error {
            LineError::TooLong => {
                let (line, limit) = (self.lines.number(), self.lines.longest());
                GraphError::TooLong { path: self.path.clone(), line, limit }
            }
            LineError::Io(error) => {
                self.ended = true;
                GraphError::io(&self.path, error)
            }
        }
    }
}

impl<R: BufRead> Iterator for RecordReader<R> {
    type Item = Result<Record, GraphError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.lines.text() {
            Ok(None) => None,
            Ok(Some(line)) => {
                let record = Record::read(line);
                Some(record.map_err(|fault| self.no_record(fault)))
            }
            Err(error) => Some(Err(self.no_line(error))),
        }
    }
}
