//! Packs records into a file.

use std::collections::HashMap;
use std::io::{self, Write};

use string_interner::backend::StringBackend;
use string_interner::symbol::SymbolU32;
use string_interner::{StringInterner, Symbol};

use super::layout::{Section, SectionWriter};
use crate::dedup::key;
use crate::{Entity, EntityId, GraphError, Record};

/// Where no entity is recorded.
const NOWHERE: u64 = u64::MAX;

/// Packs records, which come in any order, one at a time.
///
/// In memory are a few dozen bytes for each entity, fact and relation, and each name once; the records themselves are
/// written as they come.
#[derive(Debug)]
pub struct Packer<W> {
    out: SectionWriter<W>,
    numbers: HashMap<EntityId, u32>,
    nodes: Vec<NodeEntry>,
    facts: Vec<(u32, u64)>,
    edges: Vec<EdgeEntry>,
    keys: Vec<(u64, u32)>,
    strings: StringInterner<StringBackend<SymbolU32>>,
}

#[derive(Debug)]
struct NodeEntry {
    id: EntityId,
    record: u64,
    name: u32,
    kind: u32,
}

#[derive(Debug)]
struct EdgeEntry {
    from: u32,
    to: u32,
    /// The kind, and in the highest bit whether there is evidence.
    kind: u32,
    record: u64,
}

const SUPPORTED: u32 = 1 << 31;

impl<W: Write> Packer<W> {
    /// Begins a file.
    ///
    /// # Errors
    ///
    /// When `out` does not take it, as with all that follows.
    pub fn new(out: W) -> Result<Self, GraphError> {
        Ok(Self {
            out: SectionWriter::new(out).map_err(GraphError::write)?,
            numbers: HashMap::new(),
            nodes: Vec::new(),
            facts: Vec::new(),
            edges: Vec::new(),
            keys: Vec::new(),
            strings: StringInterner::new(),
        })
    }

    /// Adds a record.
    ///
    /// # Errors
    ///
    /// [`GraphError::Twice`] for the second record of an entity.
    pub fn add(&mut self, record: &Record) -> Result<(), GraphError> {
        let place = self.out.length();
        match record {
            Record::Entity(entity) => self.entity(entity, place)?,
            Record::Fact(fact) => {
                let node = self.number(fact.entity)?;
                self.facts.push((node, place));
                limit("facts", self.facts.len(), u32::MAX)?;
            }
            Record::Relation(relation) => {
                let (from, to) = (self.number(relation.from)?, self.number(relation.to)?);
                let supported = if relation.is_supported() { SUPPORTED } else { 0 };
                let kind = self.string(&relation.kind)? | supported;
                self.edges.push(EdgeEntry { from, to, kind, record: place });
                limit("relations", self.edges.len(), u32::MAX)?;
            }
        }
        let mut line = record.line();
        line.push('\n');
        self.out.write(line.as_bytes()).map_err(GraphError::write)
    }

    fn entity(&mut self, entity: &Entity, place: u64) -> Result<(), GraphError> {
        let number = self.number(entity.id)?;
        let (name, kind) = (self.string(&entity.name)?, self.string(&entity.kind)?);
        let node = &mut self.nodes[number as usize];
        if node.record != NOWHERE {
            return Err(GraphError::Twice { id: entity.id });
        }
        (node.record, node.name, node.kind) = (place, name, kind);
        self.keys.extend(entity.names().map(|name| (key_hash(name), number)));
        limit("names", self.keys.len(), u32::MAX)
    }

    fn number(&mut self, id: EntityId) -> Result<u32, GraphError> {
        let next = self.nodes.len();
        let number = *self.numbers.entry(id).or_insert(next as u32);
        if number as usize == next {
            limit("entities", next + 1, u32::MAX - 1)?;
            self.nodes.push(NodeEntry { id, record: NOWHERE, name: 0, kind: 0 });
        }
        Ok(number)
    }

    fn string(&mut self, text: &str) -> Result<u32, GraphError> {
        limit("different names and kinds", self.strings.len() + 1, SUPPORTED - 1)?;
        Ok(self.strings.get_or_intern(text).to_usize() as u32)
    }

    /// Ends the file.
    ///
    /// # Errors
    ///
    /// [`GraphError::NoEntity`] where a fact or relation names an entity that was never added.
    pub fn finish(mut self) -> Result<W, GraphError> {
        if let Some(node) = self.nodes.iter().find(|node| node.record == NOWHERE) {
            return Err(GraphError::NoEntity { id: node.id });
        }
        self.numbers = HashMap::new();
        self.put_in_order();
        self.arrays().map_err(GraphError::write)?;
        self.out.finish().map_err(GraphError::write)
    }

