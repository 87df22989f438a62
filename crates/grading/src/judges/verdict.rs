//! What a judge says of an answer.

use serde::{Deserialize, Serialize};

/// Whether an answer is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is right.
    Correct,
    /// It is wrong.
    Incorrect,
    /// It could not be told.
    Undetermined,
}

impl Verdict {
    /// The verdict as it is written: `correct`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Correct => "correct",
            Self::Incorrect => "incorrect",
            Self::Undetermined => "undetermined",
        }
    }
}

/// What a judge says of an answer, as it was read out of its reply.
#[derive(Debug, Clone, PartialEq)]
pub struct Ruling {
    /// Whether it is right.
    pub verdict: Verdict,
    /// The answer that the judge found in the response.
    pub extracted: Option<String>,
    /// Why it says so.
    pub reason: Option<String>,
    /// How sure the response was of itself, from 0 to 100, where the form asks for it and the judge said it.
    pub confidence: Option<f64>,
}

impl Ruling {
    pub(super) fn bare(verdict: Verdict) -> Self {
        Self { verdict, extracted: None, reason: None, confidence: None }
    }
}
