//! Opens a packed graph and reads it where it lies.

use std::fs::File;
use std::path::{Path, PathBuf};

use memmap2::Mmap;
use offseeker_durable::Draft;

use super::Packer;
use super::layout::{END, End, MAGIC, Section};
use crate::{EntityGraph, EntityId, GraphError, Record};

/// An entity of a packed graph: its place in the order of ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node(pub(super) u32);

/// A relation of a packed graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edge(pub(super) u32);

/// A graph in one file that is read where it lies: opening it reads the arrays once and keeps nothing of it.
///
/// Relations are found by where they begin and by where they lead, entities by id and by name. What is recorded of them
/// is parsed when it is asked for. A file is never changed, only replaced, so a graph that is open stays what it is.
pub struct PackedGraph {
    pub(super) path: PathBuf,
    bytes: Bytes,
    end: End,
    nodes: u32,
    edges: u32,
}

enum Bytes {
    Mapped(Mmap),
    Owned(Vec<u8>),
}

impl std::fmt::Debug for PackedGraph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("PackedGraph");
        shown.field("path", &self.path).field("nodes", &self.nodes).field("edges", &self.edges).finish()
    }
}

impl PackedGraph {
    /// Packs records into a file, in the place of what was there, and opens it.
    ///
    /// # Errors
    ///
    /// When the records are no graph or the disk does not take them; what was there is then still there.
    pub fn pack(records: impl IntoIterator<Item = Record>, path: impl AsRef<Path>) -> Result<Self, GraphError> {
        Self::pack_read(records.into_iter().map(Ok), path)
    }

    /// Packs records as they are read, by a [`RecordReader`](crate::RecordReader) for one; the first that cannot be read
    /// is the end.
    ///
    /// # Errors
    ///
    /// As [`pack`](Self::pack), and where a record cannot be read.
    pub fn pack_read(
        records: impl IntoIterator<Item = Result<Record, GraphError>>,
        path: impl AsRef<Path>,
    ) -> Result<Self, GraphError> {
        let path = path.as_ref();
        let failed = |error: std::io::Error| GraphError::io(path, error);
        let mut packer = Packer::new(Draft::beside(path).map_err(failed)?)?;
        records.into_iter().try_for_each(|record| packer.add(&record?))?;
        packer.finish()?.publish(path).map_err(failed)?;
        Self::open(path)
    }

    /// Packs a graph in memory.
    ///
    /// # Errors
    ///
    /// As [`EntityGraph::check`].
    pub fn of(graph: &EntityGraph) -> Result<Self, GraphError> {
        let mut packer = Packer::new(Vec::new())?;
        graph.records().try_for_each(|record| packer.add(&record))?;
        Self::new(PathBuf::from("a graph in memory"), Bytes::Owned(packer.finish()?))
    }