    /// Numbers the nodes in the order of their ids, and puts facts and edges in the order of their nodes.
    fn put_in_order(&mut self) {
        let mut order: Vec<u32> = (0..self.nodes.len() as u32).collect();
        order.sort_unstable_by_key(|at| self.nodes[*at as usize].id);
        let mut places = vec![0_u32; order.len()];
        for (place, at) in order.iter().enumerate() {
            places[*at as usize] = place as u32;
        }
        drop(order);
        self.nodes.sort_unstable_by_key(|node| node.id);
        for edge in &mut self.edges {
            (edge.from, edge.to) = (places[edge.from as usize], places[edge.to as usize]);
        }
        for (node, _) in &mut self.facts {
            *node = places[*node as usize];
        }
        for (_, node) in &mut self.keys {
            *node = places[*node as usize];
        }
        self.edges.sort_unstable_by_key(|edge| (edge.from, edge.record));
        self.facts.sort_unstable();
        self.keys.sort_unstable();
        self.keys.dedup();
    }

    fn arrays(&mut self) -> io::Result<()> {
        let (out, nodes, edges) = (&mut self.out, &self.nodes, &self.edges);
        out.begin(Section::NodeIds)?;
        nodes.iter().try_for_each(|node| out.write(&node.id.to_u128().to_le_bytes()))?;
        out.u64s(Section::NodeRecords, nodes.iter().map(|node| node.record))?;
        out.u32s(Section::NodeNames, nodes.iter().map(|node| node.name))?;
        out.u32s(Section::NodeKinds, nodes.iter().map(|node| node.kind))?;
        out.u32s(Section::FactStarts, starts(nodes.len(), self.facts.iter().map(|fact| fact.0)))?;
        out.u64s(Section::FactRecords, self.facts.iter().map(|fact| fact.1))?;
        out.u32s(Section::OutStarts, starts(nodes.len(), edges.iter().map(|edge| edge.from)))?;
        out.u32s(Section::EdgeSources, edges.iter().map(|edge| edge.from))?;
        out.u32s(Section::EdgeTargets, edges.iter().map(|edge| edge.to))?;
        out.u32s(Section::EdgeKinds, edges.iter().map(|edge| edge.kind & !SUPPORTED))?;
        out.u64s(Section::EdgeRecords, edges.iter().map(|edge| edge.record))?;
        out.begin(Section::EdgeSupport)?;
        edges.iter().try_for_each(|edge| out.write(&[u8::from(edge.kind & SUPPORTED != 0)]))?;
        let in_starts = starts(nodes.len(), edges.iter().map(|edge| edge.to));
        let in_edges = backwards(&in_starts, edges);
        out.u32s(Section::InStarts, in_starts)?;
        out.u32s(Section::InEdges, in_edges)?;
        out.u64s(Section::KeyHashes, self.keys.iter().map(|key| key.0))?;
        out.u32s(Section::KeyNodes, self.keys.iter().map(|key| key.1))?;
        let mut end = 0;
        let ends = self.strings.iter().map(|(_, text)| {
            end += text.len() as u64;
            end
        });
        out.u64s(Section::StringStarts, std::iter::once(0).chain(ends))?;
        out.begin(Section::Strings)?;
        self.strings.iter().try_for_each(|(_, text)| out.write(text.as_bytes()))
    }
}

/// For each node the place of its first thing, where these are the nodes of all things; and the number of things.
fn starts(nodes: usize, of: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut starts = vec![0_u32; nodes + 1];
    of.for_each(|node| starts[node as usize + 1] += 1);
    for at in 0..nodes {
        starts[at + 1] += starts[at];
    }
    starts
}

/// The edges in the order of where they lead.
fn backwards(in_starts: &[u32], edges: &[EdgeEntry]) -> Vec<u32> {
    let mut next = in_starts.to_vec();
    let mut sorted = vec![0; edges.len()];
    for (at, edge) in edges.iter().enumerate() {
        let place = &mut next[edge.to as usize];
        sorted[*place as usize] = at as u32;
        *place += 1;
    }
    sorted
}

/// The hash by which a name is looked up.
pub(super) fn key_hash(name: &str) -> u64 {
    let hash = blake3::hash(key(name).as_bytes());
    u64::from_le_bytes(std::array::from_fn(|byte| hash.as_bytes()[byte]))
}

fn limit(what: &'static str, count: usize, most: u32) -> Result<(), GraphError> {
    if count as u64 > u64::from(most) { Err(GraphError::TooMany { what, limit: u64::from(most) }) } else { Ok(()) }
}
