//! All attempts at one question that are weighed against each other.

use serde::{Deserialize, Serialize};

use crate::{QuestionId, Sample};

/// All attempts at one question that are weighed against each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// The question.
    pub question: QuestionId,
    /// The attempts.
    pub members: Vec<Member>,
}

/// One attempt of a group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// The attempt.
    pub sample: Sample,
    /// How good it is; none where nobody could tell.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::finite::option")]
    pub reward: Option<f64>,
    /// How much better it is than the others, by the rule that the group was made with.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::finite::option")]
    pub advantage: Option<f64>,
}