    /// Opens a file.
    ///
    /// # Errors
    ///
    /// [`GraphError::NoGraph`] where it is something else, [`GraphError::Damaged`] where its arrays are not as they were
    /// written. Whether the records are is checked by [`verify`](Self::verify).
    #[allow(unsafe_code)]
    pub fn open(path: impl AsRef<Path>) -> Result<Self, GraphError> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|error| GraphError::io(path, error))?;
        // SAFETY: writers replace a file by another and never write into one that has its place.
        let mapped = unsafe { Mmap::map(&file) }.map_err(|error| GraphError::io(path, error))?;
        Self::new(path.to_owned(), Bytes::Mapped(mapped))
    }

    fn new(path: PathBuf, bytes: Bytes) -> Result<Self, GraphError> {
        let all: &[u8] = &bytes;
        let no_graph = |reason: &str| GraphError::NoGraph { path: path.clone(), reason: reason.to_owned() };
        if !all.starts_with(&MAGIC[..7]) {
            return Err(no_graph("it does not begin as one"));
        }
        if all.get(7) != Some(&MAGIC[7]) {
            return Err(no_graph("it is of another version"));
        }
        if all.len() < MAGIC.len() + END || !all.ends_with(MAGIC) {
            return Err(GraphError::damaged(&path, "it is cut off"));
        }
        let end = End::read(&all[all.len() - END..], all.len()).map_err(|reason| GraphError::damaged(&path, reason))?;
        let nodes = (end.range(Section::NodeIds).len() / 16) as u32;
        let edges = (end.range(Section::EdgeTargets).len() / 4) as u32;
        let graph = Self { path, bytes, end, nodes, edges };
        graph.check().map_err(|reason| GraphError::damaged(&graph.path, reason))?;
        Ok(graph)
    }

    /// Whether the arrays are as they were written, and whether they fit together.
    fn check(&self) -> Result<(), &'static str> {
        if blake3::hash(&self.bytes[self.end.arrays()]) != self.end.arrays_hash {
            return Err("its arrays are not as they were written");
        }
        let (nodes, edges) = (self.nodes as usize, self.edges as usize);
        let facts = self.end.range(Section::FactRecords).len() / 8;
        let strings = (self.end.range(Section::StringStarts).len() / 8).checked_sub(1).ok_or("it has no strings")?;
        let names = self.end.range(Section::KeyHashes).len() / 8;
        let lengths = [
            (Section::NodeIds, nodes * 16),
            (Section::NodeRecords, nodes * 8),
            (Section::NodeNames, nodes * 4),
            (Section::NodeKinds, nodes * 4),
            (Section::FactStarts, (nodes + 1) * 4),
            (Section::FactRecords, facts * 8),
            (Section::OutStarts, (nodes + 1) * 4),
            (Section::EdgeSources, edges * 4),
            (Section::EdgeTargets, edges * 4),
            (Section::EdgeKinds, edges * 4),
            (Section::EdgeRecords, edges * 8),
            (Section::EdgeSupport, edges),
            (Section::InStarts, (nodes + 1) * 4),
            (Section::InEdges, edges * 4),
            (Section::KeyHashes, names * 8),
            (Section::KeyNodes, names * 4),
            (Section::StringStarts, (strings + 1) * 8),
        ];
        if lengths.iter().any(|(section, length)| self.end.range(*section).len() != *length) {
            return Err("its arrays do not fit together");
        }
        let below = |section, limit: usize| self.u32s(section).all(|number| (number as usize) < limit);
        let grows = |section, to: usize| {
            let mut last = 0;
            self.u32s(section).all(|number| std::mem::replace(&mut last, number) <= number) && last as usize == to
        };
        let fits = below(Section::NodeNames, strings)
            && below(Section::NodeKinds, strings)
            && below(Section::EdgeKinds, strings)
            && below(Section::EdgeSources, nodes)
            && below(Section::EdgeTargets, nodes)
            && below(Section::InEdges, edges)
            && below(Section::KeyNodes, nodes)
            && grows(Section::FactStarts, facts)
            && grows(Section::OutStarts, edges)
            && grows(Section::InStarts, edges);
        if fits { Ok(()) } else { Err("its arrays point beyond their ends") }
    }

    /// Whether everything is as it was written, the records too; reads the whole file.
    ///
    /// # Errors
    ///
    /// [`GraphError::Damaged`] where it is not.
    pub fn verify(&self) -> Result<(), GraphError> {
        if blake3::hash(self.section(Section::Records)) == self.end.records_hash {
            Ok(())
        } else {
            Err(GraphError::damaged(&self.path, "its records are not as they were written"))
        }
    }

    /// How many entities there are.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.nodes as usize
    }

    /// How many relations there are.
    #[must_use]
    pub fn edge_count(&self) -> usize {
        self.edges as usize
    }

    /// How many facts there are.
    #[must_use]
    pub fn fact_count(&self) -> usize {
        self.end.range(Section::FactRecords).len() / 8
    }

    /// All entities, in the order of their ids.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = Node> + Clone + use<> {
        (0..self.nodes).map(Node)
    }

    /// All relations, in the order of where they begin.
    pub fn edges(&self) -> impl ExactSizeIterator<Item = Edge> + Clone + use<> {
        (0..self.edges).map(Edge)
    }

    /// The entity at a place in the order of ids.
    pub(crate) fn nth(&self, place: u32) -> Node {
        debug_assert!(place < self.nodes, "the place is one of an entity");
        Node(place)
    }

    /// The id of an entity.
    #[must_use]
    pub fn id(&self, node: Node) -> EntityId {
        let at = node.0 as usize * 16;
        let bytes = &self.section(Section::NodeIds)[at..at + 16];
        EntityId::from_u128(u128::from_le_bytes(std::array::from_fn(|byte| bytes[byte])))
    }

    pub(super) fn section(&self, section: Section) -> &[u8] {
        &self.bytes[self.end.range(section)]
    }

    pub(super) fn u32(&self, section: Section, at: u32) -> u32 {
        let at = at as usize * 4;
        let bytes = &self.section(section)[at..at + 4];
        u32::from_le_bytes(std::array::from_fn(|byte| bytes[byte]))
    }

    pub(super) fn u64(&self, section: Section, at: u32) -> u64 {
        let at = at as usize * 8;
        let bytes = &self.section(section)[at..at + 8];
        u64::from_le_bytes(std::array::from_fn(|byte| bytes[byte]))
    }

    fn u32s(&self, section: Section) -> impl Iterator<Item = u32> {
        let (numbers, _) = self.section(section).as_chunks::<4>();
        numbers.iter().map(|bytes| u32::from_le_bytes(*bytes))
    }
}

impl std::ops::Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(mapped) => mapped,
            Self::Owned(bytes) => bytes,
        }
    }
}
