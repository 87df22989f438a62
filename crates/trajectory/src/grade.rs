//! What is thought of an attempt.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{NodeId, finite};

/// What one grader thinks of one attempt.
///
/// A grade without a value is unscored, which is not the same as a value of nought.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grade {
    /// The grader and its version: `gaia/quasi-exact@1`.
    pub grader: String,
    /// How good the attempt is, by this grader's measure; none where it could not tell.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "finite::option")]
    pub value: Option<f64>,
    /// What came of the attempt.
    pub outcome: Outcome,
    /// The parts that the value is made of.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", with = "finite::map")]
    pub components: BTreeMap<String, f64>,
    /// Values of single messages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spans: Vec<Span>,
    /// What the grader goes by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

impl Grade {
    /// A grade with a value.
    pub fn scored(grader: impl Into<String>, outcome: Outcome, value: f64) -> Self {
        Self { value: Some(value), ..Self::bare(grader.into(), outcome) }
    }

    /// A grade without a value, and why it has none.
    pub fn unscored(grader: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::bare(grader.into(), Outcome::Unscored { reason: reason.into() })
    }

    fn bare(grader: String, outcome: Outcome) -> Self {
        Self { grader, value: None, outcome, components: BTreeMap::new(), spans: Vec::new(), evidence: Vec::new() }
    }
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// A right answer.
    Correct,
    /// A wrong answer.
    Wrong,
    /// No answer.
    NoAnswer,
    /// An answer that breaks the protocol.
    Malformed,
    /// Not known, through no fault of the attempt.
    Unscored {
        /// Why it is not known.
        reason: String,
    },
}

impl Outcome {
    /// Its kind, as it is written: `no_answer`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Correct => "correct",
            Self::Wrong => "wrong",
            Self::NoAnswer => "no_answer",
            Self::Malformed => "malformed",
            Self::Unscored { .. } => "unscored",
        }
    }
}

/// The value of a single message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// The message.
    pub node: NodeId,
    /// How good it is.
    #[serde(with = "finite")]
    pub value: f64,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Something that a grader goes by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Evidence {
    /// What it shows.
    pub claim: String,
    /// Where it was found: the message, if it is one of the attempt's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeId>,
    /// The words that were found there.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub quote: String,
}
