//! The rows of DeepForge's exploration.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::{Entity, EntityGraph, EntityId, Fact, GraphError, Relation};

/// What relations are called that come from a row of DeepForge, which does not name their kinds.
const KIND: &str = "related to";

/// A row of DeepForge's exploration: what was found of the entities on a path, by their names.
///
/// DeepForge keeps no evidence and one sentence for each pair of names; what is more is lost on the way out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeepForgeRow {
    /// The entity at which the path ends.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub entity: String,
    /// What was found of each entity.
    pub entity_dict: BTreeMap<String, DeepForgeEntity>,
    /// The names on the path, in order.
    #[serde(default)]
    pub transition_path: Vec<String>,
}

/// What was found of an entity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeepForgeEntity {
    /// Sentences that are true of it.
    #[serde(default)]
    pub entity_self: Vec<String>,
    /// For each other entity a sentence that says how they have to do with each other.
    #[serde(default)]
    pub entity_relations: BTreeMap<String, String>,
}

impl DeepForgeRow {
    /// The row of a graph with a path through it.
    ///
    /// Two entities of one name become one; several sentences on one pair are joined by a space.
    ///
    /// # Errors
    ///
    /// [`GraphError::NoEntity`] where a fact, a relation or the path names an entity that is not in the graph.
    pub fn of(graph: &EntityGraph, path: &[EntityId]) -> Result<Self, GraphError> {
        let names: HashMap<EntityId, &str> =
            graph.entities.iter().map(|entity| (entity.id, entity.name.as_str())).collect();
        let name = |id: EntityId| names.get(&id).map(|name| (*name).to_owned()).ok_or(GraphError::NoEntity { id });
        let mut row = Self::default();
        for entity in &graph.entities {
            row.entity_dict.entry(entity.name.clone()).or_default();
        }
        for fact in &graph.facts {
            row.entity_dict.entry(name(fact.entity)?).or_default().entity_self.push(fact.text.clone());
        }
        for relation in &graph.relations {
            let sentence = if relation.text.is_empty() { &relation.kind } else { &relation.text };
            let relations = &mut row.entity_dict.entry(name(relation.from)?).or_default().entity_relations;
            let said = relations.entry(name(relation.to)?).or_default();
            if !said.is_empty() {
                said.push(' ');
            }
            said.push_str(sentence);
        }
        row.transition_path = path.iter().map(|id| name(*id)).collect::<Result<_, _>>()?;
        row.entity = row.transition_path.last().cloned().unwrap_or_default();
        Ok(row)
    }

    /// Reads a row: the row itself, or a question of DeepForge with the row in its `extra_info`.
    ///
    /// # Errors
    ///
    /// [`GraphError::Row`] where it is neither.
    pub fn read(json: &str) -> Result<Self, GraphError> {
        #[derive(Deserialize)]
        struct Question {
            entity: String,
            extra_info: DeepForgeRow,
        }
        let failed = |error: serde_json::Error| GraphError::Row { reason: error.to_string() };
        if let Ok(Question { entity, extra_info }) = serde_json::from_str(json) {
            return Ok(Self { entity, ..extra_info });
        }
        serde_json::from_str(json).map_err(failed)
    }

    /// The graph of a row and the path through it. Names are all that tells its entities apart, and nothing in it is
    /// supported, because a row says nowhere where it has it from.
    #[must_use]
    pub fn graph(&self) -> (EntityGraph, Vec<EntityId>) {
        let id = |name: &str| EntityId::of(&[name]);
        let mut names: Vec<&str> = self.entity_dict.keys().map(String::as_str).collect();
        names.extend(self.entity_dict.values().flat_map(|found| found.entity_relations.keys().map(String::as_str)));
        names.extend(self.transition_path.iter().map(String::as_str));
        names.sort_unstable();
        names.dedup();
        let mut graph = EntityGraph::new();
        for name in names {
            graph.add(Entity::new(id(name), name));
        }
        for (name, found) in &self.entity_dict {
            for sentence in &found.entity_self {
                graph.add(Fact::new(id(name), sentence));
            }
            for (other, sentence) in &found.entity_relations {
                graph.add(Relation::new(id(name), KIND, id(other)).saying(sentence));
            }
        }
        (graph, self.transition_path.iter().map(|name| id(name)).collect())
    }
}
