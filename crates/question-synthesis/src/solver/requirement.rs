//! A constraint, ready to be looked up in a graph.

use offseeker_entity_graph::{Node, PackedGraph, key};

use super::Chosen;
use crate::facts::Facts;
use crate::{Condition, Constraint, Term, Variable};

/// A constraint, ready to be looked up in a graph.
#[derive(Debug, Clone)]
pub(super) enum Requirement<'p> {
    /// The kind is a number; none, where the graph has no such relations.
    Relation {
        from: Slot,
        kind: Option<u32>,
        to: Slot,
    },
    Is {
        of: Slot,
        field: &'p str,
        key: String,
    },
    Between {
        of: Slot,
        field: &'p str,
        least: f64,
        most: f64,
    },
    Kind {
        of: Slot,
        kind: &'p str,
    },
}

/// What a requirement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// The variable at a place.
    Variable(usize),
    /// An entity.
    Node(Node),
    /// An entity that the graph does not have.
    Nowhere,
}

impl Slot {
    fn of(term: &Term, variables: &[Variable], graph: &PackedGraph) -> Self {
        match term {
            Term::Variable(variable) => {
                let place = variables.iter().position(|it| it == variable);
                Self::Variable(place.expect("the variables of all clues are known"))
            }
            Term::Constant { id, .. } => graph.node(*id).map_or(Self::Nowhere, Self::Node),
        }
    }

    fn node(self, chosen: &Chosen) -> Option<Node> {
        match self {
            Self::Variable(at) => chosen[at],
            Self::Node(node) => Some(node),
            Self::Nowhere => None,
        }
    }

    fn is_open(self, chosen: &Chosen) -> bool {
        matches!(self, Self::Variable(at) if chosen[at].is_none())
    }
}

impl<'p> Requirement<'p> {
    pub(super) fn of(says: &'p Constraint, variables: &[Variable], graph: &PackedGraph, facts: &Facts) -> Self {
        let slot = |term| Slot::of(term, variables, graph);
        match says {
            Constraint::Relation { from, kind, to } => {
                Self::Relation { from: slot(from), kind: facts.relation(kind), to: slot(to) }
            }
            Constraint::Field { of, field, is: Condition::Is { value } } => {
                Self::Is { of: slot(of), field, key: key(value) }
            }
            Constraint::Field { of, field, is: Condition::Between { least, most } } => {
                Self::Between { of: slot(of), field, least: *least, most: *most }
            }
            Constraint::Kind { of, kind } => Self::Kind { of: slot(of), kind },
        }
    }

    fn slots(&self) -> impl Iterator<Item = Slot> {
        let (first, second) = match self {
            Self::Relation { from, to, .. } => (*from, Some(*to)),
            Self::Is { of, .. } | Self::Between { of, .. } | Self::Kind { of, .. } => (*of, None),
        };
        std::iter::once(first).chain(second)
    }

    /// The places of the variables that it is about.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        self.slots().filter_map(|slot| match slot {
            Slot::Variable(at) => Some(at),
            Slot::Node(_) | Slot::Nowhere => None,
        })
    }

    pub(super) fn is_about(&self, at: usize) -> bool {
        self.places().any(|place| place == at)
    }

    /// Whether it is fulfilled, or may still be.
    pub(super) fn may_hold(&self, chosen: &Chosen, graph: &PackedGraph, facts: &Facts) -> bool {
        if self.slots().any(|slot| slot == Slot::Nowhere) {
            return false;
        }
        if self.slots().any(|slot| slot.is_open(chosen)) {
            return true;
        }
        let holds = |slot: Slot, test: &dyn Fn(Node) -> bool| slot.node(chosen).is_some_and(test);
        match self {
            Self::Relation { from, kind, to } => {
                holds(*from, &|from| holds(*to, &|to| kind.is_some_and(|kind| is_related(graph, from, kind, to))))
            }
            Self::Is { of, field, key } => holds(*of, &|node| facts.values(node, field).any(|it| it.key == *key)),
            Self::Between { of, field, least, most } => holds(*of, &|node| {
                let mut numbers = facts.values(node, field).filter_map(|it| it.quantity);
                numbers.any(|quantity| (*least..=*most).contains(&quantity.number))
            }),
            Self::Kind { of, kind } => holds(*of, &|node| graph.kind(node) == *kind),
        }
    }

    /// About how many entities it leaves for a variable; none where it does not say.
    pub(super) fn estimate(&self, at: usize, chosen: &Chosen, graph: &PackedGraph, facts: &Facts) -> Option<usize> {
        if !self.is_about(at) {
            return None;
        }
        match self {
            Self::Relation { from, to, .. } => match (from.node(chosen), to.node(chosen)) {
                (Some(from), None) => Some(graph.outgoing(from).len()),
                (None, Some(to)) => Some(graph.incoming(to).len()),
                _ => self.slots().any(|slot| slot == Slot::Nowhere).then_some(0),
            },
            Self::Is { field, key, .. } => Some(facts.with_key(field, key).len()),
            Self::Between { field, least, most, .. } => Some(facts.between(field, *least, *most).len()),
            Self::Kind { kind, .. } => Some(facts.of_kind(kind).len()),
        }
    }

    /// The entities that it leaves for a variable of which it says something, some of them more than once.
    pub(super) fn candidates(&self, at: usize, chosen: &Chosen, graph: &PackedGraph, facts: &Facts) -> Vec<Node> {
        debug_assert!(self.is_about(at), "it was asked for an estimate before");
        match self {
            Self::Relation { from, kind, to } => match (from.node(chosen), to.node(chosen)) {
                (Some(from), None) => {
                    let edges = graph.outgoing(from).filter(|edge| Some(graph.relation_kind_number(*edge)) == *kind);
                    edges.map(|edge| graph.target(edge)).collect()
                }
                (None, Some(to)) => {
                    let edges = graph.incoming(to).filter(|edge| Some(graph.relation_kind_number(*edge)) == *kind);
                    edges.map(|edge| graph.source(edge)).collect()
                }
                _ => Vec::new(),
            },
            Self::Is { field, key, .. } => facts.with_key(field, key).to_vec(),
            Self::Between { field, least, most, .. } => {
                facts.between(field, *least, *most).iter().map(|(_, node)| *node).collect()
            }
            Self::Kind { kind, .. } => facts.of_kind(kind).to_vec(),
        }
    }
}

/// Whether a relation of a kind leads from one entity to another.
fn is_related(graph: &PackedGraph, from: Node, kind: u32, to: Node) -> bool {
    let (mut out, mut into) = (graph.outgoing(from), graph.incoming(to));
    if out.len() <= into.len() {
        out.any(|edge| graph.target(edge) == to && graph.relation_kind_number(edge) == kind)
    } else {
        into.any(|edge| graph.source(edge) == from && graph.relation_kind_number(edge) == kind)
    }
}
