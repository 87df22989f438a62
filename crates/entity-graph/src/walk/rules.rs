//! What a walk or a sample may pass through.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

use crate::{Edge, Node, PackedGraph};

/// Of an entity with more relations so many are looked at, chosen at random.
const LOOKED_AT: usize = 256;

/// In which direction relations are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From where they begin to where they lead.
    #[default]
    Forwards,
    /// From where they lead to where they begin.
    Backwards,
    /// Both.
    Both,
}

/// What a walk or a sample may pass through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// In which direction relations are followed. Forwards.
    pub direction: Direction,
    /// Whether only relations with evidence are followed. They are.
    pub supported_only: bool,
    /// The most relations, in both directions, that an entity may have: one with very many is well known and gives
    /// little away. No limit.
    pub most_relations: Option<usize>,
    /// The kinds of entities; all, where it is empty.
    pub kinds: Vec<String>,
    /// The kinds of relations; all, where it is empty.
    pub relation_kinds: Vec<String>,
    /// Whether nothing may lead past the entities between: two that are several steps apart are then related by no
    /// relation of the whole graph, supported or not. So it is.
    pub no_shortcut: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            direction: Direction::Forwards,
            supported_only: true,
            most_relations: None,
            kinds: Vec::new(),
            relation_kinds: Vec::new(),
            no_shortcut: true,
        }
    }
}

/// What one step of a walk has to be like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// The kind of the relation; any, where there is none.
    pub relation: Option<String>,
    /// The kind of the entity that it leads to; any, where there is none.
    pub kind: Option<String>,
}

impl Rules {
    /// Whether a walk may pass through an entity.
    #[must_use]
    pub fn admit(&self, graph: &PackedGraph, node: Node) -> bool {
        let relations = || graph.outgoing(node).len() + graph.incoming(node).len();
        (self.kinds.is_empty() || self.kinds.iter().any(|kind| kind == graph.kind(node)))
            && self.most_relations.is_none_or(|most| relations() <= most)
    }

    /// Whether a walk may follow a relation.
    #[must_use]
    pub fn follow(&self, graph: &PackedGraph, edge: Edge) -> bool {
        (!self.supported_only || graph.is_supported(edge))
            && (self.relation_kinds.is_empty()
                || self.relation_kinds.iter().any(|kind| kind == graph.relation_kind(edge)))
    }

    /// The relations that lead on from an entity and where they lead, in random order; no loops.
    ///
    /// Of an entity with very many relations only some are looked at.
    pub(super) fn ways(&self, graph: &PackedGraph, from: Node, rng: &mut ChaCha8Rng) -> Vec<(Edge, Node)> {
        let mut ways = Vec::new();
        if self.direction != Direction::Backwards {
            let edges = some(graph.outgoing(from).len(), rng).into_iter().map(|at| graph.nth_outgoing(from, at));
            ways.extend(edges.map(|edge| (edge, graph.target(edge))));
        }
        if self.direction != Direction::Forwards {
            let edges = some(graph.incoming(from).len(), rng).into_iter().map(|at| graph.nth_incoming(from, at));
            ways.extend(edges.map(|edge| (edge, graph.source(edge))));
        }
        ways.retain(|(edge, to)| *to != from && self.follow(graph, *edge) && self.admit(graph, *to));
        ways.shuffle(rng);
        ways
    }

    /// An entity to begin with, at random: one that these rules admit and that a relation leads on from.
    ///
    /// Tries so many; none, where none of them will do.
    #[must_use]
    pub fn start(&self, graph: &PackedGraph, tries: usize, rng: &mut ChaCha8Rng) -> Option<Node> {
        let count = graph.node_count() as u32;
        if count == 0 {
            return None;
        }
        let mut tried = (0..tries).map(|_| graph.nth(rng.random_range(0..count)));
        tried.find(|node| self.admit(graph, *node) && self.leads_on(graph, *node))
    }

    fn leads_on(&self, graph: &PackedGraph, from: Node) -> bool {
        let forwards = || graph.outgoing(from).take(LOOKED_AT).any(|edge| self.follow(graph, edge));
        let backwards = || graph.incoming(from).take(LOOKED_AT).any(|edge| self.follow(graph, edge));
        match self.direction {
            Direction::Forwards => forwards(),
            Direction::Backwards => backwards(),
            Direction::Both => forwards() || backwards(),
        }
    }
}

/// The places of all of so many relations, or of some of them where they are very many.
fn some(count: usize, rng: &mut ChaCha8Rng) -> Vec<usize> {
    if count <= LOOKED_AT {
        return (0..count).collect();
    }
    let mut chosen: Vec<usize> = (0..LOOKED_AT).map(|_| rng.random_range(0..count)).collect();
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}
