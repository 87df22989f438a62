//! Something that a question speaks of without naming it.

use std::fmt;
use std::str::FromStr;

use offseeker_entity_graph::EntityId;
use serde::{Deserialize, Serialize};

/// Something that a question speaks of without naming it. It is written as `WebShaper` writes variables: `V@1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Variable(pub u32);

/// A text that is no variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a variable is written as V@ and a number")]
pub struct NotAVariable;

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "V@{}", self.0)
    }
}

impl FromStr for Variable {
    type Err = NotAVariable;

    fn from_str(text: &str) -> Result<Self, NotAVariable> {
        let number = text.strip_prefix("V@").and_then(|digits| digits.parse().ok());
        number.map(Self).filter(|variable| variable.to_string() == text).ok_or(NotAVariable)
    }
}

impl TryFrom<String> for Variable {
    type Error = NotAVariable;

    fn try_from(text: String) -> Result<Self, NotAVariable> {
        text.parse()
    }
}

impl From<Variable> for String {
    fn from(variable: Variable) -> Self {
        variable.to_string()
    }
}

/// What a clue is about: something unnamed, or an entity by its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Term {
    /// Something that is found out.
    Variable(Variable),
    /// Something that the question names.
    Constant {
        /// The entity.
        id: EntityId,
        /// Its name, as the question writes it.
        name: String,
    },
}

impl Term {
    /// The variable, where it is one.
    #[must_use]
    pub fn variable(&self) -> Option<Variable> {
        match self {
            Self::Variable(variable) => Some(*variable),
            Self::Constant { .. } => None,
        }
    }

    /// As `WebShaper` writes it: `V@1`, `C@Karlin mill`.
    #[must_use]
    pub fn formal(&self) -> String {
        match self {
            Self::Variable(variable) => variable.to_string(),
            Self::Constant { name, .. } => format!("C@{name}"),
        }
    }
}

impl From<Variable> for Term {
    fn from(variable: Variable) -> Self {
        Self::Variable(variable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_read_as_it_is_written() {
        check("V@7", Ok(Variable(7)));
        check("V@07", Err(NotAVariable));
        check("V@", Err(NotAVariable));
        check("C@7", Err(NotAVariable));
        check("V@99999999999", Err(NotAVariable));
    }

    fn check(text: &str, expected: Result<Variable, NotAVariable>) {
        assert_eq!(text.parse(), expected, "{text}");
    }
}
