//! What a packed graph says of its entities and relations.

use std::collections::BTreeSet;
use std::io::Cursor;

use super::layout::Section;
use super::packer::key_hash;
use super::{Edge, Node, PackedGraph};
use crate::dedup::key;
use crate::{Entity, EntityGraph, EntityId, Fact, GraphError, Record, RecordReader, Relation};

impl PackedGraph {
    /// The entity of an id.
    #[must_use]
    pub fn node(&self, id: EntityId) -> Option<Node> {
        let (mut low, mut high) = (0, self.node_count() as u32);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.id(Node(middle)).cmp(&id) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(Node(middle)),
            }
        }
        None
    }

    /// The entities that have a name, or an alias, with the same [`key`](crate::key).
    ///
    /// # Errors
    ///
    /// [`GraphError::Damaged`] where what is recorded of one cannot be read.
    pub fn named(&self, name: &str) -> Result<Vec<Node>, GraphError> {
        let (wanted, hash) = (key(name), key_hash(name));
        let count = (self.section(Section::KeyHashes).len() / 8) as u32;
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.u64(Section::KeyHashes, middle) < hash { low = middle + 1 } else { high = middle }
        }
        let mut found = Vec::new();
        for at in (low..count).take_while(|at| self.u64(Section::KeyHashes, *at) == hash) {
            let node = Node(self.u32(Section::KeyNodes, at));
            if self.entity(node)?.names().any(|name| key(name) == wanted) {
                found.push(node);
            }
        }
        Ok(found)
    }

    /// The name of an entity.
    #[must_use]
    pub fn name(&self, node: Node) -> &str {
        self.string(self.u32(Section::NodeNames, node.0))
    }

    /// The kind of an entity; empty where it is not known.
    #[must_use]
    pub fn kind(&self, node: Node) -> &str {
        self.string(self.u32(Section::NodeKinds, node.0))
    }

    /// The relations that begin at an entity.
    pub fn outgoing(&self, node: Node) -> impl ExactSizeIterator<Item = Edge> + Clone + use<> {
        (self.u32(Section::OutStarts, node.0)..self.u32(Section::OutStarts, node.0 + 1)).map(Edge)
    }

    /// The relations that lead to an entity.
    pub fn incoming(&self, node: Node) -> impl ExactSizeIterator<Item = Edge> + Clone + '_ {
        let range = self.u32(Section::InStarts, node.0)..self.u32(Section::InStarts, node.0 + 1);
        range.map(|at| Edge(self.u32(Section::InEdges, at)))
    }

    pub(crate) fn nth_outgoing(&self, node: Node, at: usize) -> Edge {
        Edge(self.u32(Section::OutStarts, node.0) + at as u32)
    }

    pub(crate) fn nth_incoming(&self, node: Node, at: usize) -> Edge {
        Edge(self.u32(Section::InEdges, self.u32(Section::InStarts, node.0) + at as u32))
    }

    /// Where a relation begins.
    #[must_use]
    pub fn source(&self, edge: Edge) -> Node {
        Node(self.u32(Section::EdgeSources, edge.0))
    }

    /// Where a relation leads.
    #[must_use]
    pub fn target(&self, edge: Edge) -> Node {
        Node(self.u32(Section::EdgeTargets, edge.0))
    }

    /// The kind of a relation.
    #[must_use]
    pub fn relation_kind(&self, edge: Edge) -> &str {
        self.string(self.u32(Section::EdgeKinds, edge.0))
    }

    /// The kind of a relation as a number, which is compared faster: two relations are of one kind exactly where their
    /// numbers are the same.
    #[must_use]
    pub fn relation_kind_number(&self, edge: Edge) -> u32 {
        self.u32(Section::EdgeKinds, edge.0)
    }

    /// Whether there is evidence of a relation.
    #[must_use]
    pub fn is_supported(&self, edge: Edge) -> bool {
        self.section(Section::EdgeSupport)[edge.0 as usize] != 0
    }

    /// Whether a relation leads from one entity to the other, in one direction or the other.
    #[must_use]
    pub fn are_related(&self, left: Node, right: Node) -> bool {
        self.leads(left, right) || self.leads(right, left)
    }

    fn leads(&self, from: Node, to: Node) -> bool {
        let (mut out, mut into) = (self.outgoing(from), self.incoming(to));
        if out.len() <= into.len() {
            out.any(|edge| self.target(edge) == to)
        } else {
            into.any(|edge| self.source(edge) == from)
        }
    }

    /// What is recorded of an entity.
    ///
    /// # Errors
    ///
    /// [`GraphError::Damaged`] where it cannot be read, as with all that is recorded.
    pub fn entity(&self, node: Node) -> Result<Entity, GraphError> {
        match self.record(self.u64(Section::NodeRecords, node.0))? {
            Record::Entity(entity) => Ok(entity),
            _ => Err(self.misplaced()),
        }
    }

    /// What is recorded of a relation.
    ///
    /// # Errors
    ///
    /// As [`entity`](Self::entity).
    pub fn relation(&self, edge: Edge) -> Result<Relation, GraphError> {
        match self.record(self.u64(Section::EdgeRecords, edge.0))? {
            Record::Relation(relation) => Ok(relation),
            _ => Err(self.misplaced()),
        }
    }

    /// What is true of an entity.
    ///
    /// # Errors
    ///
    /// As [`entity`](Self::entity).
    pub fn facts(&self, node: Node) -> Result<Vec<Fact>, GraphError> {
        let range = self.u32(Section::FactStarts, node.0)..self.u32(Section::FactStarts, node.0 + 1);
        let fact = |at| match self.record(self.u64(Section::FactRecords, at))? {
            Record::Fact(fact) => Ok(fact),
            _ => Err(self.misplaced()),
        };
        range.map(fact).collect()
    }

    /// All records, in the order in which they were packed.
    pub fn records(&self) -> RecordReader<Cursor<&[u8]>> {
        RecordReader::new(&self.path, Cursor::new(self.section(Section::Records))).longest(usize::MAX - 1)
    }

    /// Some entities with what is true of them, some relations, and the entities at their ends.
    ///
    /// # Errors
    ///
    /// As [`entity`](Self::entity).
    pub fn subgraph(&self, nodes: &[Node], edges: &[Edge]) -> Result<EntityGraph, GraphError> {
        let mut graph = EntityGraph::new();
        let mut seen = BTreeSet::new();
        let ends = edges.iter().flat_map(|edge| [self.source(*edge), self.target(*edge)]);
        for node in nodes.iter().copied().chain(ends) {
            if seen.insert(node) {
                graph.entities.push(self.entity(node)?);
                graph.facts.extend(self.facts(node)?);
            }
        }
        for edge in edges {
            graph.relations.push(self.relation(*edge)?);
        }
        Ok(graph)
    }

    fn string(&self, at: u32) -> &str {
        let place = |at| usize::try_from(self.u64(Section::StringStarts, at)).unwrap_or(usize::MAX);
        // All of it was hashed when the graph was opened, so it is what was written: whole strings.
        let bytes = self.section(Section::Strings).get(place(at)..place(at + 1)).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    fn record(&self, place: u64) -> Result<Record, GraphError> {
        let all = self.section(Section::Records);
        let line = usize::try_from(place).ok().and_then(|place| all.get(place..)).ok_or_else(|| self.misplaced())?;
        let end = line.iter().position(|byte| *byte == b'\n').unwrap_or(line.len());
        Record::read(&line[..end])
            .map_err(|fault| GraphError::damaged(&self.path, format!("the record at byte {place}: {}", fault.reason)))
    }

    fn misplaced(&self) -> GraphError {
        GraphError::damaged(&self.path, "a record is not where its arrays say")
    }
}
