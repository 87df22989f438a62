//! Documents from a file with one JSON object a line.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::row::{ID, Row};
use super::{CorpusError, Document};

/// A file with one JSON object a line.
#[derive(Debug)]
pub(super) struct Jsonl {
    path: PathBuf,
    file: BufReader<File>,
    line: u64,
    bytes: u64,
    total_bytes: Option<u64>,
    buffer: Vec<u8>,
}

impl Jsonl {
    pub(super) fn open(path: &Path) -> Result<Self, CorpusError> {
        let file = File::open(path).map_err(|error| CorpusError::unreadable(path, error))?;
        let known = file.metadata().ok().filter(std::fs::Metadata::is_file);
        Ok(Self {
            path: path.to_owned(),
            file: BufReader::with_capacity(1 << 18, file),
            line: 0,
            bytes: 0,
            total_bytes: known.map(|known| known.len()),
            buffer: Vec::new(),
        })
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn total_bytes(&self) -> Option<u64> {
        self.total_bytes
    }

    /// The next document; lines with nothing on them are passed over.
    pub(super) fn read(&mut self, largest: usize) -> Option<Result<Document, CorpusError>> {
        loop {
            match self.next_line(largest) {
                Ok(false) => return None,
                Ok(true) => {}
                Err(error) => return Some(Err(error)),
            }
            let line = self.buffer.trim_ascii();
            if !line.is_empty() {
                let row = row(line).map_err(|fault| self.fault(fault));
                return Some(row.and_then(|row| {
                    row.document().map_err(|(field, reason)| self.fault(Fault::Field(field.to_owned(), reason)))
                }));
            }
        }
    }

    /// Reads a line into the buffer; false at the end of the file. Of one that is too large no more than may be is kept.
    fn next_line(&mut self, largest: usize) -> Result<bool, CorpusError> {
        self.buffer.clear();
        let limit = largest as u64 + 1;
        let failed = |error: std::io::Error| CorpusError::unreadable(&self.path, error);
        let read = (&mut self.file).take(limit).read_until(b'\n', &mut self.buffer).map_err(failed)? as u64;
        if read == 0 {
            return Ok(false);
        }
        self.line += 1;
        self.bytes += read;
        if self.line == 1 && self.buffer.starts_with(b"\xEF\xBB\xBF") {
            self.buffer.drain(..3);
        }
        if read == limit && self.buffer.last() != Some(&b'\n') {
            self.bytes += skip_line(&mut self.file).map_err(|error| CorpusError::unreadable(&self.path, error))?;
            return Err(CorpusError::TooLarge { path: self.path.clone(), line: self.line, limit: largest });
        }
        Ok(true)
    }

    fn fault(&self, fault: Fault) -> CorpusError {
        let (path, line) = (self.path.clone(), self.line);
        match fault {
            Fault::Line(reason) => CorpusError::Line { path, line, reason },
            Fault::Field(field, reason) => CorpusError::Field { path, line, field, reason },
        }
    }
}

enum Fault {
    Line(String),
    Field(String, String),
}

/// Passes over the rest of a line and says how long it was.
fn skip_line(file: &mut impl BufRead) -> std::io::Result<u64> {
    let mut skipped = 0;
    loop {
        let buffer = match file.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(buffer.len(), |end| end + 1);
        let done = end.is_some() || buffer.is_empty();
        file.consume(length);
        skipped += length as u64;
        if done {
            return Ok(skipped);
        }
    }
}

fn row(line: &[u8]) -> Result<Row, Fault> {
    let value: Value =
        serde_json::from_slice(line).map_err(|error| Fault::Line(format!("it is no JSON: {}", plain(&error))))?;
    let Value::Object(mut fields) = value else {
        return Err(Fault::Line("it is JSON, but no object".to_owned()));
    };
    Ok(Row {
        id: id(&mut fields)?,
        url: text(&mut fields, "url")?,
        title: text(&mut fields, "title")?,
        text: text(&mut fields, "text")?,
        contents: text(&mut fields, "contents")?,
        date: text(&mut fields, "date")?,
    })
}

/// What the parser says, with the column alone: the line of the file is known better here.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    format!("{} at column {}", &text[..end], error.column())
}

fn text(fields: &mut Map<String, Value>, name: &str) -> Result<Option<String>, Fault> {
    match fields.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(Fault::Field(name.to_owned(), format!("is {}, not a string", kind(&other)))),
    }
}

fn id(fields: &mut Map<String, Value>) -> Result<Option<String>, Fault> {
    for name in ID {
        match fields.remove(name) {
            None | Some(Value::Null) => {}
            Some(Value::String(id)) => return Ok(Some(id)),
            Some(Value::Number(id)) if id.is_u64() || id.is_i64() => return Ok(Some(id.to_string())),
            Some(other) => {
                let reason = format!("is {}, neither a string nor a whole number", kind(&other));
                return Err(Fault::Field(name.to_owned(), reason));
            }
        }
    }
    Ok(None)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
