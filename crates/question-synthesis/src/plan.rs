//! What a question asks and by which clues, before there are words for it.

use std::collections::{BTreeMap, BTreeSet};

use offseeker_entity_graph::{EntityId, Evidence};
use offseeker_trajectory::Answer;
use serde::{Deserialize, Serialize};

use crate::{Clue, Term, Variable};

/// What a question asks and by which clues: a query of a graph that has exactly one answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// What kind of question it is.
    pub kind: Kind,
    /// What is asked.
    pub ask: Ask,
    /// What the question says.
    pub clues: Vec<Clue>,
    /// Which entities the variables stand for.
    pub bindings: BTreeMap<Variable, EntityId>,
    /// The answer.
    pub answer: Answer,
    /// Where it is written what is asked for: a value, or the values that are compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub support: Vec<Evidence>,
}

/// What kind of question it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// From something known to the answer, one step after the other.
    Chain,
    /// Several clues on one answer.
    Intersection,
    /// Which of several things has more or less of something.
    Comparison,
    /// Two chains that meet in the answer.
    TwoBranch,
    /// How many things there are of which something holds.
    Aggregate,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Chain, Self::Intersection, Self::Comparison, Self::TwoBranch, Self::Aggregate];

    /// The kind as it is written: `two_branch`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chain => "chain",
            Self::Intersection => "intersection",
            Self::Comparison => "comparison",
            Self::TwoBranch => "two_branch",
            Self::Aggregate => "aggregate",
        }
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Ask {
    /// What something is called.
    Name {
        /// Whose name is asked for.
        of: Variable,
    },
    /// Which value a property has.
    Value {
        /// What has the property.
        of: Variable,
        /// The property.
        field: String,
    },
    /// Which of several different things has the least or the most of a property.
    Extreme {
        /// The things.
        among: Vec<Variable>,
        /// The property.
        field: String,
        /// Whether the least or the most is asked for.
        order: Order,
    },
    /// How many things there are.
    Count {
        /// What is counted. Whatever other clues are about has to be found out before.
        of: Variable,
    },
}

/// Which end is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The least.
    Least,
    /// The greatest.
    Greatest,
}

impl Ask {
    /// The variables that it is about.
    #[must_use]
    pub fn variables(&self) -> Vec<Variable> {
        match self {
            Self::Name { of } | Self::Value { of, .. } | Self::Count { of } => vec![*of],
            Self::Extreme { among, .. } => among.clone(),
        }
    }
}

impl Plan {
    /// The clues as `WebShaper` formalises them: `["V@1", "author", "C@Ada Voss"]`.
    #[must_use]
    pub fn formalization(&self) -> Vec<[String; 3]> {
        self.clues.iter().map(|clue| clue.says.formal()).collect()
    }

    /// All variables: those that are asked for first, then those of the clues.
    #[must_use]
    pub fn variables(&self) -> Vec<Variable> {
        let mut seen = BTreeSet::new();
        let of_clues = self.clues.iter().flat_map(|clue| clue.says.variables());
        self.ask.variables().into_iter().chain(of_clues).filter(|variable| seen.insert(*variable)).collect()
    }

    /// A variable that is not yet there.
    #[must_use]
    pub fn fresh(&self) -> Variable {
        let bound = self.bindings.keys().copied().chain(self.variables());
        Variable(bound.map(|variable| variable.0 + 1).max().unwrap_or(0))
    }

    /// The entities that it names.
    pub fn constants(&self) -> impl Iterator<Item = (EntityId, &str)> {
        self.clues.iter().flat_map(|clue| clue.says.terms()).filter_map(|term| match term {
            Term::Constant { id, name } => Some((*id, name.as_str())),
            Term::Variable(_) => None,
        })
    }

    /// How many relations lie between what is asked and each variable, along the clues; those that no clue connects
    /// with it are missing.
    #[must_use]
    pub fn distances(&self) -> BTreeMap<Variable, u32> {
        let mut distances: BTreeMap<Variable, u32> = self.ask.variables().into_iter().map(|it| (it, 0)).collect();
        let mut steps = 0;
        loop {
            let reached: BTreeSet<Variable> = distances.iter().filter(|it| *it.1 == steps).map(|it| *it.0).collect();
            if reached.is_empty() {
                return distances;
            }
            steps += 1;
            for clue in &self.clues {
                if clue.says.variables().any(|variable| reached.contains(&variable)) {
                    for variable in clue.says.variables() {
                        distances.entry(variable).or_insert(steps);
                    }
                }
            }
        }
    }

    /// How many relations lie between what is asked and what is farthest from it: the least number of pages that lead
    /// from one to the other.
    #[must_use]
    pub fn hops(&self) -> u32 {
        let distances = self.distances();
        let far = |clue: &Clue| {
            let near = clue.says.variables().filter_map(|variable| distances.get(&variable)).min()?;
            let terms = clue.says.terms().count() as u32;
            Some(near + terms - 1)
        };
        let of_clues = self.clues.iter().filter_map(far).max().unwrap_or(0);
        of_clues.max(distances.values().copied().max().unwrap_or(0))
    }
}
