//! The fields of a file of JSON, taken out one by one.

use serde_json::{Map, Value};

use crate::NetworkError;

/// The fields that were not taken yet.
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    pub(crate) fn of(value: &Value) -> Result<Self, NetworkError> {
        match value {
            Value::Object(fields) => Ok(Self(fields.clone())),
            _ => Err(NetworkError::field("{}", "is no object")),
        }
    }

    /// A field that is there and not null.
    pub(crate) fn take(&mut self, field: &str) -> Option<Value> {
        self.0.shift_remove(field).filter(|value| !value.is_null())
    }

    pub(crate) fn count(&mut self, field: &str) -> Result<usize, NetworkError> {
        let value = self.take(field).ok_or_else(|| NetworkError::field(field, "is missing"))?;
        as_count(field, &value)
    }

    pub(crate) fn count_or(&mut self, field: &str, otherwise: usize) -> Result<usize, NetworkError> {
        self.take(field).map_or(Ok(otherwise), |value| as_count(field, &value))
    }

    pub(crate) fn number(&mut self, field: &str) -> Result<Option<f64>, NetworkError> {
        let read = |value: Value| value.as_f64().ok_or_else(|| wrong(field, &value, "a number"));
        self.take(field).map(read).transpose()
    }

    pub(crate) fn number_or(&mut self, field: &str, otherwise: f64) -> Result<f64, NetworkError> {
        Ok(self.number(field)?.unwrap_or(otherwise))
    }

    pub(crate) fn flag_or(&mut self, field: &str, otherwise: bool) -> Result<bool, NetworkError> {
        let read = |value: Value| value.as_bool().ok_or_else(|| wrong(field, &value, "true or false"));
        self.take(field).map_or(Ok(otherwise), read)
    }

    /// A field that may be missing, or say one of these.
    pub(crate) fn only(&mut self, field: &str, known: &[&str]) -> Result<(), NetworkError> {
        match self.take(field) {
            Some(value) if !value.as_str().is_some_and(|text| known.contains(&text)) => {
                Err(wrong(field, &value, &format!("{known:?}; nothing else is known here")))
            }
            _ => Ok(()),
        }
    }

    /// A field that may be missing, or say that something is not so.
    pub(crate) fn never(&mut self, field: &str) -> Result<(), NetworkError> {
        if self.flag_or(field, false)? {
            return Err(NetworkError::field(field, "is true; that is not known here"));
        }
        Ok(())
    }

    /// What was not taken.
    pub(crate) fn rest(self) -> Map<String, Value> {
        self.0
    }
}

pub(crate) fn wrong(field: &str, value: &Value, expected: &str) -> NetworkError {
    let mut said = value.to_string();
    if said.len() > 80 {
        said = "something long".to_owned();
    }
    NetworkError::field(field, format!("is {said}; it is {expected}"))
}

fn as_count(field: &str, value: &Value) -> Result<usize, NetworkError> {
    let count = value.as_u64().and_then(|count| usize::try_from(count).ok());
    count.ok_or_else(|| wrong(field, value, "a whole number"))
}
