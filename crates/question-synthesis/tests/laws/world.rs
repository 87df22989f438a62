//! Small made-up graphs: people who built and owned mills on rivers that flow into seas.

use std::sync::Arc;

use offseeker_entity_graph::{Entity, EntityGraph, EntityId, Evidence, Fact, PackedGraph, Relation, rng};
use offseeker_question_synthesis::Ground;
use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand::seq::IndexedRandom;

/// Syllables of which names are made: no English word is among what they give.
const SYLLABLES: [&str; 20] = [
    "Ka", "Ro", "Mi", "Ve", "Lu", "Zor", "Pai", "Tho", "Nith", "Dre", "Quo", "Xan", "Bel", "Gri", "Osh", "Ulm", "Yv",
    "Fen", "Sul", "Jor",
];
const MATERIALS: [&str; 5] = ["basalt", "oak", "brick", "granite", "slate"];
const TRADES: [&str; 5] = ["weaver", "cooper", "glazier", "tanner", "dyer"];

/// A graph of so many mills with everything around them.
pub(crate) fn graph(seed: u64, mills: usize) -> EntityGraph {
    let mut making = Making { rng: rng(seed, "world", "test"), graph: EntityGraph::new(), made: 0 };
    let seas = making.several("sea", mills.div_ceil(12).max(2));
    let rivers = making.several("river", mills.div_ceil(3).max(3));
    let towns = making.several("town", mills.div_ceil(3).max(3));
    let people = making.several("person", mills.max(4));
    let all_mills = making.several("mill", mills);
    for river in &rivers {
        making.relation(*river, "flows_into", &seas);
        making.number(*river, "length", 20..900);
    }
    for town in &towns {
        making.relation(*town, "stands_on", &rivers);
        making.number(*town, "population", 100..9000);
        making.number(*town, "founded", 1100..1500);
    }
    for person in &people {
        making.relation(*person, "born_in", &towns);
        making.number(*person, "born", 1600..1800);
        making.word(*person, "trade", &TRADES);
    }
    for mill in &all_mills {
        making.relation(*mill, "stands_on", &rivers);
        making.relation(*mill, "built_by", &people);
        making.relation(*mill, "owner", &people);
        making.relation(*mill, "mentions", &towns);
        making.number(*mill, "built", 1650..1850);
        making.word(*mill, "material", &MATERIALS);
    }
    making.graph
}

/// The graph made ready.
pub(crate) fn ground(seed: u64, mills: usize) -> Arc<Ground> {
    Arc::new(Ground::new(format!("world-{seed}"), PackedGraph::of(&graph(seed, mills)).unwrap()).unwrap())
}

struct Making {
    rng: ChaCha8Rng,
    graph: EntityGraph,
    made: usize,
}

impl Making {
    fn several(&mut self, kind: &str, count: usize) -> Vec<EntityId> {
        (0..count).map(|_| self.entity(kind)).collect()
    }

    fn entity(&mut self, kind: &str) -> EntityId {
        let mut name = String::new();
        let mut number = self.made;
        for _ in 0..3 {
            let syllable = SYLLABLES[number % SYLLABLES.len()];
            name = if name.is_empty() { syllable.to_owned() } else { name + &syllable.to_lowercase() };
            number /= SYLLABLES.len();
        }
        self.made += 7;
        let id = EntityId::of(&[&name]);
        self.graph.add(Entity { kind: kind.to_owned(), ..Entity::new(id, name) });
        id
    }

    fn name(&self, id: EntityId) -> String {
        self.graph.entity(id).unwrap().name.clone()
    }

    fn evidence(&self, of: EntityId, sentence: &str) -> Evidence {
        Evidence::cut(&format!("https://world.example/{of}"), sentence, 0..sentence.len()).unwrap()
    }

    /// A relation to one of several; one in ten has no evidence.
    fn relation(&mut self, from: EntityId, kind: &str, among: &[EntityId]) {
        let to = *among.choose(&mut self.rng).unwrap();
        let sentence = format!("{} {kind} {}.", self.name(from), self.name(to));
        let relation = Relation::new(from, kind, to).saying(&sentence);
        let evidence = self.evidence(from, &sentence);
        let is_supported = self.rng.random_range(0..10) > 0;
        self.graph.add(if is_supported { relation.with_evidence(evidence) } else { relation });
    }

    fn number(&mut self, of: EntityId, field: &str, range: std::ops::Range<u32>) {
        let value = self.rng.random_range(range).to_string();
        self.fact(of, field, value);
    }

    fn word(&mut self, of: EntityId, field: &str, among: &[&str]) {
        let value = (*among.choose(&mut self.rng).unwrap()).to_owned();
        self.fact(of, field, value);
    }

    fn fact(&mut self, of: EntityId, field: &str, value: String) {
        let fact = Fact::of_field(of, field, value);
        let evidence = self.evidence(of, &fact.text);
        self.graph.add(fact.with_evidence(evidence));
    }
}
