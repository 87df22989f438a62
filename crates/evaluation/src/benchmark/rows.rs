//! The rows of a file of JSON lines, JSON, CSV or TSV.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use offseeker_durable::{LineError, Lines};
use serde_json::{Map, Value};

use super::BenchmarkError;
use super::row::Row;

/// The longest line of a file of lines, in bytes; rows of HLE hold pictures.
const LONGEST_LINE: usize = 64 << 20;

/// The largest file that is read whole, in bytes.
const LARGEST_FILE: u64 = 512 << 20;

/// What some programs put before the first byte.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Reads all rows of a file; its ending says what it is.
pub(super) fn read_rows(path: &Path) -> Result<Vec<Row>, BenchmarkError> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    let rows = match ending.as_str() {
        "jsonl" | "ndjson" => json_lines(path),
        "json" => json(path),
        "csv" => separated(path, b','),
        "tsv" => separated(path, b'\t'),
        _ => Err(BenchmarkError::Kind { path: path.to_owned() }),
    }?;
    if rows.is_empty() {
        return Err(BenchmarkError::Empty { path: path.to_owned() });
    }
    Ok(rows)
}

pub(super) fn open(path: &Path) -> Result<BufReader<File>, BenchmarkError> {
    File::open(path).map(BufReader::new).map_err(|error| io(path, &error))
}

fn io(path: &Path, error: &std::io::Error) -> BenchmarkError {
    BenchmarkError::Io { path: path.to_owned(), reason: error.to_string() }
}

pub(super) fn bad_row(path: &Path, row: u64, reason: impl Into<String>) -> BenchmarkError {
    BenchmarkError::Row { path: path.to_owned(), row, reason: reason.into() }
}

/// Hands over each line of a file that has something on it, with its number.
pub(super) fn each_line(
    path: &Path,
    mut take: impl FnMut(u64, &str) -> Result<(), BenchmarkError>,
) -> Result<(), BenchmarkError> {
    let mut lines = Lines::new(open(path)?, LONGEST_LINE);
    loop {
        let line = match lines.text() {
            Ok(None) => return Ok(()),
            Ok(Some(line)) => std::str::from_utf8(line).map(str::to_owned).map_err(|_| "it is no UTF-8".to_owned()),
            Err(LineError::Io(error)) => return Err(io(path, &error)),
            Err(LineError::TooLong) => Err(format!("it has more than {LONGEST_LINE} bytes")),
        };
        let number = lines.number();
        take(number, &line.map_err(|reason| bad_row(path, number, reason))?)?;
    }
}

fn json_lines(path: &Path) -> Result<Vec<Row>, BenchmarkError> {
    let mut rows = Vec::new();
    each_line(path, |number, line| {
        let value: Value =
            serde_json::from_str(line).map_err(|error| bad_row(path, number, format!("it is no JSON: {error}")))?;
        rows.push(object(path, number, value)?);
        Ok(())
    })?;
    Ok(rows)
}

fn object(path: &Path, number: u64, value: Value) -> Result<Row, BenchmarkError> {
    match value {
        Value::Object(fields) => Ok(Row { number, fields }),
        _ => Err(bad_row(path, number, "it is no JSON object")),
    }
}

/// The text of a file that is read whole.
fn whole(path: &Path) -> Result<String, BenchmarkError> {
    let mut bytes = Vec::new();
    open(path)?.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(|error| io(path, &error))?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(BenchmarkError::TooLarge { path: path.to_owned(), most: LARGEST_FILE });
    }
    let mut text = String::from_utf8(bytes)
        .map_err(|_| BenchmarkError::Io { path: path.to_owned(), reason: "it is no UTF-8".to_owned() })?;
    if text.starts_with(BYTE_ORDER_MARK) {
        text.drain(..BYTE_ORDER_MARK.len());
    }
    Ok(text)
}

/// A list of objects.
fn json(path: &Path) -> Result<Vec<Row>, BenchmarkError> {
    let text = whole(path)?;
    let value: Value = serde_json::from_str(&text).map_err(|error| {
        let line = error.line() as u64;
        bad_row(path, line, format!("it is no JSON: {error}"))
    })?;
    let Value::Array(items) = value else {
        return Err(bad_row(path, 1, "the file is no list of objects; JSON lines end in .jsonl"));
    };
    (1..).zip(items).map(|(number, item)| object(path, number, item)).collect()
}

fn separated(path: &Path, separator: u8) -> Result<Vec<Row>, BenchmarkError> {
    let text = whole(path)?;
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| bad_csv(path, &error))?.clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| bad_csv(path, &error))?;
        let mut fields = Map::new();
        for (name, value) in headers.iter().zip(&record) {
            if fields.insert(name.trim().to_owned(), Value::from(value)).is_some() {
                return Err(bad_row(path, 1, format!("the column `{}` is there twice", name.trim())));
            }
        }
        rows.push(Row { number: record.position().map_or(0, csv::Position::line), fields });
    }
    Ok(rows)
}

fn bad_csv(path: &Path, error: &csv::Error) -> BenchmarkError {
    let line = error.position().map_or(1, csv::Position::line);
    let reason = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("it has {len} fields and the first line has {expected_len}; check the quotes")
        }
        _ => "it cannot be read as separated values".to_owned(),
    };
    bad_row(path, line, reason)
}
