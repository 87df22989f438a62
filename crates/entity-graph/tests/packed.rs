//! Packed graphs: what was packed is read, and damage is told from anything else.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::HashMap;
use std::fs;

use offseeker_entity_graph::{
    Entity, EntityGraph, EntityId, Evidence, Fact, GraphError, PackedGraph, Record, RecordReader, Relation,
};
use proptest::prelude::*;

fn id(number: u8) -> EntityId {
    EntityId::of(&[&number.to_string()])
}

/// Graphs of up to a dozen entities with names that repeat, parallel relations and loops.
fn graph() -> impl Strategy<Value = EntityGraph> {
    let ends = (any::<u8>(), any::<u8>(), "[a-c]", any::<bool>());
    (1_u8..12, prop::collection::vec(ends, 0..40), prop::collection::vec((any::<u8>(), ".{0,5}"), 0..10)).prop_map(
        |(count, relations, facts)| {
            let mut graph = EntityGraph::new();
            for at in 0..count {
                let aliases = vec![format!("alias {}", at % 4)];
                graph.add(Entity {
                    aliases,
                    kind: format!("kind {}", at % 3),
                    ..Entity::new(id(at), format!("Name {at}"))
                });
            }
            for (from, to, kind, supported) in relations {
                let relation = Relation::new(id(from % count), kind, id(to % count));
                let evidence = Evidence::cut("u", "it is so", 0..8);
                graph.add(if supported { relation.with_evidence(evidence.unwrap()) } else { relation });
            }
            for (entity, text) in facts {
                graph.add(Fact::new(id(entity % count), text));
            }
            graph
        },
    )
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

fn lines<T: serde::Serialize>(records: impl IntoIterator<Item = T>) -> Vec<String> {
    sorted(records.into_iter().map(|record| serde_json::to_string(&record).unwrap()).collect())
}

proptest! {
    #[test]
    fn what_was_packed_is_read(graph in graph()) {
        let packed = PackedGraph::of(&graph).unwrap();
        packed.verify().unwrap();
        prop_assert_eq!(packed.records().map(Result::unwrap).collect::<Vec<Record>>(), graph.records().collect::<Vec<_>>());
        prop_assert_eq!((packed.node_count(), packed.edge_count(), packed.fact_count()),
            (graph.entities.len(), graph.relations.len(), graph.facts.len()));
        let names: HashMap<EntityId, &Entity> = graph.entities.iter().map(|entity| (entity.id, entity)).collect();
        for node in packed.nodes() {
            let (id, entity) = (packed.id(node), packed.entity(node).unwrap());
            prop_assert_eq!(&entity, names[&id]);
            prop_assert_eq!((packed.name(node), packed.kind(node)), (&*entity.name, &*entity.kind));
            prop_assert_eq!(packed.node(id), Some(node));
            for name in entity.names() {
                let found = packed.named(&format!("the {}", name.to_uppercase())).unwrap();
                prop_assert!(found.contains(&node));
            }
            let out = packed.outgoing(node).map(|edge| packed.relation(edge).unwrap());
            prop_assert_eq!(lines(out), lines(graph.relations.iter().filter(|it| it.from == id)));
            let into = packed.incoming(node).map(|edge| packed.relation(edge).unwrap());
            prop_assert_eq!(lines(into), lines(graph.relations.iter().filter(|it| it.to == id)));
            prop_assert_eq!(lines(packed.facts(node).unwrap()), lines(graph.facts_of(id)));
        }
        for edge in packed.edges() {
            let relation = packed.relation(edge).unwrap();
            prop_assert_eq!(packed.id(packed.source(edge)), relation.from);
            prop_assert_eq!(packed.id(packed.target(edge)), relation.to);
            prop_assert_eq!((packed.relation_kind(edge), packed.is_supported(edge)), (&*relation.kind, relation.is_supported()));
        }
        prop_assert_eq!(packed.named("nobody").unwrap(), vec![]);
        let all: Vec<_> = packed.nodes().collect();
        let whole = packed.subgraph(&all, &packed.edges().collect::<Vec<_>>()).unwrap();
        prop_assert_eq!(lines(whole.records()), lines(graph.records()));
    }

    #[test]
    fn no_byte_changes_unnoticed(graph in graph(), place in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("graph");
        PackedGraph::pack(graph.records(), &path).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        let at = place.index(bytes.len());
        bytes[at] ^= 1 << bit;
        fs::write(&path, &bytes).unwrap();
        let error = match PackedGraph::open(&path) {
            Err(error) => error,
            Ok(opened) => {
                for node in opened.nodes() {
                    let _ = (opened.entity(node), opened.facts(node));
                }
                opened.verify().unwrap_err()
            }
        };
        prop_assert!(matches!(error, GraphError::Damaged { .. } | GraphError::NoGraph { .. }), "{}", error);
    }

    #[test]
    fn a_file_that_was_cut_off_is_told(graph in graph(), place in any::<prop::sample::Index>()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("graph");
        PackedGraph::pack(graph.records(), &path).unwrap();
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..place.index(bytes.len())]).unwrap();
        prop_assert!(PackedGraph::open(&path).is_err());
    }
}

#[test]
fn what_is_no_graph_is_not_packed_and_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("graph");
    PackedGraph::pack([], &path).unwrap();
    let twice = [Entity::new(id(1), "a"), Entity::new(id(1), "b")].map(Record::from);
    assert_eq!(PackedGraph::pack(twice, &path).unwrap_err(), GraphError::Twice { id: id(1) });
    let dangling = [Entity::new(id(1), "a").into(), Relation::new(id(1), "is", id(2)).into()];
    assert_eq!(PackedGraph::pack(dangling, &path).unwrap_err(), GraphError::NoEntity { id: id(2) });
    let lines = folder.path().join("graph.jsonl");
    fs::write(&lines, "{}").unwrap();
    let unread = PackedGraph::pack_read(RecordReader::open(&lines).unwrap(), &path).unwrap_err();
    assert!(matches!(unread, GraphError::Line { line: 1, .. }));
    fs::remove_file(lines).unwrap();
    assert_eq!(PackedGraph::open(&path).unwrap().node_count(), 0);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn files_of_other_kinds_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("graph");
    for (bytes, expected) in [
        (&b"PK\x03\x04 something else"[..], "it does not begin as one"),
        (b"OFFSEEK\x02 of tomorrow", "it is of another version"),
        (b"OFFSEEK\x01 and no more", "it is cut off"),
        (b"", "graph"),
    ] {
        fs::write(&path, bytes).unwrap();
        let error = PackedGraph::open(&path).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
