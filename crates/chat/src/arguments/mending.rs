//! Finds the value in a text that is not JSON as it stands, and reads it.

use std::borrow::Cow;
use std::ops::Range;

use offseeker_trajectory::Repair;
use serde_json::{Map, Value};

use super::cursor::Cursor;
use super::lenient::Lenient;
use super::{ArgumentError, MAX_BYTES, MAX_DEPTH, Read, kind_of};

/// An object that was mended, with the places of its fields.
#[derive(Debug)]
pub(crate) struct MendedFields<'a> {
    /// The text in which the places are.
    pub(crate) text: Cow<'a, str>,
    /// The fields.
    pub(crate) fields: Map<String, Value>,
    /// Where the value of each field lies; a name that occurs twice has two.
    pub(crate) spans: Vec<(String, Range<usize>)>,
    /// What it took.
    pub(crate) repair: Repair,
}

struct Found<'a> {
    text: Cow<'a, str>,
    value: Value,
    spans: Vec<(String, Range<usize>)>,
    repair: Repair,
}

/// Reads a value that is not JSON as it stands.
pub(super) fn mend(raw: &str) -> Result<Read, ArgumentError> {
    let found = find(raw, MAX_DEPTH)?;
    Ok(Read { value: found.value, repair: found.repair })
}

/// Reads an object whose fields may be as deep as values may be.
pub(crate) fn mend_fields(raw: &str) -> Result<MendedFields<'_>, ArgumentError> {
    if raw.len() > MAX_BYTES {
        return Err(ArgumentError::TooLong { bytes: raw.len(), limit: MAX_BYTES });
    }
    let Found { text, value, spans, repair } = find(raw, MAX_DEPTH + 1)?;
    match value {
        Value::Object(fields) => Ok(MendedFields { text, fields, spans, repair }),
        Value::Array(mut items) if matches!(items.as_slice(), [Value::Object(_)]) => match items.remove(0) {
            Value::Object(fields) => Ok(MendedFields { text, fields, spans, repair: Repair::Mended }),
            other => Err(ArgumentError::unexpected("an object", kind_of(&other))),
        },
        other => Err(ArgumentError::unexpected("an object", kind_of(&other))),
    }
}

fn find(raw: &str, max_depth: usize) -> Result<Found<'_>, ArgumentError> {
    let error = match find_as_it_stands(raw, max_depth) {
        Err(error @ ArgumentError::Syntax { .. }) => error,
        found => return found,
    };
    let Some(unescaped) = unescaped(raw) else { return Err(error) };
    let found = find_as_it_stands(&unescaped, max_depth).map_err(|_| error)?;
    let (value, spans) = (found.value, found.spans);
    Ok(Found { text: Cow::Owned(unescaped), value, spans, repair: Repair::Mended })
}

fn find_as_it_stands(raw: &str, max_depth: usize) -> Result<Found<'_>, ArgumentError> {
    let mut head = Cursor::new(raw, 0);
    let before = head.skip_space();
    let start = head.at;
    let error = match read_at(raw, start, max_depth) {
        Err(error @ ArgumentError::Syntax { .. }) if !raw[start..].starts_with(['{', '[']) => error,
        found => return found.map(|found| Found { repair: found.repair.max(before), ..found }),
    };
    let Some(start) = embedded(raw) else { return Err(error) };
    read_at(raw, start, max_depth).map(|found| Found { repair: Repair::Mended, ..found })
}

/// Where the object begins that lies among other text, or the array around it.
fn embedded(raw: &str) -> Option<usize> {
    let at = raw.find('{')?;
    Some(raw[..at].trim_end().strip_suffix('[').map_or(at, str::len))
}

fn read_at(raw: &str, start: usize, max_depth: usize) -> Result<Found<'_>, ArgumentError> {
    // What is JSON up to some place is read as that, whatever follows.
    let text = &raw[..strict_prefix(raw, start).unwrap_or(raw.len())];
    let mut reader = Lenient::new(text, start, max_depth);
    let value = reader.value()?;
    let mut after = Cursor::new(raw, reader.cursor.at);
    let mut repair = reader.worst.max(after.skip_space());
    if !after.rest().is_empty() {
        if after.rest().contains('{') || !(value.is_object() || value.is_array()) {
            return Err(ArgumentError::syntax(after.at, "nothing after the value"));
        }
        repair = Repair::Mended;
    }
    Ok(Found { text: Cow::Borrowed(raw), value, spans: reader.spans, repair })
}

/// Where the value ends that begins at `start`, if it is an object or array in strict JSON.
fn strict_prefix(raw: &str, start: usize) -> Option<usize> {
    let rest = &raw[start..];
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<serde::de::IgnoredAny>();
    if !rest.starts_with(['{', '[']) || !matches!(values.next(), Some(Ok(_))) {
        return None;
    }
    Some(start + values.byte_offset())
}

/// The text of an object in which every quote is escaped, as if it had been cut out of a JSON string.
fn unescaped(raw: &str) -> Option<String> {
    let raw = raw.trim();
    if !raw.starts_with(['{', '[']) || !raw.contains("\\\"") {
        return None;
    }
    serde_json::from_str(&format!("\"{raw}\"")).ok()
}
