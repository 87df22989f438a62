//! What became of one item of a run.

use serde::{Deserialize, Serialize};

use crate::{Draft, Rejection};

/// What became of one item of a run: a line of its journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// The item.
    pub number: u64,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of an item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is a question.
    Accepted {
        /// The question.
        draft: Box<Draft>,
    },
    /// It is to be none.
    Rejected {
        /// Why.
        rejection: Rejection,
    },
    /// It could not be found out.
    Undetermined {
        /// Why.
        rejection: Rejection,
        /// The draft as it was before the pass that could not tell, if it was planned; it goes on from there.
        draft: Option<Box<Draft>>,
        /// How many passes it got through.
        passed: usize,
    },
}

impl Item {
    /// The draft, where it has become a question.
    #[must_use]
    pub fn into_question(self) -> Option<Draft> {
        match self.outcome {
            Outcome::Accepted { draft } => Some(*draft),
            _ => None,
        }
    }

    /// Whether it is settled.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        !matches!(self.outcome, Outcome::Undetermined { .. })
    }
}
