//! The lines of a file with one JSON value a line.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::SynthesisError;

/// The longest line that is read, in bytes.
pub(crate) const LONGEST: u64 = 16 << 20;

/// The lines of a file, one at a time. White lines are passed over; the first fault is the end.
#[derive(Debug)]
pub(crate) struct Lines {
    path: PathBuf,
    from: BufReader<File>,
    number: u64,
    ended: bool,
}

/// A line.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) number: u64,
    /// What is in it, without its end.
    pub(crate) bytes: Vec<u8>,
    /// Whether its end is there.
    pub(crate) is_whole: bool,
}

impl Lines {
    pub(crate) fn open(path: &Path) -> Result<Self, SynthesisError> {
        let file = File::open(path).map_err(|error| SynthesisError::io(path, error))?;
        Ok(Self { path: path.to_owned(), from: BufReader::new(file), number: 0, ended: false })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The next line, without its end.
    pub(crate) fn line(&mut self) -> Result<Option<Line>, SynthesisError> {
        let mut bytes = Vec::new();
        let read = (&mut self.from).take(LONGEST + 1).read_until(b'\n', &mut bytes);
        let read = read.map_err(|error| SynthesisError::io(&self.path, error))? as u64;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        let is_whole = bytes.last() == Some(&b'\n');
        if !is_whole && read > LONGEST {
            let reason = format!("it has more than {LONGEST} bytes");
            return Err(SynthesisError::line(&self.path, self.number, reason));
        }
        if is_whole {
            bytes.pop();
        }
        Ok(Some(Line { number: self.number, bytes, is_whole }))
    }

    /// The next value; none at the end.
    pub(crate) fn value<T: DeserializeOwned>(&mut self) -> Option<Result<T, SynthesisError>> {
        while !self.ended {
            match self.line() {
                Ok(None) => self.ended = true,
                Ok(Some(line)) if line.bytes.trim_ascii().is_empty() => {}
                Ok(Some(line)) => {
                    let value = serde_json::from_slice(&line.bytes);
                    let value = value.map_err(|error| SynthesisError::line(&self.path, line.number, error));
                    self.ended = value.is_err();
                    return Some(value);
                }
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
        None
    }
}
