//! The lines of a file, one at a time, each no longer than it may be.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::{FormatError, LONGEST_LINE, RowError};

/// The mark that some programs put before the first line.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The lines of a file, one at a time, with their numbers; the first is 1.
///
/// Blank lines are passed over, and a mark of byte order and carriage returns are taken off. After a line that cannot
/// be read comes the next one.
pub struct LineReader {
    path: PathBuf,
    from: Box<dyn BufRead + Send>,
    line: u64,
    longest: usize,
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
        Self { path: path.into(), from: Box::new(from), line: 0, longest: LONGEST_LINE, ended: false }
    }

    /// Reads lines of at most so many bytes; 64 MiB, where nothing is said.
    #[must_use]
    pub fn with_longest(self, longest: usize) -> Self {
        Self { longest, ..self }
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

    fn read_line(&mut self) -> Result<Option<String>, FormatError> {
        let mut bytes = Vec::new();
        let most = u64::try_from(self.longest).unwrap_or(u64::MAX).saturating_add(1);
        let read = (&mut self.from).take(most).read_until(b'\n', &mut bytes);
        if read.map_err(|error| self.broken(&error))? == 0 {
            return Ok(None);
        }
        self.line += 1;
        if bytes.len() > self.longest && !bytes.ends_with(b"\n") {
            self.pass_over().map_err(|error| self.broken(&error))?;
            return Err(FormatError::TooLong { path: self.path.clone(), line: self.line, limit: self.longest });
        }
        if self.line == 1 && bytes.starts_with(BYTE_ORDER_MARK) {
            bytes.drain(..BYTE_ORDER_MARK.len());
        }
        bytes.truncate(bytes.trim_ascii_end().len());
        let text = String::from_utf8(bytes).map_err(|error| FormatError::NotUtf8 {
            path: self.path.clone(),
            line: self.line,
            at: error.utf8_error().valid_up_to(),
        })?;
        Ok(Some(text))
    }

    /// Reads to the end of the line without keeping any of it.
    fn pass_over(&mut self) -> std::io::Result<()> {
        loop {
            let seen = self.from.fill_buf()?;
            let (length, ended) = match seen.iter().position(|byte| *byte == b'\n') {
                Some(at) => (at + 1, true),
                None => (seen.len(), seen.is_empty()),
            };
            self.from.consume(length);
            if ended {
                return Ok(());
            }
        }
    }

    /// After an error of the system there is nothing more to read.
    fn broken(&mut self, error: &std::io::Error) -> FormatError {
        self.ended = true;
        FormatError::io(&self.path, error)
    }
}

impl Iterator for LineReader {
    type Item = Result<(u64, String), FormatError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            match self.read_line() {
                Ok(None) => self.ended = true,
                Ok(Some(text)) if text.is_empty() => {}
                Ok(Some(text)) => return Some(Ok((self.line, text))),
                Err(error) => return Some(Err(error)),
            }
        }
        None
    }
}

impl std::fmt::Debug for LineReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LineReader").field("path", &self.path).field("line", &self.line).finish_non_exhaustive()
    }
}
