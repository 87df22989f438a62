//! Two attempts at one question, one of them better.

use serde::{Deserialize, Serialize};

use crate::{QuestionId, Sample};

/// Two attempts at one question, one of them better.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// The question.
    pub question: QuestionId,
    /// The better attempt.
    pub chosen: Sample,
    /// The worse attempt.
    pub rejected: Sample,
    /// How many messages, or tokens, both begin with: the place where they part.
    pub fork: usize,
    /// How much better the better one is, where that was measured.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::finite::option")]
    pub margin: Option<f64>,
}
