//! The lines of a file, one at a time, each no longer than it may be.

use std::fmt;
use std::io::{self, BufRead, ErrorKind, Read};

/// The mark that some programs put before the first line.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The lines of a file, one at a time, each no longer than it may be, however the file looks.
///
/// A line that is too long is an error, and after it comes the next one; no more of it is in memory than may be.
#[derive(Debug)]
pub struct Lines<R> {
    from: R,
    longest: usize,
    number: u64,
    bytes: u64,
    buffer: Vec<u8>,
}

/// Why there is no line.
#[derive(Debug)]
pub enum LineError {
    /// The system says so. There is no use in asking for more.
    Io(io::Error),
    /// It is longer than it may be, and was passed over.
    TooLong,
}

impl<R: BufRead> Lines<R> {
    /// The lines of what is read from anywhere, of at most so many bytes each.
    pub fn new(from: R, longest: usize) -> Self {
        Self { from, longest, number: 0, bytes: 0, buffer: Vec::new() }
    }

    /// The next line that has something on it, without white space around it and without a mark of byte order; none at
    /// the end.
    ///
    /// # Errors
    ///
    /// When it is too long, or cannot be read.
    pub fn text(&mut self) -> Result<Option<&[u8]>, LineError> {
        while self.raw()?.is_some() {
            if self.number == 1 && self.buffer.starts_with(BYTE_ORDER_MARK) {
                self.buffer.drain(..BYTE_ORDER_MARK.len());
            }
            if !self.buffer.trim_ascii().is_empty() {
                return Ok(Some(self.buffer.trim_ascii()));
            }
        }
        Ok(None)
    }

    /// The next line as it stands, with its end, which the last one may not have; none at the end of the file.
    pub(crate) fn raw(&mut self) -> Result<Option<&[u8]>, LineError> {
        self.buffer.clear();
        let limit = (self.longest as u64).saturating_add(1);
        let read = (&mut self.from).take(limit).read_until(b'\n', &mut self.buffer).map_err(LineError::Io)?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        self.bytes += read as u64;
        if read as u64 == limit && !self.buffer.ends_with(b"\n") {
            self.pass_over().map_err(LineError::Io)?;
            return Err(LineError::TooLong);
        }
        Ok(Some(&self.buffer))
    }

    /// Reads to the end of the line without keeping any of it.
    fn pass_over(&mut self) -> io::Result<()> {
        loop {
            let seen = match self.from.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                seen => seen?,
            };
            let end = seen.iter().position(|byte| *byte == b'\n');
            let length = end.map_or(seen.len(), |at| at + 1);
            let is_over = end.is_some() || seen.is_empty();
            self.from.consume(length);
            self.bytes += length as u64;
            if is_over {
                return Ok(());
            }
        }
    }

    /// Lets lines be of so many bytes from now on.
    pub fn set_longest(&mut self, longest: usize) {
        self.longest = longest;
    }

    /// The most bytes that a line may have.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// The number of the line that was read last; the first is 1.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// How many bytes were read.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::TooLong => f.write_str("the line is too long"),
        }
    }
}

impl std::error::Error for LineError {}
