//! How an index reads and ranks.

use serde::{Deserialize, Serialize};

use super::Language;
use crate::IndexError;

/// How an index reads texts and ranks them. Kept in the index.
///
/// A document is ranked by BM25 over its title and text together: a word counts `title` times for each time that it is
/// in the title, `text` times for each time that it is in the text, and lengths are counted in the same way. With both
/// at 1, as they are where nobody says otherwise, that is BM25 over the title before the text.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The language whose endings are cut off.
    pub language: Language,
    /// How soon a word that is repeated stops to count more.
    pub k1: f32,
    /// How much a long document is held to be worth less, from nought to one.
    pub b: f32,
    /// What a word in the title counts.
    pub title: f32,
    /// What a word in the text counts.
    pub text: f32,
    /// The longest snippet, in characters.
    pub snippet: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { language: Language::English, k1: 0.9, b: 0.4, title: 1.0, text: 1.0, snippet: 180 }
    }
}

impl Settings {
    /// The longest snippet that may be asked for, in characters.
    pub const LONGEST_SNIPPET: usize = 10_000;

    pub(super) fn check(&self) -> Result<(), IndexError> {
        let positive = |number: f32| number.is_finite() && number >= 0.0;
        if !positive(self.k1) {
            return Err(IndexError::setting("k1", format!("it is {}; it is nought or more", self.k1)));
        }
        if !(0.0..=1.0).contains(&self.b) {
            return Err(IndexError::setting("b", format!("it is {}; it lies between nought and one", self.b)));
        }
        for (name, weight) in [("title", self.title), ("text", self.text)] {
            if !positive(weight) || weight > 1e6 {
                return Err(IndexError::setting(name, format!("it is {weight}; it lies between nought and a million")));
            }
        }
        if self.title + self.text == 0.0 {
            return Err(IndexError::setting("title", "it is nought, and so is text; one must count"));
        }
        if self.snippet == 0 || self.snippet > Self::LONGEST_SNIPPET {
            let reason = format!("it is {}; it lies between 1 and {}", self.snippet, Self::LONGEST_SNIPPET);
            return Err(IndexError::setting("snippet", reason));
        }
        Ok(())
    }

    /// The first setting in which two differ: its name, ours and theirs.
    pub(super) fn difference(&self, other: &Self) -> Option<(&'static str, String, String)> {
        let pairs = [
            ("language", self.language.to_string(), other.language.to_string()),
            ("k1", self.k1.to_string(), other.k1.to_string()),
            ("b", self.b.to_string(), other.b.to_string()),
            ("title", self.title.to_string(), other.title.to_string()),
            ("text", self.text.to_string(), other.text.to_string()),
            ("snippet", self.snippet.to_string(), other.snippet.to_string()),
        ];
        pairs.into_iter().find(|(_, ours, theirs)| ours != theirs)
    }
}
