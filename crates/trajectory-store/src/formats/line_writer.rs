//! A file of lines that is there when it is whole.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use offseeker_durable::Draft;

use super::{FormatError, LONGEST_LINE};

/// How hard zstd tries: its own default.
const LEVEL: i32 = 3;

/// A file of lines that is there when it is [finished](LineWriter::finish), and not before.
///
/// Lines are written as they come, so a file may be larger than the memory.
#[derive(Debug)]
pub struct LineWriter {
    path: PathBuf,
    to: Sink,
    lines: u64,
}

enum Sink {
    Plain(BufWriter<Draft>),
    Packed(zstd::Encoder<'static, BufWriter<Draft>>),
}

impl LineWriter {
    /// A file that takes the place of an earlier one; one whose name ends in `.zst` is packed on the way.
    ///
    /// # Errors
    ///
    /// When the folder cannot be written.
    pub fn create(path: impl Into<PathBuf>) -> Result<Self, FormatError> {
        let path = path.into();
        let to = sink(&path).map_err(|error| FormatError::io(&path, error))?;
        Ok(Self { path, to, lines: 0 })
    }

    /// Writes a line.
    ///
    /// # Errors
    ///
    /// When the line is longer than a reader would take, or the disk is full.
    pub fn write(&mut self, line: &str) -> Result<(), FormatError> {
        if line.len() > LONGEST_LINE {
            return Err(FormatError::TooLong { path: self.path.clone(), line: self.lines + 1, limit: LONGEST_LINE });
        }
        let to: &mut dyn Write = match &mut self.to {
            Sink::Plain(to) => to,
            Sink::Packed(to) => to,
        };
        to.write_all(line.as_bytes())
            .and_then(|()| to.write_all(b"\n"))
            .map_err(|error| FormatError::io(&self.path, error))?;
        self.lines += 1;
        Ok(())
    }

    /// Writes several lines: those that one attempt makes.
    ///
    /// # Errors
    ///
    /// As [`write`](LineWriter::write).
    pub fn write_all(&mut self, lines: impl IntoIterator<Item = String>) -> Result<(), FormatError> {
        lines.into_iter().try_for_each(|line| self.write(&line))
    }

    /// Puts the file in its place, and says how many lines it has.
    ///
    /// # Errors
    ///
    /// When the disk is full; what was in the place is then still there.
    pub fn finish(self) -> Result<u64, FormatError> {
        let Self { path, to, lines } = self;
        publish(to, &path).map_err(|error| FormatError::io(&path, error))?;
        Ok(lines)
    }
}

fn sink(path: &Path) -> io::Result<Sink> {
    let to = BufWriter::new(Draft::beside(path)?);
    if path.extension().is_some_and(|extension| extension == "zst") {
        return zstd::Encoder::new(to, LEVEL).map(Sink::Packed);
    }
    Ok(Sink::Plain(to))
}

fn publish(to: Sink, path: &Path) -> io::Result<()> {
    let to = match to {
        Sink::Plain(to) => to,
        Sink::Packed(to) => to.finish()?,
    };
    to.into_inner().map_err(io::IntoInnerError::into_error)?.publish(path)
}

impl std::fmt::Debug for Sink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Plain(_) => "Plain",
            Self::Packed(_) => "Packed",
        })
    }
}
