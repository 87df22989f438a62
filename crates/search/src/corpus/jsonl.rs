//! Documents from a file with one JSON object a line.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use offseeker_durable::{LineError, Lines};
use serde_json::{Map, Value};

use super::row::{ID, Row};
use super::{CorpusError, Document, LARGEST_DOCUMENT};

/// A file with one JSON object a line.
#[derive(Debug)]
pub(super) struct Jsonl {
    path: PathBuf,
    lines: Lines<BufReader<File>>,
    total_bytes: Option<u64>,
}

impl Jsonl {
    pub(super) fn open(path: &Path) -> Result<Self, CorpusError> {
        let file = File::open(path).map_err(|error| CorpusError::unreadable(path, error))?;
        let known = file.metadata().ok().filter(std::fs::Metadata::is_file);
        Ok(Self {
            path: path.to_owned(),
            lines: Lines::new(BufReader::with_capacity(1 << 18, file), LARGEST_DOCUMENT),
            total_bytes: known.map(|known| known.len()),
        })
    }

    pub(super) fn bytes(&self) -> u64 {
        self.lines.bytes()
    }

    pub(super) fn total_bytes(&self) -> Option<u64> {
        self.total_bytes
    }

    /// The next document; lines with nothing on them are passed over.
    pub(super) fn read(&mut self, largest: usize) -> Option<Result<Document, CorpusError>> {
        self.lines.set_longest(largest);
        let row = match self.lines.text() {
            Ok(None) => return None,
            Ok(Some(line)) => row(line),
            Err(error) => return Some(Err(self.no_line(error))),
        };
        let document =
            row.and_then(|row| row.document().map_err(|(field, reason)| Fault::Field(field.to_owned(), reason)));
        Some(document.map_err(|fault| self.fault(fault)))
    }

    fn no_line(&self, error: LineError) -> CorpusError {
        match error {
            LineError::Io(error) => CorpusError::unreadable(&self.path, error),
            LineError::TooLong => CorpusError::TooLarge {
                path: self.path.clone(),
                line: self.lines.number(),
                limit: self.lines.longest(),
            },
        }
    }

    fn fault(&self, fault: Fault) -> CorpusError {
        let (path, line) = (self.path.clone(), self.lines.number());
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
