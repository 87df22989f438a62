//! Walks along relations.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::{Rules, Step};
use crate::{Edge, GraphError, Node, PackedGraph};

/// How many steps are tried, with those that lead nowhere, before a walk is given up.
const MOST_TRIED: usize = 1_000;

/// The longest walk that may be asked for.
const LONGEST: usize = 64;

/// How a walk goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalkOptions {
    /// How likely walks of one step, two steps and so on are, beside each other. 10, 40, 40, 10.
    pub weights: Vec<u32>,
    /// What each step has to be like. Where it is not empty, walks have as many steps as it says, and `weights` counts
    /// for nothing.
    pub pattern: Vec<Step>,
    /// What it may pass through.
    pub rules: Rules,
}

impl Default for WalkOptions {
    fn default() -> Self {
        Self { weights: vec![10, 40, 40, 10], pattern: Vec::new(), rules: Rules::default() }
    }
}

/// A walk: entities, each once, and the relations that lead from one to the next.
///
/// What a question would give away is where it begins, and its answer where it ends, or the other way round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    /// The entities, one more than there are relations.
    pub nodes: Vec<Node>,
    /// The relations.
    pub edges: Vec<Edge>,
}

impl WalkOptions {
    /// Walks from an entity, as far as the weights say. None, where there is no such walk or none was found soon.
    ///
    /// # Errors
    ///
    /// [`GraphError::Asked`] where the options fit no walk at all.
    pub fn walk(&self, graph: &PackedGraph, from: Node, rng: &mut ChaCha8Rng) -> Result<Option<Walk>, GraphError> {
        let length = self.length(rng)?;
        if !self.rules.admit(graph, from) {
            return Ok(None);
        }
        let mut walk = Walk { nodes: vec![from], edges: Vec::new() };
        let mut ways = vec![self.rules.ways(graph, from, rng)];
        let mut tried = 0;
        while walk.edges.len() < length {
            let Some(left) = ways.last_mut() else { return Ok(None) };
            match left.pop() {
                None => {
                    ways.pop();
                    walk.nodes.pop();
                    walk.edges.pop();
                }
                Some(_) if tried == MOST_TRIED => return Ok(None),
                Some((edge, to)) => {
                    tried += 1;
                    if self.may_step(graph, &walk, edge, to) {
                        walk.edges.push(edge);
                        walk.nodes.push(to);
                        ways.push(if walk.edges.len() < length { self.rules.ways(graph, to, rng) } else { Vec::new() });
                    }
                }
            }
        }
        Ok(Some(walk))
    }

    fn length(&self, rng: &mut ChaCha8Rng) -> Result<usize, GraphError> {
        let asked = |reason: &str| GraphError::Asked { reason: reason.to_owned() };
        if self.weights.len().max(self.pattern.len()) > LONGEST {
            return Err(asked("walks have at most 64 steps"));
        }
        if !self.pattern.is_empty() {
            return Ok(self.pattern.len());
        }
        let all: u64 = self.weights.iter().map(|weight| u64::from(*weight)).sum();
        if all == 0 {
            return Err(asked("the weights of all lengths are zero"));
        }
        let mut drawn = rng.random_range(0..all);
        for (at, weight) in self.weights.iter().enumerate() {
            match drawn.checked_sub(u64::from(*weight)) {
                Some(rest) => drawn = rest,
                None => return Ok(at + 1),
            }
        }
        Ok(self.weights.len())
    }

    fn may_step(&self, graph: &PackedGraph, walk: &Walk, edge: Edge, to: Node) -> bool {
        let fits = self.pattern.get(walk.edges.len()).is_none_or(|step| {
            step.relation.as_deref().is_none_or(|kind| kind == graph.relation_kind(edge))
                && step.kind.as_deref().is_none_or(|kind| kind == graph.kind(to))
        });
        let before = &walk.nodes[..walk.nodes.len() - 1];
        let past = || self.rules.no_shortcut && before.iter().any(|node| graph.are_related(*node, to));
        fits && !walk.nodes.contains(&to) && !past()
    }
}
