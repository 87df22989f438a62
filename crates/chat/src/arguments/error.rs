//! Why the arguments of a call cannot be used.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why the arguments of a call cannot be used. Every text in it may be shown to the model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ArgumentError {
    /// The text is longer than is ever read.
    #[error("the text is {bytes} bytes long; at most {limit} are read")]
    TooLong {
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        limit: usize,
    },
    /// Arrays and objects lie in each other deeper than is ever read.
    #[error("at byte {at} arrays and objects lie more than {limit} deep in each other")]
    TooDeep {
        /// Where the first one opens that is too deep.
        at: usize,
        /// How deep they may lie.
        limit: usize,
    },
    /// The text cannot be read, or only by guessing.
    #[error("at byte {at}: expected {expected}")]
    Syntax {
        /// Where.
        at: usize,
        /// What should be there.
        expected: String,
    },
    /// The text says something, but not what was asked for.
    #[error("expected {expected}, found {found}")]
    Unexpected {
        /// What was asked for.
        expected: String,
        /// What is there.
        found: String,
    },
    /// The arguments are not what the tool takes.
    #[error("the arguments are not what the tool takes: {}", listed(problems))]
    Invalid {
        /// What is wrong, by field; at most [`MAX_PROBLEMS`](super::MAX_PROBLEMS).
        problems: Vec<Problem>,
    },
    /// The tool's own description of its arguments is wrong.
    #[error("the schema of tool {tool:?} cannot be used: {reason}")]
    Schema {
        /// The tool.
        tool: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl ArgumentError {
    pub(crate) fn syntax(at: usize, expected: impl Into<String>) -> Self {
        Self::Syntax { at, expected: expected.into() }
    }

    pub(crate) fn unexpected(expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self::Unexpected { expected: expected.into(), found: found.into() }
    }
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Problem {
    /// The field: `query[0]`, or nothing for the arguments as a whole.
    pub path: String,
    /// What is wrong with it and what to do.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { f.write_str(&self.reason) } else { write!(f, "{}: {}", self.path, self.reason) }
    }
}

fn listed(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
