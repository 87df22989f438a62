//! What is known so far: the graph that grows, and which of its entities a name means.

use std::collections::HashMap;

use super::Pooled;
use super::entities::folded;
use super::pool::{MOST_PAGES, id_of};
use super::scout::{Findings, Way};
use crate::{Entity, EntityGraph, EntityId, Fact, Relation, key};

/// The graph so far, and which of its entities a name means.
#[derive(Debug, Default)]
pub(super) struct Atlas {
    entities: Vec<Entity>,
    facts: Vec<Fact>,
    relations: Vec<Relation>,
    places: HashMap<EntityId, usize>,
    named: HashMap<String, Vec<EntityId>>,
    about: HashMap<String, EntityId>,
    named_in: HashMap<EntityId, Vec<String>>,
}

impl Atlas {
    /// An atlas of a pool.
    pub(super) fn of(pool: &[Pooled]) -> Self {
        let mut atlas = Self::default();
        for pooled in pool {
            atlas.named_in.insert(pooled.entity.id, pooled.named_in.clone());
            atlas.add(pooled.entity.clone());
        }
        atlas
    }

    fn add(&mut self, entity: Entity) {
        for name in entity.names() {
            self.named.entry(key(name)).or_default().push(entity.id);
        }
        self.about.extend(entity.pages.iter().map(|page| (page.clone(), entity.id)));
        self.places.insert(entity.id, self.entities.len());
        self.entities.push(entity);
    }

    /// An entity, and the pages that name it.
    pub(super) fn visit(&self, id: EntityId) -> Option<(Entity, Vec<String>)> {
        let entity = self.entities[*self.places.get(&id)?].clone();
        Some((entity, self.named_in.get(&id).cloned().unwrap_or_default()))
    }

    /// Enters what was found about an entity; gives those that it leads to, each once.
    pub(super) fn enter(&mut self, id: EntityId, found: Findings) -> Vec<EntityId> {
        let Some(place) = self.places.get(&id).copied() else { return Vec::new() };
        let entity = &mut self.entities[place];
        for (field, new) in [(&mut entity.kind, found.kind), (&mut entity.description, found.description)] {
            if field.is_empty() {
                *field = new;
            }
        }
        let language = entity.language.clone();
        for page in found.pages {
            self.is_about(place, page);
        }
        for fact in found.facts {
            let (text, field, value) = (fact.text, fact.field, fact.value);
            self.facts.push(Fact { entity: id, text, field, value, evidence: fact.evidence });
        }
        let mut ways = Vec::new();
        for way in found.ways {
            let to = self.meet(&way, &language);
            self.relations.push(Relation { from: id, to, kind: way.relation, text: way.text, evidence: way.evidence });
            if to != id && !ways.contains(&to) {
                ways.push(to);
            }
        }
        ways
    }

    fn is_about(&mut self, place: usize, page: String) {
        let entity = &mut self.entities[place];
        if !entity.pages.contains(&page) && entity.pages.len() < MOST_PAGES {
            self.about.entry(page.clone()).or_insert(entity.id);
            entity.pages.push(page);
        }
    }

    /// The entity that a relation leads to: one that is known, by its page or by its name, or a new one.
    fn meet(&mut self, way: &Way, language: &str) -> EntityId {
        let by_page = way.page.as_ref().and_then(|page| self.about.get(page).copied());
        let id = by_page.or_else(|| self.known(way)).unwrap_or_else(|| self.new_entity(way, language));
        if let (Some(page), Some(place)) = (&way.page, self.places.get(&id).copied()) {
            self.is_about(place, page.clone());
        }
        let named_in = self.named_in.entry(id).or_default();
        for evidence in &way.evidence {
            if named_in.len() < MOST_PAGES && !named_in.contains(&evidence.url) {
                named_in.push(evidence.url.clone());
            }
        }
        id
    }

    /// The only one of that name that it can be, by its kind and its page.
    fn known(&self, way: &Way) -> Option<EntityId> {
        let can_be = |id: &&EntityId| {
            let entity = &self.entities[self.places[*id]];
            let same_kind = entity.kind == way.kind || entity.kind.is_empty() || way.kind.is_empty();
            same_kind && way.page.as_ref().is_none_or(|page| entity.pages.is_empty() || entity.pages.contains(page))
        };
        let mut all = self.named.get(&key(&way.name))?.iter().filter(can_be);
        let first = *all.next()?;
        all.all(|other| *other == first).then_some(first)
    }

    fn new_entity(&mut self, way: &Way, language: &str) -> EntityId {
        let id = match &way.page {
            Some(page) => EntityId::of(&["page", page]),
            None => id_of(&way.name, &way.kind),
        };
        if !self.places.contains_key(&id) {
            let (kind, language) = (way.kind.clone(), language.to_owned());
            self.add(Entity { kind, language, ..Entity::new(id, folded(&way.name)) });
        }
        id
    }

    /// The graph of all that was entered.
    pub(super) fn graph(self) -> EntityGraph {
        EntityGraph { entities: self.entities, facts: self.facts, relations: self.relations }
    }
}
