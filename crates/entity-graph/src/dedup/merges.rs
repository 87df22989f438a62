//! What entities become when those that are the same are merged.

use std::collections::{BTreeMap, HashMap};

use crate::{Entity, EntityGraph, EntityId, Evidence, Fact, Record, Relation};

/// What entities become when those that are the same are merged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Merges {
    into: HashMap<EntityId, EntityId>,
}

impl Merges {
    /// Each entity on the left becomes the one on the right; what that one becomes in turn is followed up.
    #[must_use]
    pub fn new(into: &HashMap<EntityId, EntityId>) -> Self {
        let followed = into.keys().map(|id| (*id, follow(into, *id))).filter(|(id, end)| id != end).collect();
        Self { into: followed }
    }

    /// What an entity becomes: itself, where it is merged with none.
    #[must_use]
    pub fn of(&self, id: EntityId) -> EntityId {
        self.into.get(&id).copied().unwrap_or(id)
    }

    /// How many entities become another.
    #[must_use]
    pub fn len(&self) -> usize {
        self.into.len()
    }

    /// Whether all stay what they are.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.into.is_empty()
    }

    /// A record about what its entities become. Records of entities that become the same still have to be merged.
    #[must_use]
    pub fn rename(&self, record: Record) -> Record {
        match record {
            Record::Entity(entity) => Entity { id: self.of(entity.id), ..entity }.into(),
            Record::Fact(fact) => Fact { entity: self.of(fact.entity), ..fact }.into(),
            Record::Relation(relation) => {
                Relation { from: self.of(relation.from), to: self.of(relation.to), ..relation }.into()
            }
        }
    }

    /// Merges the entities, facts and relations of a graph, and puts them in order.
    ///
    /// The one that stays keeps its name; all other names become aliases, and all pages stay. Facts and relations that
    /// say the same become one with all of their evidence. A relation within a merged entity stays, as a loop.
    #[must_use]
    pub fn apply(&self, graph: EntityGraph) -> EntityGraph {
        EntityGraph {
            entities: self.entities(graph.entities),
            facts: self.facts(graph.facts),
            relations: self.relations(graph.relations),
        }
    }

    fn entities(&self, mut entities: Vec<Entity>) -> Vec<Entity> {
        entities.sort_by_key(|entity| (self.of(entity.id), entity.id));
        let mut merged: Vec<Entity> = Vec::with_capacity(entities.len() - self.len().min(entities.len()));
        for entity in entities {
            let id = self.of(entity.id);
            match merged.last_mut().filter(|last| last.id == id) {
                Some(last) => absorb(last, entity),
                None => merged.push(Entity { id, ..entity }),
            }
        }
        merged.iter_mut().for_each(tidy);
        merged
    }

    fn facts(&self, facts: Vec<Fact>) -> Vec<Fact> {
        let mut merged: BTreeMap<(EntityId, String, String, String), Vec<Evidence>> = BTreeMap::new();
        for fact in facts {
            let said = (self.of(fact.entity), fact.field, fact.value, fact.text);
            merged.entry(said).or_default().extend(fact.evidence);
        }
        let fact = |((entity, field, value, text), evidence)| Fact {
            entity,
            text,
            field,
            value,
            evidence: each_once(evidence),
        };
        merged.into_iter().map(fact).collect()
    }

    fn relations(&self, relations: Vec<Relation>) -> Vec<Relation> {
        let mut merged: BTreeMap<(EntityId, EntityId, String, String), Vec<Evidence>> = BTreeMap::new();
        for relation in relations {
            let said = (self.of(relation.from), self.of(relation.to), relation.kind, relation.text);
            merged.entry(said).or_default().extend(relation.evidence);
        }
        let relation =
            |((from, to, kind, text), evidence)| Relation { from, to, kind, text, evidence: each_once(evidence) };
        merged.into_iter().map(relation).collect()
    }
}

/// Where a chain of merges ends; one that runs in a circle ends at the smallest of the circle.
fn follow(into: &HashMap<EntityId, EntityId>, id: EntityId) -> EntityId {
    let (mut slow, mut fast) = (id, id);
    loop {
        for _ in 0..2 {
            match into.get(&fast) {
                Some(next) => fast = *next,
                None => return fast,
            }
        }
        slow = into.get(&slow).copied().unwrap_or(slow);
        if slow == fast {
            break;
        }
    }
    let (mut least, mut at) = (slow, into[&slow]);
    while at != slow {
        least = least.min(at);
        at = into[&at];
    }
    least
}

/// Adds what is known of an entity to one that is the same.
fn absorb(kept: &mut Entity, other: Entity) {
    kept.aliases.push(other.name);
    kept.aliases.extend(other.aliases);
    kept.pages.extend(other.pages);
    for (field, other) in
        [(&mut kept.kind, other.kind), (&mut kept.language, other.language), (&mut kept.description, other.description)]
    {
        if field.is_empty() {
            *field = other;
        }
    }
}

fn tidy(entity: &mut Entity) {
    entity.aliases.sort_unstable();
    entity.aliases.dedup();
    entity.aliases.retain(|alias| *alias != entity.name);
    entity.pages.sort_unstable();
    entity.pages.dedup();
}

fn each_once(mut evidence: Vec<Evidence>) -> Vec<Evidence> {
    evidence.sort_unstable_by(|left, right| {
        let key = |it: &Evidence| (it.span, it.retrieved_at_ms);
        left.url.cmp(&right.url).then_with(|| key(left).cmp(&key(right))).then_with(|| left.quote.cmp(&right.quote))
    });
    evidence.dedup();
    evidence
}
