//! Entities, what is true of them, and how they have to do with each other.

use std::collections::HashSet;
use std::path::Path;

use crate::{Entity, EntityId, Fact, GraphError, Record, RecordReader, RecordWriter, Relation};

/// Entities, what is true of them, and how they have to do with each other, in memory.
///
/// It may branch and have leaves, entities may stand alone, and two entities may have many relations. One that is
/// larger than memory, or that is walked over, is packed into a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntityGraph {
    /// The entities, each once.
    pub entities: Vec<Entity>,
    /// What is true of them.
    pub facts: Vec<Fact>,
    /// How they have to do with each other.
    pub relations: Vec<Relation>,
}

impl EntityGraph {
    /// A graph of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a record.
    pub fn add(&mut self, record: impl Into<Record>) {
        match record.into() {
            Record::Entity(entity) => self.entities.push(entity),
            Record::Fact(fact) => self.facts.push(fact),
            Record::Relation(relation) => self.relations.push(relation),
        }
    }

    /// Its records: entities, facts, relations.
    pub fn records(&self) -> impl Iterator<Item = Record> + '_ {
        let entities = self.entities.iter().cloned().map(Record::Entity);
        let facts = self.facts.iter().cloned().map(Record::Fact);
        entities.chain(facts).chain(self.relations.iter().cloned().map(Record::Relation))
    }

    /// The entity of an id; looks at one after the other.
    #[must_use]
    pub fn entity(&self, id: EntityId) -> Option<&Entity> {
        self.entities.iter().find(|entity| entity.id == id)
    }

    /// What is true of an entity.
    pub fn facts_of(&self, id: EntityId) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(move |fact| fact.entity == id)
    }

    /// The relations that begin at an entity.
    pub fn relations_from(&self, id: EntityId) -> impl Iterator<Item = &Relation> {
        self.relations.iter().filter(move |relation| relation.from == id)
    }

    /// Whether each entity is there once, and each that a fact or relation names is there.
    ///
    /// # Errors
    ///
    /// The first entity that is twice or not there.
    pub fn check(&self) -> Result<(), GraphError> {
        let mut ids = HashSet::with_capacity(self.entities.len());
        if let Some(twin) = self.entities.iter().find(|entity| !ids.insert(entity.id)) {
            return Err(GraphError::Twice { id: twin.id });
        }
        let ends = self.relations.iter().flat_map(|relation| [relation.from, relation.to]);
        match self.facts.iter().map(|fact| fact.entity).chain(ends).find(|id| !ids.contains(id)) {
            Some(id) => Err(GraphError::NoEntity { id }),
            None => Ok(()),
        }
    }

    /// Reads a file with one record a line.
    ///
    /// # Errors
    ///
    /// The first line that is no record; and as [`check`](Self::check).
    pub fn read(path: impl AsRef<Path>) -> Result<Self, GraphError> {
        let graph = RecordReader::open(path)?.collect::<Result<Self, _>>()?;
        graph.check()?;
        Ok(graph)
    }

    /// Writes a file with one record a line, in the place of what was there.
    ///
    /// # Errors
    ///
    /// When the disk does not take it; what was there is then still there.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), GraphError> {
        let mut writer = RecordWriter::create(path)?;
        for record in self.records() {
            writer.write(&record)?;
        }
        writer.finish()
    }
}

impl FromIterator<Record> for EntityGraph {
    fn from_iter<I: IntoIterator<Item = Record>>(records: I) -> Self {
        let mut graph = Self::new();
        for record in records {
            graph.add(record);
        }
        graph
    }
}
