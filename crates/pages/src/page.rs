//! What there is to read at an address.

use serde::{Deserialize, Serialize};

/// What there is to read at an address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Its address: where it was found in the end, after all redirects.
    pub url: String,
    /// Its title; empty where it has none.
    #[serde(default)]
    pub title: String,
    /// Its main text, as Markdown without the addresses of links.
    pub text: String,
    /// When it was written, as it says itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// Its language, as it says itself: `en`, `zh-CN`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Where its main text leads, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
}

/// A way from one page to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The words that are linked.
    pub text: String,
    /// Where they lead.
    pub url: String,
}

impl Page {
    /// A page of which no more is known.
    pub fn new(url: impl Into<String>, title: impl Into<String>, text: impl Into<String>) -> Self {
        Self { url: url.into(), title: title.into(), text: text.into(), ..Self::default() }
    }
}
