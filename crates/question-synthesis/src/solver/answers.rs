//! The different answers that a search comes by.

use std::collections::HashSet;

use offseeker_entity_graph::{Node, PackedGraph};

use super::{Chosen, Flow, Goal, Solver};
use crate::facts::Facts;
use crate::quantity::Quantity;
use crate::{Ask, Found, Order, Variable};

/// The different answers that a search comes by.
pub(super) struct Answers<'a> {
    graph: &'a PackedGraph,
    facts: &'a Facts,
    ask: &'a Ask,
    variables: &'a [Variable],
    /// The places of the variables that are asked for.
    asked: Vec<usize>,
    most: usize,
    seen: HashSet<Key>,
    found: Vec<Found>,
}

/// What tells answers apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    /// Entities: two of one name are two answers.
    Nodes(Vec<Node>),
    /// A value, however it is spelled.
    Text(String),
    /// A number of entities.
    Count(usize),
}

impl<'a> Answers<'a> {
    pub(super) fn new(
        graph: &'a PackedGraph,
        facts: &'a Facts,
        ask: &'a Ask,
        variables: &'a [Variable],
        most: usize,
    ) -> Self {
        let place = |of: &Variable| variables.iter().position(|it| it == of);
        let asked = ask.variables().iter().filter_map(place).collect();
        Self { graph, facts, ask, variables, asked, most, seen: HashSet::new(), found: Vec::new() }
    }

    pub(super) fn into_found(self) -> Vec<Found> {
        self.found
    }

    /// Adds a number of entities that were counted.
    pub(super) fn add_count(&mut self, chosen: &Chosen, count: usize) -> Flow {
        self.add(chosen, Key::Count(count), count.to_string())
    }

    fn add(&mut self, chosen: &Chosen, key: Key, answer: String) -> Flow {
        if self.seen.insert(key) {
            let bound = self.variables.iter().zip(chosen).filter_map(|(variable, node)| Some((*variable, (*node)?)));
            let entities = bound.map(|(variable, node)| (variable, self.graph.id(node))).collect();
            self.found.push(Found { answer, entities });
        }
        if self.found.len() > self.most { Flow::Stop } else { Flow::On }
    }

    /// The answers of a choice; none as long as not everything that is asked for is chosen.
    fn of(&self, chosen: &Chosen) -> Option<Vec<(Key, String)>> {
        let nodes: Vec<Node> = self.asked.iter().map(|at| chosen[*at]).collect::<Option<_>>()?;
        let first = *nodes.first()?;
        Some(match self.ask {
            Ask::Name { .. } | Ask::Count { .. } => vec![(Key::Nodes(nodes), self.graph.name(first).to_owned())],
            Ask::Value { field, .. } => {
                let mut known = self.facts.values(first, field).peekable();
                if known.peek().is_none() {
                    return Some(vec![(Key::Nodes(nodes), String::new())]);
                }
                known.map(|known| (Key::Text(known.key.clone()), known.value.clone())).collect()
            }
            Ask::Extreme { field, order, .. } => self.extreme(nodes, field, *order).into_iter().collect(),
        })
    }

    /// The one of several entities that has the least or the most of something; nothing where two of them are the same.
    fn extreme(&self, mut nodes: Vec<Node>, field: &str, order: Order) -> Option<(Key, String)> {
        let amount = |node: Node| {
            let mut known = self.facts.values(node, field);
            let only: Option<Quantity> = known.next()?.quantity;
            only.filter(|_| known.next().is_none()).map(|quantity| quantity.order)
        };
        nodes.sort_unstable();
        if nodes.windows(2).any(|pair| pair[0] == pair[1]) {
            return None;
        }
        let amounts: Option<Vec<(f64, Node)>> = nodes.iter().map(|node| Some((amount(*node)?, *node))).collect();
        let mut amounts = amounts.unwrap_or_default();
        amounts.sort_by(|left, right| left.0.total_cmp(&right.0));
        if order == Order::Greatest {
            amounts.reverse();
        }
        let answer = match amounts.as_slice() {
            [first, second, ..] if first.0 == second.0 => String::new(),
            [first, ..] => self.graph.name(first.1).to_owned(),
            [] => String::new(),
        };
        Some((Key::Nodes(nodes), answer))
    }
}

impl Goal for Answers<'_> {
    fn is_settled(&self, chosen: &Chosen) -> bool {
        self.of(chosen).is_some_and(|answers| answers.iter().all(|(key, _)| self.seen.contains(key)))
    }

    fn reach(&mut self, _: &mut Solver<'_>, chosen: &Chosen) -> Flow {
        for (key, answer) in self.of(chosen).unwrap_or_default() {
            if self.add(chosen, key, answer) == Flow::Stop {
                return Flow::Stop;
            }
        }
        Flow::On
    }
}
