//! The lines of a file, one at a time, each no longer than it may be.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use offseeker_durable::{LineError, Lines};

use super::{FormatError, LONGEST_LINE, RowError};

/// The lines of a file, one at a time, with their numbers; the first is 1.
///
/// Blank lines are passed over, and a mark of byte order and carriage returns are taken off. After a line that cannot
/// be read comes the next one.
pub struct LineReader {
    path: PathBuf,
    lines: Lines<Box<dyn BufRead + Send>>,
    ended: bool,
}

impl LineReader {
    /// Opens a file; one whose name ends in `.zst` is unpacked on the way.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, FormatError> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|error| FormatError::io(path, error))?;
        if path.extension().is_some_and(|extension| extension == "zst") {
            let unpacked = zstd::Decoder::new(file).map_err(|error| FormatError::io(path, error))?;
            return Ok(Self::new(path, BufReader::new(unpacked)));
        }
        Ok(Self::new(path, BufReader::new(file)))
    }

    /// The lines of what is read from anywhere; errors call it by a path.
    pub fn new(path: impl Into<PathBuf>, from: impl BufRead + Send + 'static) -> Self {
        Self { path: path.into(), lines: Lines::new(Box::new(from), LONGEST_LINE), ended: false }
    }

    /// Reads lines of at most so many bytes; 64 MiB, where nothing is said.
    #[must_use]
    pub fn with_longest(mut self, longest: usize) -> Self {
        self.lines.set_longest(longest);
        self
    }

    /// What the lines hold: `read` makes a row out of each.
    pub fn rows<T>(
        self,
        mut read: impl FnMut(&str) -> Result<T, RowError>,
    ) -> impl Iterator<Item = Result<T, FormatError>> {
        let path = self.path.clone();
        self.map(move |line| {
            let (line, text) = line?;
            read(&text).map_err(|source| FormatError::row(&path, line, source))
        })
    }

    fn no_line(&mut self, error: LineError) -> FormatError {
        match error {
            LineError::TooLong => {
                let (line, limit) = (self.lines.number(), self.lines.longest());
                FormatError::TooLong { path: self.path.clone(), line, limit }
            }
            // After an error of the system there is nothing more to read.
            LineError::Io(error) => {
                self.ended = true;
                FormatError::io(&self.path, &error)
            }
        }
    }
}

impl Iterator for LineReader {
    type Item = Result<(u64, String), FormatError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let text = match self.lines.text() {
            Ok(None) => return None,
            Ok(Some(line)) => std::str::from_utf8(line).map(str::to_owned),
            Err(error) => return Some(Err(self.no_line(error))),
        };
        let line = self.lines.number();
        let not_utf8 = |error: std::str::Utf8Error| FormatError::NotUtf8 {
            path: self.path.clone(),
            line,
            at: error.valid_up_to(),
        };
        Some(text.map(|text| (line, text)).map_err(not_utf8))
    }
}

impl std::fmt::Debug for LineReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LineReader")
            .field("path", &self.path)
            .field("line", &self.lines.number())
            .finish_non_exhaustive()
    }
}
