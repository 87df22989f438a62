//! A secret that no text shows.

use std::fmt;

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

    /// The secret itself, for the header or the address that is sent. It goes nowhere else: into no error, no log, no
    /// name, no recording.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Takes the key out of a text that came from outside, also where it is escaped.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_taken_out_however_it_is_escaped() {
        let check = |secret: &str, text: &str, expected: &str| {
            assert_eq!(Key::new(secret).redact(text), expected, "{secret:?} in {text:?}");
        };
        check("s3cret", "key s3cret, s3cret.", "key [redacted], [redacted].");
        check(" s3cret\n", "key s3cret.", "key [redacted].");
        check("a b+c", "?key=a+b%2Bc&q=1", "?key=[redacted]&q=1");
        check("a\"b", r#"{"key": "a\"b"}"#, r#"{"key": "[redacted]"}"#);
        check("a/b", r#"{"key": "a\/b"}"#, r#"{"key": "[redacted]"}"#);
        check("", "nothing to hide", "nothing to hide");
    }

    #[test]
    fn a_key_is_not_shown() {
        assert_eq!(format!("{:?}", Some(Key::new("s3cret"))), "Some([redacted])");
    }
}
