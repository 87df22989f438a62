//! What `generation_config.json` of a folder says of sampling.

use std::path::Path;

use serde_json::{Map, Value};

use super::{LocalError, SamplingDefaults};
use crate::NetworkError;
use crate::config::read_json;

/// The name of the file in a folder.
const FILE: &str = "generation_config.json";

impl SamplingDefaults {
    /// Reads `generation_config.json` of a folder, where there is one: `do_sample`, `temperature`, `top_p`, `top_k` and
    /// `max_new_tokens`. At which tokens a turn ends is read with the tokenizer. Other fields are passed over.
    ///
    /// # Errors
    ///
    /// When the file is no JSON, or one of these fields has a value that it cannot have.
    pub fn read(folder: &Path) -> Result<Self, LocalError> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Ok(Self::default());
        }
        match read_json(&path)? {
            Value::Object(fields) => Fields { path: &path, fields }.defaults(),
            _ => Err(NetworkError::damaged(&path, "is no object").into()),
        }
    }
}

struct Fields<'a> {
    path: &'a Path,
    fields: Map<String, Value>,
}

impl Fields<'_> {
    fn defaults(&self) -> Result<SamplingDefaults, LocalError> {
        let temperature = self.field("temperature", "a number, 0 or more", |value| {
            value.as_f64().filter(|it| *it >= 0.0 && it.is_finite()).map(|it| it as f32)
        })?;
        let greedy = self.field("do_sample", "true or false", Value::as_bool)? == Some(false);
        Ok(SamplingDefaults {
            temperature: if greedy { Some(0.0) } else { temperature },
            top_p: self.field("top_p", "a number above 0 and at most 1", |value| {
                value.as_f64().filter(|it| *it > 0.0 && *it <= 1.0).map(|it| it as f32)
            })?,
            top_k: self.field("top_k", "a whole number", count)?,
            max_tokens: self.field("max_new_tokens", "a whole number above 0", |it| count(it).filter(|it| *it > 0))?,
        })
    }

    fn field<T>(
        &self,
        field: &str,
        expected: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Result<Option<T>, LocalError> {
        let Some(value) = self.fields.get(field).filter(|value| !value.is_null()) else { return Ok(None) };
        let wrong = || LocalError::Field {
            path: self.path.to_path_buf(),
            field: field.to_owned(),
            what: format!("is {}; it is {expected}", said(value)),
        };
        read(value).map(Some).ok_or_else(wrong)
    }
}

fn count(value: &Value) -> Option<usize> {
    value.as_u64().and_then(|it| usize::try_from(it).ok())
}

/// The value, where it is short enough to be shown.
fn said(value: &Value) -> String {
    Some(value.to_string()).filter(|said| said.len() <= 80).unwrap_or_else(|| "something long".to_owned())
}
