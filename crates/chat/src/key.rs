//! A secret that no text shows.

use std::fmt;

use reqwest::header::HeaderValue;

use crate::ChatError;

/// A key for a server. It can be sent, never printed: what has it in its fields shows `[redacted]`.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(String);

/// What stands where a secret stood.
const REDACTED: &str = "[redacted]";

impl Key {
    /// Takes `secret` as a key; white space around it is dropped.
    pub fn new(secret: impl AsRef<str>) -> Self {
        Self(secret.as_ref().trim().to_owned())
    }

    /// The key in an environment variable; none where the variable is unset or empty.
    #[must_use]
    pub fn from_env(variable: &str) -> Option<Self> {
        std::env::var(variable).ok().map(Self::new).filter(|key| !key.0.is_empty())
    }

    pub(crate) fn bearer(&self) -> Result<HeaderValue, ChatError> {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", self.0)).map_err(|_| {
            ChatError::invalid("the key has characters that a header cannot carry; check it for line breaks")
        })?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// Takes the key out of a text that came from outside, also where it is escaped.
    pub(crate) fn redact(&self, text: &str) -> String {
        if self.0.is_empty() {
            return text.to_owned();
        }
        let percent: String = url::form_urlencoded::byte_serialize(self.0.as_bytes()).collect();
        let quoted = serde_json::Value::from(self.0.as_str()).to_string();
        let json = quoted.trim_matches('"');
        let mut clean = text.replace(&self.0, REDACTED);
        for spelling in [json, &json.replace('/', "\\/"), &percent] {
            clean = clean.replace(spelling, REDACTED);
        }
        clean
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}
