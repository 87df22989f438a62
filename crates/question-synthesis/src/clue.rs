//! What a question says of what it asks for.

use offseeker_entity_graph::Evidence;
use serde::{Deserialize, Serialize};

use crate::{Term, Variable};

/// Something that a question says, and where it is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Clue {
    /// What it says.
    pub says: Constraint,
    /// What the graph says, as a sentence; a question says less.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Where it is written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

impl Clue {
    /// A clue of which no more is known than what it says.
    #[must_use]
    pub fn new(says: Constraint) -> Self {
        Self { says, text: String::new(), evidence: Vec::new() }
    }
}

/// What has to hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Constraint {
    /// A relation leads from one thing to another.
    Relation {
        /// Where it begins.
        from: Term,
        /// What kind of relation it is.
        kind: String,
        /// Where it leads.
        to: Term,
    },
    /// A property has a value.
    Field {
        /// What has the property.
        of: Term,
        /// The property.
        field: String,
        /// What its value is like.
        is: Condition,
    },
    /// Something is of a kind.
    Kind {
        /// What is of the kind.
        of: Term,
        /// The kind.
        kind: String,
    },
}

/// What a value is like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Condition {
    /// It is this one, however it is spelled.
    Is {
        /// The value.
        value: String,
    },
    /// It is a number, or a date in a year, from `least` to `most`, both included.
    Between {
        /// The smallest that will do.
        least: f64,
        /// The largest that will do.
        most: f64,
    },
}

impl Constraint {
    /// The terms that it is about.
    pub fn terms(&self) -> impl Iterator<Item = &Term> {
        let (first, second) = match self {
            Self::Relation { from, to, .. } => (from, Some(to)),
            Self::Field { of, .. } | Self::Kind { of, .. } => (of, None),
        };
        std::iter::once(first).chain(second)
    }

    /// The terms that it is about, to be changed.
    pub fn terms_mut(&mut self) -> impl Iterator<Item = &mut Term> {
        let (first, second) = match self {
            Self::Relation { from, to, .. } => (from, Some(to)),
            Self::Field { of, .. } | Self::Kind { of, .. } => (of, None),
        };
        std::iter::once(first).chain(second)
    }

    /// The variables that it is about.
    pub fn variables(&self) -> impl Iterator<Item = Variable> {
        self.terms().filter_map(Term::variable)
    }

    /// Whether it is about a variable.
    #[must_use]
    pub fn is_about(&self, variable: Variable) -> bool {
        self.variables().any(|it| it == variable)
    }

    /// As `WebShaper` formalises it: `["V@1", "author", "C@Ada Voss"]`.
    #[must_use]
    pub fn formal(&self) -> [String; 3] {
        match self {
            Self::Relation { from, kind, to } => [from.formal(), kind.clone(), to.formal()],
            Self::Field { of, field, is } => [of.formal(), field.clone(), format!("C@{}", is.formal())],
            Self::Kind { of, kind } => [of.formal(), "instance of".to_owned(), format!("C@{kind}")],
        }
    }
}

impl Condition {
    /// The condition in a few signs: `1704`, `1700..1709`.
    #[must_use]
    pub fn formal(&self) -> String {
        match self {
            Self::Is { value } => value.clone(),
            Self::Between { least, most } => format!("{least}..{most}"),
        }
    }
}
