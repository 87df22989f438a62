//! Lines that are there once they are acknowledged, in a file that only grows.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::{fmt, io};

use crate::draft::folder_of;
use crate::{LineError, Lines, sync_folder};

/// Lines that are there once they are acknowledged, in a file that only grows.
///
/// A line counts when its end is on the disk. What a kill left of the last one was never acknowledged, and is cut off
/// when the log is opened. Where several processes could append, hold a [`WriterLock`](crate::WriterLock) meanwhile.
///
/// ```
/// use offseeker_durable::Log;
///
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("log.jsonl");
/// let mut log = Log::open(&path, 1 << 20, |_| Ok(()))?;
/// let place = log.append(b"{\"done\": 1}\n")?;
/// assert_eq!(log.read(place)?, b"{\"done\": 1}\n");
/// drop(log);
///
/// let mut lines = 0;
/// Log::open(&path, 1 << 20, |_| Ok(lines += 1))?;
/// assert_eq!(lines, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    file: File,
    end: u64,
    cut: u64,
}

/// A line of a log.
#[derive(Debug, Clone)]
pub struct Logged<'a> {
    /// What stands in it, without its end.
    pub text: &'a [u8],
    /// Its number; the first is 1.
    pub number: u64,
    /// Where it stands in the file, its end included.
    pub place: Range<u64>,
}

/// Why a log cannot be opened.
#[derive(Debug)]
pub enum LogError {
    /// The system says so.
    Io(io::Error),
    /// A line makes no sense to who reads it, or is too long.
    Damaged {
        /// Its number.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
}

impl Log {
    /// Opens a log, or begins one, and shows each of its lines, of at most so many bytes, in their order.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or written, or a line is too long or refused, for a reason in words.
    pub fn open(
        path: &Path,
        longest: usize,
        mut each: impl FnMut(Logged<'_>) -> Result<(), String>,
    ) -> Result<Self, LogError> {
        let is_new = !path.exists();
        let file = File::options().create(true).truncate(false).read(true).write(true).open(path)?;
        if is_new {
            sync_folder(folder_of(path))?;
        }
        let mut lines = Lines::new(BufReader::with_capacity(1 << 18, File::open(path)?), longest);
        let (mut end, mut cut) = (0, 0);
        loop {
            let number = lines.number() + 1;
            let damaged = |reason: String| LogError::Damaged { line: number, reason };
            let line = match lines.raw() {
                Err(LineError::Io(error)) => return Err(LogError::Io(error)),
                Err(LineError::TooLong) => return Err(damaged(LineError::TooLong.to_string())),
                Ok(None) => break,
                Ok(Some(line)) => line,
            };
            let place = end..end + line.len() as u64;
            let Some(text) = line.strip_suffix(b"\n") else {
                cut = line.len() as u64;
                break;
            };
            each(Logged { text, number, place: place.clone() }).map_err(damaged)?;
            end = place.end;
        }
        if cut > 0 {
            file.set_len(end)?;
            file.sync_all()?;
        }
        Ok(Self { path: path.to_owned(), file, end, cut })
    }

    /// Appends whole lines, each with its end, and gives back where they stand when they are on the disk.
    ///
    /// # Errors
    ///
    /// What the system says; nothing counts as written then, and the same can be appended again.
    pub fn append(&mut self, lines: &[u8]) -> io::Result<Range<u64>> {
        debug_assert!(lines.is_empty() || lines.ends_with(b"\n"), "a line has an end");
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(lines)?;
        self.file.sync_data()?;
        let place = self.end..self.end + lines.len() as u64;
        self.end = place.end;
        Ok(place)
    }

    /// Reads what stands in a place.
    ///
    /// # Errors
    ///
    /// What the system says; that there is nothing, for one.
    pub fn read(&mut self, place: Range<u64>) -> io::Result<Vec<u8>> {
        let length = usize::try_from(place.end.saturating_sub(place.start)).map_err(io::Error::other)?;
        let mut bytes = vec![0; length];
        self.file.seek(SeekFrom::Start(place.start))?;
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many bytes of the file count.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.end
    }

    /// How many bytes of an unfinished line were cut off when it was opened.
    #[must_use]
    pub fn cut(&self) -> u64 {
        self.cut
    }
}

impl From<io::Error> for LogError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Damaged { line, reason } => write!(f, "line {line}: {reason}"),
        }
    }
}

impl std::error::Error for LogError {}
