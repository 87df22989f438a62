//! A graph that questions are made of.

use std::sync::{Arc, OnceLock};

use offseeker_entity_graph::{GraphError, PackedGraph};

use crate::facts::Facts;
use crate::names::Names;
use crate::solver::{Effort, Solver};
use crate::{Plan, Solutions, SynthesisError};

/// A graph that questions are made of, with what has to be found in it quickly. Its facts are in memory; of its names
/// they are too, once a text was checked.
#[derive(Debug)]
pub struct Ground {
    name: String,
    graph: Arc<PackedGraph>,
    facts: Facts,
    names: OnceLock<Result<Names, GraphError>>,
}

impl Ground {
    /// Makes a graph ready; the name is what its questions say that they come from.
    ///
    /// # Errors
    ///
    /// When what is recorded in the graph cannot be read.
    pub fn new(name: impl Into<String>, graph: impl Into<Arc<PackedGraph>>) -> Result<Self, SynthesisError> {
        let graph = graph.into();
        let facts = Facts::of(&graph)?;
        Ok(Self { name: name.into(), graph, facts, names: OnceLock::new() })
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The graph.
    #[must_use]
    pub fn graph(&self) -> &PackedGraph {
        &self.graph
    }

    /// Finds the answers of a plan, as [`solve`] does.
    #[must_use]
    pub fn solve(&self, plan: &Plan, most: usize) -> Solutions {
        Solver::new(&self.graph, &self.facts, most).solve(plan)
    }

    /// Finds answers with what is left of an effort; where that is too little, it gives up.
    pub(crate) fn solve_within(&self, plan: &Plan, most: usize, effort: &Effort) -> Solutions {
        Solver::new(&self.graph, &self.facts, most).solve_within(plan, effort)
    }

    pub(crate) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// All names of all entities.
    pub(crate) fn names(&self) -> Result<&Names, GraphError> {
        self.names.get_or_init(|| Names::of(&self.graph)).as_ref().map_err(Clone::clone)
    }
}

/// Finds the answers of a plan in a graph, by looking at everything that could be one.
///
/// It looks at the relations and facts without evidence too: what might be true spoils a question as well. It
/// stops when it has more than `most` different answers, and gives up after some millions of steps; what it gave up on
/// is never unique.
/// Those who solve many plans make a [`Ground`] once.
///
/// # Errors
///
/// When what is recorded in the graph cannot be read.
pub fn solve(graph: &PackedGraph, plan: &Plan, most: usize) -> Result<Solutions, SynthesisError> {
    Ok(Solver::new(graph, &Facts::of(graph)?, most).solve(plan))
}
