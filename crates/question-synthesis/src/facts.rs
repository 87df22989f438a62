//! What a graph says of properties and kinds, where it is found quickly.

use std::collections::{BTreeMap, HashMap, HashSet};

use offseeker_entity_graph::{Fact, GraphError, Node, PackedGraph, key};

use crate::quantity::Quantity;

/// What a graph says of properties and kinds, where it is found quickly. It is in memory: some hundred bytes for each
/// fact that has a field.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    fields: BTreeMap<String, Field>,
    kinds: BTreeMap<String, Vec<Node>>,
    /// The numbers of the kinds of relations.
    relations: HashMap<String, u32>,
    known: HashMap<Node, Vec<Known>>,
}

/// All values of one property.
#[derive(Debug, Default)]
struct Field {
    by_key: HashMap<String, Vec<Node>>,
    by_number: Vec<(f64, Node)>,
}

/// A property of an entity.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) field: String,
    pub(crate) value: String,
    pub(crate) key: String,
    pub(crate) quantity: Option<Quantity>,
    pub(crate) is_supported: bool,
}

impl Known {
    fn of(fact: Fact) -> Self {
        let is_supported = fact.is_supported();
        let (key, quantity) = (key(&fact.value), Quantity::read(&fact.value));
        Self { field: fact.field, value: fact.value, key, quantity, is_supported }
    }
}

impl Facts {
    /// Reads a graph.
    pub(crate) fn of(graph: &PackedGraph) -> Result<Self, GraphError> {
        let mut facts = Self::default();
        for node in graph.nodes() {
            let kind = graph.kind(node);
            if !kind.is_empty() {
                facts.kinds.entry(kind.to_owned()).or_default().push(node);
            }
            let stated = graph.facts(node)?.into_iter().filter(|fact| !fact.field.is_empty() && !fact.value.is_empty());
            for known in stated.map(Known::of) {
                facts.add(node, known);
            }
        }
        let mut met = HashSet::new();
        for edge in graph.edges() {
            let number = graph.relation_kind_number(edge);
            if met.insert(number) {
                facts.relations.insert(graph.relation_kind(edge).to_owned(), number);
            }
        }
        for field in facts.fields.values_mut() {
            field.by_number.sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)));
        }
        Ok(facts)
    }

    /// The number of a kind of relations; none, where there are no such relations.
    pub(crate) fn relation(&self, kind: &str) -> Option<u32> {
        self.relations.get(kind).copied()
    }

    fn add(&mut self, node: Node, known: Known) {
        let all = self.known.entry(node).or_default();
        if let Some(twin) = all.iter_mut().find(|it| it.field == known.field && it.key == known.key) {
            twin.is_supported |= known.is_supported;
            return;
        }
        let field = self.fields.entry(known.field.clone()).or_default();
        field.by_key.entry(known.key.clone()).or_default().push(node);
        if let Some(quantity) = known.quantity {
            field.by_number.push((quantity.number, node));
        }
        all.push(known);
    }

    /// What is known of an entity.
    pub(crate) fn known(&self, node: Node) -> &[Known] {
        self.known.get(&node).map_or(&[], Vec::as_slice)
    }

    /// The values of a property of an entity.
    pub(crate) fn values<'a>(&'a self, node: Node, field: &'a str) -> impl Iterator<Item = &'a Known> {
        self.known(node).iter().filter(move |known| known.field == field)
    }

    /// The entities of a kind.
    pub(crate) fn of_kind(&self, kind: &str) -> &[Node] {
        self.kinds.get(kind).map_or(&[], Vec::as_slice)
    }

    /// The entities of which a property has a value with this key.
    pub(crate) fn with_key(&self, field: &str, key: &str) -> &[Node] {
        self.fields.get(field).and_then(|field| field.by_key.get(key)).map_or(&[], Vec::as_slice)
    }

    /// The entities of which a property is a number in a range, some of them more than once.
    pub(crate) fn between(&self, field: &str, least: f64, most: f64) -> &[(f64, Node)] {
        let Some(field) = self.fields.get(field) else { return &[] };
        let from = field.by_number.partition_point(|(number, _)| *number < least);
        let to = field.by_number.partition_point(|(number, _)| *number <= most);
        field.by_number.get(from..to).unwrap_or_default()
    }
}
