//! The records of a file, one at a time.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

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
    from: R,
    line: u64,
    longest: usize,
    buffer: Vec<u8>,
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
        Self { path: path.into(), from, line: 0, longest: LONGEST_LINE, buffer: Vec::new(), ended: false }
    }

    /// Reads lines of at most so many bytes; [`LONGEST_LINE`] where nobody says it.
    #[must_use]
    pub fn longest(self, bytes: usize) -> Self {
        Self { longest: bytes, ..self }
    }

    /// Reads a line into the buffer; false at the end.
    fn next_line(&mut self) -> Result<bool, GraphError> {
        self.buffer.clear();
        let limit = self.longest as u64 + 1;
        let read = (&mut self.from).take(limit).read_until(b'\n', &mut self.buffer);
        let read = read.map_err(|error| GraphError::io(&self.path, error))? as u64;
        if read == 0 {
            return Ok(false);
        }
        self.line += 1;
        if self.line == 1 && self.buffer.starts_with(b"\xEF\xBB\xBF") {
            self.buffer.drain(..3);
        }
        if read == limit && self.buffer.last() != Some(&b'\n') {
            skip_line(&mut self.from).map_err(|error| GraphError::io(&self.path, error))?;
            return Err(GraphError::TooLong { path: self.path.clone(), line: self.line, limit: self.longest });
        }
        Ok(true)
    }

    fn record(&self, line: &[u8]) -> Result<Record, GraphError> {
        Record::read(line).map_err(|fault| {
            let (path, line) = (self.path.clone(), self.line);
            match fault.field {
                Some(field) => GraphError::Field { path, line, field, reason: fault.reason },
                None => GraphError::Line { path, line, reason: fault.reason },
            }
        })
    }
}

impl<R: BufRead> Iterator for RecordReader<R> {
    type Item = Result<Record, GraphError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            match self.next_line() {
                Ok(true) => {}
                Ok(false) => self.ended = true,
                Err(error) => {
                    self.ended = matches!(error, GraphError::Io { .. });
                    return Some(Err(error));
                }
            }
            let line = self.buffer.trim_ascii();
            if !line.is_empty() {
                return Some(self.record(line));
            }
        }
        None
    }
}

/// Passes over the rest of a line.
fn skip_line(from: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let buffer = match from.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(buffer.len(), |end| end + 1);
        let done = end.is_some() || buffer.is_empty();
        from.consume(length);
        if done {
            return Ok(());
        }
    }
}
