//! A row of a file, and its fields by any of the names that they go by.

use serde_json::{Map, Value};

/// A row of a file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// The line; in a JSON array the item, the first of which is 1.
    pub(super) number: u64,
    pub(super) fields: Map<String, Value>,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) field: String,
    pub(super) reason: String,
}

impl Fault {
    pub(super) fn new(field: &str, reason: impl Into<String>) -> Self {
        Self { field: field.to_owned(), reason: reason.into() }
    }
}

impl Row {
    /// The first of these fields that says something, with its name.
    fn said<'a>(&'a self, names: &[&'a str]) -> Option<(&'a str, &'a Value)> {
        names.iter().find_map(|name| {
            let value = self.fields.get(*name)?;
            let is_blank = value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
            (!is_blank).then_some((*name, value))
        })
    }

    /// A text or a number, where one is there.
    pub(super) fn optional(&self, names: &[&str]) -> Result<Option<String>, Fault> {
        self.said(names).map(|(name, value)| text(value).ok_or_else(|| Fault::new(name, "is no text"))).transpose()
    }

    /// A text or a number.
    pub(super) fn required(&self, names: &[&str]) -> Result<String, Fault> {
        self.optional(names)?.ok_or_else(|| missing(names))
    }

    /// Texts, of which there may be one alone or none.
    pub(super) fn list(&self, names: &[&str]) -> Result<Vec<String>, Fault> {
        match self.said(names) {
            None => Ok(Vec::new()),
            Some((name, Value::Array(items))) => items
                .iter()
                .map(|item| text(item).ok_or_else(|| Fault::new(name, "holds something that is no text")))
                .collect(),
            Some((name, value)) => {
                Ok(vec![text(value).ok_or_else(|| Fault::new(name, "is neither a text nor a list of texts"))?])
            }
        }
    }

    /// An object within the row, as a row; an empty one where there is none.
    pub(super) fn within(&self, names: &[&str]) -> Result<Self, Fault> {
        let fields = match self.said(names) {
            None => Map::new(),
            Some((_, Value::Object(fields))) => fields.clone(),
            Some((name, _)) => return Err(Fault::new(name, "is no object")),
        };
        Ok(Self { number: self.number, fields })
    }

    /// The objects of a list within the row, as rows.
    pub(super) fn rows_within(&self, names: &[&str]) -> Result<Vec<Self>, Fault> {
        let Some((name, value)) = self.said(names) else { return Ok(Vec::new()) };
        let items = value.as_array().ok_or_else(|| Fault::new(name, "is no list"))?;
        let row = |item: &Value| {
            let fields = item.as_object().ok_or_else(|| Fault::new(name, "holds something that is no object"))?;
            Ok(Self { number: self.number, fields: fields.clone() })
        };
        items.iter().map(row).collect()
    }
}

/// Says that none of these fields is there.
pub(super) fn missing(names: &[&str]) -> Fault {
    let others = names.get(1..).unwrap_or_default();
    let or = if others.is_empty() { String::new() } else { format!(", nor is `{}`", others.join("`, `")) };
    Fault::new(
        names.first().copied().unwrap_or_default(),
        format!("is not there{or}; check that the file is of this format"),
    )
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
