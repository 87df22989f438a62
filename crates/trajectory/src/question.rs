//! A question and what would answer it.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::canonical::plain_id;
use crate::{Metadata, QuestionId};

/// A question and what would answer it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Names the question; never its text alone.
    pub id: QuestionId,
    /// What is asked.
    pub text: String,
    /// The right answers; any one of them will do. Empty where none is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    /// The language of the text as a BCP 47 tag: `en`, `zh`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// What else its maker knows of it: hops, evidence, difficulty.
    #[serde(default, skip_serializing_if = "Metadata::is_empty")]
    pub metadata: Metadata,
}

impl Question {
    /// A question that is named by its content: by its text and the texts of its answers.
    ///
    /// ```
    /// use offseeker_trajectory::Question;
    ///
    /// let question = Question::new("Who wrote the Karlin ledger?", ["Ada Voss"]);
    /// assert_eq!(question.id, Question::new("Who wrote the Karlin ledger?", ["Ada Voss"]).id);
    /// assert_ne!(question.id, Question::new("Who wrote the Karlin ledger?", ["Ida Voss"]).id);
    /// ```
    pub fn new<A: Into<Answer>>(text: impl Into<String>, answers: impl IntoIterator<Item = A>) -> Self {
        let text = text.into();
        let answers: Vec<Answer> = answers.into_iter().map(Into::into).collect();
        let golds: Vec<&str> = answers.iter().map(|answer| answer.text.as_str()).collect();
        let id = QuestionId::new(plain_id(&json!({"answers": golds, "text": text})));
        Self { id, text, answers, language: None, metadata: Metadata::new() }
    }
}

/// A right answer and the other ways to write it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Answer {
    /// The answer as it is best written.
    pub text: String,
    /// Other spellings and names that mean the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
}

impl Answer {
    /// Every way to write the answer, the best one first.
    pub fn spellings(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.text.as_str()).chain(self.aliases.iter().map(String::as_str))
    }
}

impl From<&str> for Answer {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<String> for Answer {
    fn from(text: String) -> Self {
        Self { text, aliases: Vec::new() }
    }
}
