//! Small parts of a graph, grown around an entity.

use std::collections::{HashMap, VecDeque};

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::{Direction, Rules};
use crate::{Edge, GraphError, Node, PackedGraph};

/// The most entities that a sample may have.
const LARGEST: usize = 10_000;

/// Of the relations between two entities so many are taken at most.
const MOST_PARALLEL: usize = 64;

/// How a sample grows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleOptions {
    /// How many entities it has at most. 12.
    pub nodes: usize,
    /// From each entity it grows by one entity at least, where there is one. 1.
    pub least_branches: usize,
    /// From each entity it grows by so many entities at most. 3.
    pub most_branches: usize,
    /// How many steps it reaches from where it begins. 4.
    pub reach: usize,
    /// What it may pass through; by itself in both directions.
    pub rules: Rules,
}

impl Default for SampleOptions {
    fn default() -> Self {
        Self {
            nodes: 12,
            least_branches: 1,
            most_branches: 3,
            reach: 4,
            rules: Rules { direction: Direction::Both, ..Rules::default() },
        }
    }
}

/// A small part of a graph, grown around an entity: the answer of a question, for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Its entities; the one that it grew around is the first.
    pub nodes: Vec<Node>,
    /// For each entity the one that it grew from, as a place in `nodes`; the first grew from none and has its own.
    pub parents: Vec<usize>,
    /// For each entity how many steps away from the first it grew.
    pub steps: Vec<usize>,
    /// All relations between its entities that the rules let it follow, loops aside: also those that it did not grow by,
    /// and all parallel ones, up to 64.
    pub edges: Vec<Edge>,
}

impl Sample {
    /// The entities that nothing grew from and that are several steps away: what clues may be about.
    pub fn leaves(&self) -> impl Iterator<Item = Node> {
        let inner = |at: usize| self.parents.iter().enumerate().any(|(child, parent)| child != at && *parent == at);
        (0..self.nodes.len()).filter(move |at| self.steps[*at] >= 2 && !inner(*at)).map(|at| self.nodes[at])
    }
}

impl SampleOptions {
    /// Grows a sample around an entity. None, where the rules do not admit it.
    ///
    /// With [`no_shortcut`](Rules::no_shortcut) nothing that is two or more steps away from the first entity is related
    /// to it.
    ///
    /// # Errors
    ///
    /// [`GraphError::Asked`] where the options fit no sample at all.
    pub fn sample(
        &self,
        graph: &PackedGraph,
        around: Node,
        rng: &mut ChaCha8Rng,
    ) -> Result<Option<Sample>, GraphError> {
        self.check()?;
        if !self.rules.admit(graph, around) {
            return Ok(None);
        }
        let mut sample = Sample { nodes: vec![around], parents: vec![0], steps: vec![0], edges: Vec::new() };
        let mut places = HashMap::from([(around, 0)]);
        let mut open = VecDeque::from([0]);
        while let Some(at) = open.pop_front() {
            let (from, steps) = (sample.nodes[at], sample.steps[at] + 1);
            if steps > self.reach {
                break;
            }
            let mut branches = rng.random_range(self.least_branches..=self.most_branches);
            for (_, to) in self.rules.ways(graph, from, rng) {
                if branches == 0 || sample.nodes.len() == self.nodes {
                    break;
                }
                let past = || self.rules.no_shortcut && steps >= 2 && graph.are_related(around, to);
                if places.contains_key(&to) || past() {
                    continue;
                }
                branches -= 1;
                places.insert(to, sample.nodes.len());
                open.push_back(sample.nodes.len());
                sample.nodes.push(to);
                sample.parents.push(at);
                sample.steps.push(steps);
            }
        }
        sample.edges = self.between(graph, &sample.nodes);
        Ok(Some(sample))
    }

    /// The relations between some entities.
    fn between(&self, graph: &PackedGraph, nodes: &[Node]) -> Vec<Edge> {
        let mut edges = Vec::new();
        for from in nodes {
            for to in nodes.iter().filter(|to| *to != from) {
                let follow = |edge: &Edge| self.rules.follow(graph, *edge);
                if graph.outgoing(*from).len() <= graph.incoming(*to).len() {
                    let leads = graph.outgoing(*from).filter(|edge| graph.target(*edge) == *to);
                    edges.extend(leads.filter(follow).take(MOST_PARALLEL));
                } else {
                    let leads = graph.incoming(*to).filter(|edge| graph.source(*edge) == *from);
                    edges.extend(leads.filter(follow).take(MOST_PARALLEL));
                }
            }
        }
        edges.sort_unstable();
        edges
    }

    fn check(&self) -> Result<(), GraphError> {
        let reason = if self.nodes == 0 || self.nodes > LARGEST {
            "a sample has between 1 and 10000 entities"
        } else if self.least_branches > self.most_branches {
            "it would branch into more than it may"
        } else {
            return Ok(());
        };
        Err(GraphError::Asked { reason: reason.to_owned() })
    }
}
