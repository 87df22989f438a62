//! One spelling for each JSON value, and the content ids that are hashes of it.
//!
//! Two values that differ only in the order of their fields, in white space or in Unicode normal form have the same
//! canonical JSON and so the same id, on every machine and in every version.

use serde::Serialize;
use serde_json::{Map, Value};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::TrajectoryError;

/// Hexadecimal digits in a content id: 128 bits, enough that no two things ever share one by chance.
const ID_DIGITS: usize = 32;

/// Writes a value as canonical JSON: keys sorted by their bytes, text in NFC, no white space.
///
/// Numbers keep the spelling that `serde_json` gives them, so `1` and `1.0` are different values.
///
/// ```
/// let value = serde_json::json!({"b": [1, 2.5], "a": "cafe\u{301}"});
/// assert_eq!(offseeker_trajectory::canonical_json(&value)?, "{\"a\":\"caf\u{e9}\",\"b\":[1,2.5]}");
/// # Ok::<(), offseeker_trajectory::TrajectoryError>(())
/// ```
///
/// # Errors
///
/// When the value cannot be written as JSON, or when two keys of an object are equal once normalised.
pub fn canonical_json<T: Serialize + ?Sized>(value: &T) -> Result<String, TrajectoryError> {
    let value = serde_json::to_value(value).map_err(not_json)?;
    let mut out = String::new();
    write_value(&value, &mut out)?;
    Ok(out)
}

/// Names a value by its content: the first 32 hexadecimal digits of the blake3 hash of its canonical JSON.
///
/// # Errors
///
/// As [`canonical_json`].
pub fn content_id<T: Serialize + ?Sized>(value: &T) -> Result<String, TrajectoryError> {
    let canonical = canonical_json(value)?;
    Ok(blake3::hash(canonical.as_bytes()).to_hex()[..ID_DIGITS].to_owned())
}

/// The content id of a value made here of text and numbers alone, which always has one.
pub(crate) fn plain_id(value: &Value) -> String {
    content_id(value).expect("a value with fixed, distinct keys has a canonical form")
}

fn write_value(value: &Value, out: &mut String) -> Result<(), TrajectoryError> {
    match value {
        Value::String(text) => write_text(text, out),
        Value::Array(items) => write_array(items, out),
        Value::Object(fields) => write_object(fields, out),
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            out.push_str(&value.to_string());
            Ok(())
        }
    }
}

fn write_array(items: &[Value], out: &mut String) -> Result<(), TrajectoryError> {
    out.push('[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write_value(item, out)?;
    }
    out.push(']');
    Ok(())
}

fn write_object(fields: &Map<String, Value>, out: &mut String) -> Result<(), TrajectoryError> {
    let mut sorted: Vec<(String, &Value)> = fields.iter().map(|(key, value)| (key.nfc().collect(), value)).collect();
    sorted.sort_unstable_by(|left, right| left.0.cmp(&right.0));
    if let Some(twins) = sorted.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(TrajectoryError::DuplicateKey { key: twins[0].0.clone() });
    }
    out.push('{');
    for (at, (key, value)) in sorted.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write_text(&key, out)?;
        out.push(':');
        write_value(value, out)?;
    }
    out.push('}');
    Ok(())
}

fn write_text(text: &str, out: &mut String) -> Result<(), TrajectoryError> {
    let quoted =
        if is_nfc(text) { serde_json::to_string(text) } else { serde_json::to_string(&text.nfc().collect::<String>()) };
    out.push_str(&quoted.map_err(not_json)?);
    Ok(())
}

// Taken by value because that is what `map_err` hands over.
#[allow(clippy::needless_pass_by_value)]
fn not_json(error: serde_json::Error) -> TrajectoryError {
    TrajectoryError::NotJson { reason: error.to_string() }
}
