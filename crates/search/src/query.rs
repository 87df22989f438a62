//! What is searched for.

use serde::{Deserialize, Serialize};

/// What is searched for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Query {
    /// The words, as a person or a model would type them.
    pub text: String,
    /// The most hits that are wanted.
    pub limit: usize,
    /// For whom to search; none leaves it to the backend, which goes by the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
}

impl Query {
    /// How many hits are wanted where nobody says it.
    pub const LIMIT: usize = 10;

    /// Searches for these words, for ten hits.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), limit: Self::LIMIT, locale: None }
    }

    /// Asks for so many hits.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Whether there is nothing to find: no words, or no hits wanted.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.limit == 0 || self.text.trim().is_empty()
    }

    /// The locale that was asked for, or the one that the text suggests.
    #[must_use]
    pub fn effective_locale(&self) -> Locale {
        self.locale.clone().unwrap_or_else(|| Locale::of(&self.text))
    }
}

impl<T: Into<String>> From<T> for Query {
    fn from(text: T) -> Self {
        Self::new(text)
    }
}

/// A country and a language to search for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Locale {
    /// The country by its two letters: `us`.
    pub country: String,
    /// The language: `en`, `zh-cn`.
    pub language: String,
}

impl Locale {
    /// A country and a language.
    pub fn new(country: impl Into<String>, language: impl Into<String>) -> Self {
        Self { country: country.into(), language: language.into() }
    }

    /// What a text suggests: China where it has Chinese characters, else the United States.
    #[must_use]
    pub fn of(text: &str) -> Self {
        if text.chars().any(|char| ('\u{4e00}'..='\u{9fff}').contains(&char)) {
            Self::new("cn", "zh-cn")
        } else {
            Self::new("us", "en")
        }
    }
}
