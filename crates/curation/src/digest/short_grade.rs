//! What a grader thinks of an attempt, without its reasons.

use std::collections::BTreeMap;

use offseeker_trajectory::{Grade, Outcome};
use serde::{Deserialize, Serialize};

/// What a grader thinks of an attempt, without its reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShortGrade {
    /// The grader and its version.
    pub grader: String,
    /// Whether the attempt is right; none where it could not tell.
    pub right: Option<bool>,
    /// How good it is, where the grader says so.
    pub value: Option<f64>,
    /// The parts that the value is made of.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub components: BTreeMap<String, f64>,
}

impl ShortGrade {
    pub(super) fn of(grade: &Grade) -> Self {
        let right = match &grade.outcome {
            Outcome::Correct => Some(true),
            Outcome::Unscored { .. } => None,
            _ => Some(false),
        };
        Self { grader: grade.grader.clone(), right, value: grade.value, components: grade.components.clone() }
    }
}
