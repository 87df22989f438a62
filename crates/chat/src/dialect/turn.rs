//! What a model said in one message, taken apart.

use offseeker_trajectory::ToolCall;
use serde::{Deserialize, Serialize};

use crate::arguments::ArgumentError;

/// What a model said in one message, taken apart. White space around each part is dropped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Turn {
    /// Its reasoning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<String>,
    /// What it said outside of any tag.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Its calls. In a dialect they have no ids; [`Repair`](offseeker_trajectory::Repair) says what it took to read one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<ToolCall>,
    /// Its answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// What is wrong with the text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub flaws: Vec<Flaw>,
}

impl Turn {
    /// Whether the text follows the grammar: reasoning if any, then calls or an answer but not both, and nothing wrong.
    ///
    /// Text beside them is let pass.
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        self.flaws.is_empty() && self.calls.is_empty() == self.answer.is_some()
    }
}

/// Something that is wrong with a text, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flaw {
    /// The byte at which it begins.
    pub at: usize,
    /// What is wrong.
    #[serde(flatten)]
    pub problem: Problem,
}

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Problem {
    /// The model wrote the answer of a tool itself. It is cut off with all that follows.
    HallucinatedObservation,
    /// A tag is opened and never closed.
    Unclosed {
        /// The tag that is missing.
        tag: String,
    },
    /// A tag closes nothing.
    StrayTag {
        /// The tag.
        tag: String,
    },
    /// A call cannot be read.
    UnreadableCall {
        /// What stands between its tags.
        raw: String,
        /// Why it cannot be read.
        error: ArgumentError,
    },
    /// There are more calls than a turn may hold; this one is left out.
    TooManyCalls {
        /// What stands between its tags.
        raw: String,
    },
    /// There is another answer after this one, which is left out.
    SeveralAnswers {
        /// The answer that is left out.
        answer: String,
    },
    /// The model reasons once more after it had ended.
    SeveralReasonings,
    /// There are calls and an answer.
    CallAndAnswer,
    /// There is more text after an action that ends the turn. It is left out.
    TextAfterAction {
        /// The text.
        text: String,
    },
    /// The text is longer than is ever read. The rest is left out.
    TooLarge,
}
