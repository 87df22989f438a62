//! The fields of a request, read one by one, so that an error names the one that is wrong.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use serde_json::{Map, Value};

use super::failure::Failure;

/// The fields of a request. Those that nobody asks for are passed over.
pub(super) struct Body(Map<String, Value>);

impl Body {
    pub(super) fn read(body: Result<Bytes, BytesRejection>) -> Result<Self, Failure> {
        let body = body.map_err(|rejection| Failure::body(rejection.status(), rejection.body_text()))?;
        let bad = |message: String| Failure::body(StatusCode::BAD_REQUEST, message);
        match serde_json::from_slice(&body) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(bad("the body is JSON, but no object".to_owned())),
            Err(error) => Err(bad(format!("the body is no JSON: {error}"))),
        }
    }

    /// A field that is there and not null.
    pub(super) fn get(&self, field: &str) -> Option<&Value> {
        self.0.get(field).filter(|value| !value.is_null())
    }

    pub(super) fn need(&self, field: &str) -> Result<&Value, Failure> {
        self.get(field).ok_or_else(|| Failure::field(field, "is missing"))
    }

    fn read_as<'a, T>(
        &'a self,
        field: &str,
        expected: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, Failure> {
        let wrong = |value: &Value| Failure::field(field, format!("is {}; it is {expected}", shown(value)));
        self.get(field).map(|value| read(value).ok_or_else(|| wrong(value))).transpose()
    }

    pub(super) fn text(&self, field: &str) -> Result<Option<&str>, Failure> {
        self.read_as(field, "a text", Value::as_str)
    }

    pub(super) fn number(&self, field: &str) -> Result<Option<f64>, Failure> {
        self.read_as(field, "a number", Value::as_f64)
    }

    pub(super) fn flag(&self, field: &str) -> Result<bool, Failure> {
        Ok(self.read_as(field, "true or false", Value::as_bool)?.unwrap_or(false))
    }

    pub(super) fn count(&self, field: &str) -> Result<Option<u32>, Failure> {
        self.read_as(field, "a whole number", |value| value.as_u64().and_then(|count| u32::try_from(count).ok()))
    }

    /// A whole number of either sign.
    pub(super) fn seed(&self) -> Result<Option<u64>, Failure> {
        let read = |value: &Value| value.as_u64().or_else(|| value.as_i64().map(i64::cast_unsigned));
        self.read_as("seed", "a whole number", read)
    }

    pub(super) fn object(&self, field: &str) -> Result<Option<&Map<String, Value>>, Failure> {
        self.read_as(field, "an object", Value::as_object)
    }

    pub(super) fn list(&self, field: &str) -> Result<&[Value], Failure> {
        Ok(self.read_as(field, "a list", Value::as_array)?.map_or(&[], Vec::as_slice))
    }

    /// A text, or a list of texts.
    pub(super) fn texts(&self, field: &str) -> Result<Vec<String>, Failure> {
        let read = |value: &Value| match value {
            Value::String(text) => Some(vec![text.clone()]),
            Value::Array(texts) => texts.iter().map(|text| text.as_str().map(str::to_owned)).collect(),
            _ => None,
        };
        Ok(self.read_as(field, "a text or a list of texts", read)?.unwrap_or_default())
    }

    /// Refuses a field that says what is not done here.
    pub(super) fn only(&self, field: &str, known: &[Value], what: &str) -> Result<(), Failure> {
        match self.get(field) {
            Some(value) if !known.contains(value) => Err(Failure::field(field, format!("is {}; {what}", shown(value)))),
            _ => Ok(()),
        }
    }
}

/// A value, where it is short enough to be shown.
pub(super) fn shown(value: &Value) -> String {
    Some(value.to_string()).filter(|said| said.len() <= 80).unwrap_or_else(|| "something long".to_owned())
}
