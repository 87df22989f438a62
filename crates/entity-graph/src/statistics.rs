//! What is in a graph, in numbers.

use std::collections::BTreeMap;
use std::fmt::{self, Display};

use serde::Serialize;

use crate::{LongTail, PackedGraph};

/// How many kinds are said.
const SAID: usize = 8;

/// What is in a graph, in numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Statistics {
    /// How many entities there are.
    pub entities: usize,
    /// How many facts.
    pub facts: usize,
    /// How many relations.
    pub relations: usize,
    /// How many relations say where they are written.
    pub supported: usize,
    /// How many entities there are of each kind; those of no kind are under nothing.
    pub kinds: BTreeMap<String, usize>,
    /// How many relations there are of each kind.
    pub relation_kinds: BTreeMap<String, usize>,
    /// The share of entities that are little known.
    pub long_tail: f64,
}

impl Statistics {
    /// Counts what is in a graph.
    #[must_use]
    pub fn of(graph: &PackedGraph) -> Self {
        let (mut kinds, mut relation_kinds) = (BTreeMap::<String, usize>::new(), BTreeMap::<String, usize>::new());
        for node in graph.nodes() {
            *kinds.entry(graph.kind(node).to_owned()).or_default() += 1;
        }
        for edge in graph.edges() {
            *relation_kinds.entry(graph.relation_kind(edge).to_owned()).or_default() += 1;
        }
        Self {
            entities: graph.node_count(),
            facts: graph.fact_count(),
            relations: graph.edge_count(),
            supported: graph.edges().filter(|edge| graph.is_supported(*edge)).count(),
            kinds,
            relation_kinds,
            long_tail: LongTail::of(graph).share(),
        }
    }
}

impl Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { entities, facts, relations, supported, .. } = self;
        writeln!(f, "{entities} entities, {facts} facts, {relations} relations")?;
        writeln!(f, "{supported} relations say where they are written")?;
        writeln!(f, "{:.0} % of the entities are little known", 100.0 * self.long_tail)?;
        writeln!(f, "entities: {}", most(&self.kinds))?;
        write!(f, "relations: {}", most(&self.relation_kinds))
    }
}

/// The kinds that there is most of.
fn most(kinds: &BTreeMap<String, usize>) -> String {
    let mut kinds: Vec<(&String, &usize)> = kinds.iter().collect();
    kinds.sort_by(|left, right| right.1.cmp(left.1).then(left.0.cmp(right.0)));
    let said =
        kinds.iter().take(SAID).map(|(kind, count)| format!("{count} {}", if kind.is_empty() { "?" } else { kind }));
    said.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Entity, EntityGraph, EntityId};

    #[test]
    fn kinds_are_counted() {
        let mut graph = EntityGraph::new();
        for (number, (name, kind)) in
            [("Orsa", "river"), ("Karlin", "mill"), ("Dobra", "river")].into_iter().enumerate()
        {
            graph.add(Entity { kind: kind.to_owned(), ..Entity::new(EntityId::from_u128(number as u128), name) });
        }
        let packed = PackedGraph::of(&graph).expect("it is whole");
        let statistics = Statistics::of(&packed);
        assert_eq!((statistics.entities, statistics.relations), (3, 0));
        assert!(statistics.to_string().contains("entities: 2 river, 1 mill"), "{statistics}");
    }
}
