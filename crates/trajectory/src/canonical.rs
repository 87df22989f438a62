//! One spelling for each JSON value, and the content ids that are hashes of it.
//!
//! Two values that differ only in the order of their fields, in white space or in Unicode normal form have the same
//! canonical JSON and so the same id, on every machine and in every version.

use serde::Serialize;
use serde_json::{Map, Number, Value};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::TrajectoryError;

/// Hexadecimal digits in a content id: 128 bits, enough that no two things ever share one by chance.
const ID_DIGITS: usize = 32;

/// Writes a value as canonical JSON: keys sorted by their bytes, text in NFC, no white space.
///
/// What counts is the JSON that the value is written as, so a value and the line that it was saved as have the same
/// canonical JSON. A whole number is written as its digits, any other as the fewest digits that are read back as the
/// same 64-bit number, so `1` and `1.0` are different values. A number that is not finite is `null` to `serde_json`;
/// a type that may hold one has to refuse it, as those of this crate do.
///
/// ```
/// let value = serde_json::json!({"b": [1, 2.5], "a": "cafe\u{301}"});
/// assert_eq!(offseeker_trajectory::canonical_json(&value)?, "{\"a\":\"caf\u{e9}\",\"b\":[1,2.5]}");
/// # Ok::<(), offseeker_trajectory::TrajectoryError>(())
/// ```
///
/// # Errors
///
/// When the value cannot be written as JSON, when it is nested deeper than 127 levels, or when two keys of an object
/// are equal once normalised.
pub fn canonical_json<T: Serialize + ?Sized>(value: &T) -> Result<String, TrajectoryError> {
    // By way of the text, because `serde_json::to_value` spells 32-bit numbers otherwise than the text does.
    let text = serde_json::to_string(value).map_err(not_json)?;
    let value = serde_json::from_str(&text).map_err(not_json)?;
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
        Value::Number(number) => {
            write_number(number, out);
            Ok(())
        }
        Value::Null | Value::Bool(_) => {
            out.push_str(&value.to_string());
            Ok(())
        }
    }
}

/// Fractions are spelled by the standard library, because `serde_json` changed its spelling between two versions.
fn write_number(number: &Number, out: &mut String) {
    let spelled = match number.as_f64() {
        Some(fraction) if number.is_f64() => format!("{fraction:?}"),
        _ => number.to_string(),
    };
    out.push_str(&spelled);
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
