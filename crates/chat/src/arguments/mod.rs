//! Reads the arguments of a call, also where the model spelled them badly, and says how badly.
//!
//! Reading goes down a ladder and stops at the first step that holds: strict JSON, JSON5, mending of what models get
//! wrong. [`Repair`] says which step it took, so that training data can be made of what was spelled well alone. The
//! last step is the [`Schema`] of the tool.
//!
//! | level | what is read |
//! | --- | --- |
//! | `None` | JSON |
//! | `Json5` | comments, single quotes, bare names, trailing commas, hexadecimal numbers, a leading `+`, a bare decimal point, escaped line breaks |
//! | `Mended` | missing closers at the end, missing or doubled commas, raw line breaks and unescaped quotes in strings, an unknown escape (its backslash stays), `True`, `False`, `None`, typographic quotes, full-width colons and commas, a fence or words around the object, quotes that are escaped throughout |
//! | `Mended`, by [`read`] alone | a lone object in an array, JSON within a JSON string, `null` or nothing at all for `{}` |
//!
//! Nothing is guessed: where two readings are possible, and for numbers that JSON cannot hold, there is an error that
//! says where and what was expected. In particular a string or a number that just stops is an error, because what is
//! there may be half of what was meant.
//!
//! Texts are at most [`MAX_BYTES`] long and values at most [`MAX_DEPTH`] deep. Time is linear in the text.
//!
//! ```
//! use offseeker_chat::arguments;
//! use offseeker_trajectory::Repair;
//!
//! let read = arguments::read("{'query': ['Karlin mill', 'Orsa',]}")?;
//! assert_eq!(read.value["query"][1], "Orsa");
//! assert_eq!(read.repair, Repair::Json5);
//!
//! let error = arguments::read(r#"{"query": ["Karlin mi"#).unwrap_err();
//! assert_eq!(error.to_string(), "at byte 11: expected a string that ends");
//! # Ok::<(), offseeker_chat::arguments::ArgumentError>(())
//! ```

mod ahead;
mod cursor;
mod error;
mod lenient;
mod mending;
mod scalar;
mod schema;
mod text;

use offseeker_trajectory::Repair;
use serde_json::{Map, Value};

pub use error::{ArgumentError, Problem};
pub(crate) use mending::{MendedFields, mend_fields};
pub use schema::{MAX_PROBLEMS, Schema};

/// The longest text that is read: 4 MiB.
pub const MAX_BYTES: usize = 4 << 20;

/// How deep arrays and objects may lie in each other.
pub const MAX_DEPTH: usize = 64;

/// A value and what it took to read it.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// What was said.
    pub value: Value,
    /// What it took to read it.
    pub repair: Repair,
}

/// Reads the arguments of a call: an object.
///
/// # Errors
///
/// When the text is too long or too deep, cannot be read without guessing, or says something other than one object.
pub fn read(raw: &str) -> Result<Read, ArgumentError> {
    if raw.trim().is_empty() {
        return Ok(no_arguments());
    }
    let read = read_value(raw)?;
    match &read.value {
        Value::String(inner) if inner.trim_start().starts_with(['{', '[']) => {
            object(read_value(inner)?).map(|read| Read { repair: Repair::Mended, ..read })
        }
        _ => object(read),
    }
}

/// Reads any value by the same ladder, without what only the arguments of a call allow.
///
/// # Errors
///
/// When the text is too long or too deep, or cannot be read without guessing.
pub fn read_value(raw: &str) -> Result<Read, ArgumentError> {
    if raw.len() > MAX_BYTES {
        return Err(ArgumentError::TooLong { bytes: raw.len(), limit: MAX_BYTES });
    }
    match serde_json::from_str::<Value>(raw) {
        Ok(value) if is_within(MAX_DEPTH, &value) => Ok(Read { value, repair: Repair::None }),
        // What is too deep goes on as well, to be told where.
        _ => mending::mend(raw),
    }
}

fn object(read: Read) -> Result<Read, ArgumentError> {
    match read.value {
        Value::Object(_) => Ok(read),
        Value::Null => Ok(no_arguments()),
        Value::Array(mut items) if matches!(items.as_slice(), [Value::Object(_)]) => {
            Ok(Read { value: items.remove(0), repair: Repair::Mended })
        }
        other => Err(ArgumentError::unexpected("an object with the arguments", kind_of(&other))),
    }
}

fn no_arguments() -> Read {
    Read { value: Value::Object(Map::new()), repair: Repair::Mended }
}

fn is_within(depth: usize, value: &Value) -> bool {
    match value {
        Value::Array(items) => depth > 0 && items.iter().all(|item| is_within(depth - 1, item)),
        Value::Object(fields) => depth > 0 && fields.values().all(|field| is_within(depth - 1, field)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

/// What a value is, in words that a model understands.
pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
