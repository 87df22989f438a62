//! One tool of a profile.

use std::collections::BTreeMap;

use offseeker_trajectory::ToolSpec;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{BrowserText, CodeText, HitList, ReportText, WikiText, has_field};

/// One tool of a profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// What the model is told of it.
    pub spec: ToolSpec,
    /// What its fields are called, by what they are for; those that are called by their purpose are left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
    /// What the tool is for, and how its answers are written.
    #[serde(flatten)]
    pub purpose: Purpose,
}

/// What a tool is for, and how its answers are written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "for", content = "text", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Purpose {
    /// Searches; field `queries`.
    Search(HitList),
    /// Reads pages with a question in mind; fields `urls` and `goal`.
    Visit(ReportText),
    /// Looks names up in an encyclopedia; field `entities`.
    Wiki(WikiText),
    /// Runs code; field `code`.
    Code(CodeText),
    /// Searches and shows the hits as a page of a browser; fields `query`, `topn`.
    BrowserSearch(BrowserText),
    /// Opens a page in a browser, or moves in it; fields `id`, `cursor`, `loc`, `num_lines`.
    BrowserOpen(BrowserText),
    /// Finds words in a page of a browser; fields `pattern`, `cursor`.
    BrowserFind(BrowserText),
}

impl Entry {
    /// What the field for a purpose is called.
    #[must_use]
    pub fn field<'a>(&'a self, purpose: &'a str) -> &'a str {
        self.fields.get(purpose).map_or(purpose, String::as_str)
    }

    /// The strings in the field for a purpose, whether it holds one or a list.
    pub(crate) fn strings(&self, arguments: &Value, purpose: &str) -> Vec<String> {
        match &arguments[self.field(purpose)] {
            Value::String(one) => vec![one.clone()],
            Value::Array(items) => items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect(),
            _ => Vec::new(),
        }
    }

    /// The string in the field for a purpose; empty where there is none.
    pub(crate) fn string(&self, arguments: &Value, purpose: &str) -> String {
        arguments[self.field(purpose)].as_str().unwrap_or_default().to_owned()
    }

    /// The whole number in the field for a purpose.
    pub(crate) fn integer(&self, arguments: &Value, purpose: &str) -> Option<i64> {
        arguments[self.field(purpose)].as_i64()
    }

    pub(super) fn check(&self) -> Result<(), String> {
        let (needed, optional): (&[&str], &[&str]) = match &self.purpose {
            Purpose::Search(list) => list.check().map(|()| (&["queries"][..], &[][..]))?,
            Purpose::Visit(text) => text.check().map(|()| (&["urls"][..], &["goal"][..]))?,
            Purpose::Wiki(text) => text.check().map(|()| (&["entities"][..], &[][..]))?,
            Purpose::Code(text) => text.check().map(|()| (&["code"][..], &[][..]))?,
            Purpose::BrowserSearch(text) => text.check().map(|()| (&["query"][..], &["topn"][..]))?,
            Purpose::BrowserOpen(text) => text.check().map(|()| (&["id"][..], &["cursor", "loc", "num_lines"][..]))?,
            Purpose::BrowserFind(text) => text.check().map(|()| (&["pattern"][..], &["cursor"][..]))?,
        };
        if let Some(missing) = needed.iter().find(|purpose| !has_field(&self.spec.parameters, self.field(purpose))) {
            return Err(format!("its schema has no field {:?} for {missing}", self.field(missing)));
        }
        let is_known = |purpose: &&String| needed.contains(&purpose.as_str()) || optional.contains(&purpose.as_str());
        match self.fields.keys().find(|purpose| !is_known(purpose)) {
            Some(stranger) => Err(format!("it has no use for a field for {stranger:?}")),
            None => Ok(()),
        }
    }
}
