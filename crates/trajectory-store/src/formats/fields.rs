//! The fields of a row that is read, taken out one after the other; what is left is kept.

use offseeker_trajectory::{Message, Metadata, ToolSpec, TrajectoryId, content_id};
use serde_json::{Map, Value};

use super::{RowError, message, tool};

/// The fields of a row that is read, taken out one after the other.
#[derive(Debug)]
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    pub(super) fn parse(line: &str) -> Result<Self, RowError> {
        serde_json::from_str(line).map(Self).map_err(|error| RowError::NotAnObject { reason: error.to_string() })
    }

    /// The id of the attempt that the row tells of: three rows about one question are three attempts, and a row that
    /// is read twice is one.
    pub(super) fn id(&self) -> Result<TrajectoryId, RowError> {
        content_id(&self.0).map(TrajectoryId::new).map_err(RowError::unwritable)
    }

    /// A field, taken out; none where it is missing or null.
    pub(super) fn take(&mut self, field: &str) -> Option<Value> {
        self.0.shift_remove(field).filter(|value| !value.is_null())
    }

    /// A field, left where it is.
    pub(super) fn get(&self, field: &str) -> Option<&Value> {
        self.0.get(field)
    }

    /// A text that has to be there, taken out.
    pub(super) fn text(&mut self, field: &str) -> Result<String, RowError> {
        self.maybe_text(field)?.ok_or_else(|| RowError::missing(field))
    }

    /// A text that may be missing, taken out.
    pub(super) fn maybe_text(&mut self, field: &str) -> Result<Option<String>, RowError> {
        self.take(field).map(|value| text(value, field)).transpose()
    }

    /// The text of a field where that is what it holds, taken out; anything else stays.
    pub(super) fn text_if_any(&mut self, field: &str) -> Option<String> {
        self.0.get(field)?.as_str()?;
        match self.take(field) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// A list that has to be there, taken out.
    pub(super) fn list(&mut self, field: &str) -> Result<Vec<Value>, RowError> {
        match self.take(field) {
            Some(Value::Array(items)) => Ok(items),
            Some(other) => Err(RowError::field(field, format!("is {}, not a list", kind(&other)))),
            None => Err(RowError::missing(field)),
        }
    }

    /// A list of messages that has to be there, taken out.
    pub(super) fn messages(&mut self, field: &str) -> Result<Vec<Message>, RowError> {
        let items = self.list(field)?;
        items.into_iter().enumerate().map(|(at, item)| message::read(item, &format!("{field}[{at}]"))).collect()
    }

    /// A list of tools, or the text of one, taken out; none where it is missing.
    pub(super) fn tools(&mut self, field: &str) -> Result<Vec<ToolSpec>, RowError> {
        self.take(field).map_or_else(|| Ok(Vec::new()), |value| tool::read_all(value, field))
    }

    /// What nobody took.
    pub(super) fn rest(self) -> Metadata {
        self.0
    }
}

/// The text of a value.
pub(super) fn text(value: Value, field: &str) -> Result<String, RowError> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(RowError::field(field, format!("is {}, not a text", kind(&other)))),
    }
}

/// The fields of a value.
pub(super) fn object(value: Value, field: &str) -> Result<Fields, RowError> {
    match value {
        Value::Object(fields) => Ok(Fields(fields)),
        other => Err(RowError::field(field, format!("is {}, not an object", kind(&other)))),
    }
}

/// What a value is, in words.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
