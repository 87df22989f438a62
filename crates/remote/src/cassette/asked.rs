//! What a recording belongs to.

use std::sync::Arc;

/// What was asked: everything that changes the answer, as JSON that is always written the same way, and the hash of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    json: Arc<str>,
    key: String,
}

impl Asked {
    /// What was asked, as canonical JSON. What is not JSON cannot be recorded.
    pub fn new(canonical_json: impl Into<Arc<str>>) -> Self {
        let json = canonical_json.into();
        let key = blake3::hash(json.as_bytes()).to_hex().to_string();
        Self { json, key }
    }

    /// What was asked, as canonical JSON.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.json
    }

    /// Names what was asked: 64 hexadecimal digits.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}
