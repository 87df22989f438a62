//! Graphs as lines: what is written is read again, and what cannot be read says where it is.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::io::Cursor;

use offseeker_entity_graph::{
    Entity, EntityGraph, EntityId, Evidence, Fact, GraphError, Record, RecordReader, RecordWriter, Relation,
};
use proptest::prelude::*;

const ID: &str = "00000000000000000000000000000001";

fn evidence() -> impl Strategy<Value = Vec<Evidence>> {
    prop::collection::vec(
        (".{0,8}", ".{1,20}").prop_map(|(url, quote)| Evidence::cut(&url, &quote, 0..quote.len()).unwrap()),
        0..3,
    )
}

fn record() -> impl Strategy<Value = Record> {
    let id = || any::<u128>().prop_map(EntityId::from_u128);
    prop_oneof![
        (id(), ".{0,10}", prop::collection::vec(".{0,6}", 0..3), ".{0,4}")
            .prop_map(|(id, name, aliases, kind)| { Record::from(Entity { aliases, kind, ..Entity::new(id, name) }) }),
        (id(), ".{0,9}", ".{0,9}", evidence()).prop_map(|(id, field, value, evidence)| {
            Record::from(Fact { evidence, ..Fact::of_field(id, field, value) })
        }),
        (id(), id(), ".{0,9}", evidence()).prop_map(|(from, to, kind, evidence)| {
            Record::from(Relation { evidence, ..Relation::new(from, kind, to) })
        }),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(records in prop::collection::vec(record(), 0..20)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("graph.jsonl");
        let mut writer = RecordWriter::create(&path).unwrap();
        for record in &records {
            writer.write(record).unwrap();
        }
        writer.finish().unwrap();
        let read: Vec<Record> = RecordReader::open(&path).unwrap().map(Result::unwrap).collect();
        prop_assert_eq!(read, records);
    }

    #[test]
    fn no_line_ends_a_reader_before_the_next(line in ".{0,80}") {
        let line = line.replace(['\n', '\r'], " ");
        let good = Record::from(Entity::new(EntityId::from_u128(1), "Orsa")).line_for_test();
        let lines = format!("{line}\n{good}\n");
        let last = RecordReader::new("g", Cursor::new(lines)).last();
        prop_assert!(matches!(last, Some(Ok(_))));
    }
}

trait Line {
    fn line_for_test(&self) -> String;
}

impl Line for Record {
    fn line_for_test(&self) -> String {
        serde_json::to_string(self).unwrap()
    }
}

#[test]
fn a_line_that_is_no_record_says_which_field_is_wrong_and_the_next_one_is_read() {
    check("{", "g:1: it is no JSON: EOF while parsing an object at column 1");
    check("[]", "g:1: it is no object that holds one of `entity`, `fact` and `relation`");
    check(r#"{"node": {}}"#, "g:1: `node` is none of `entity`, `fact` and `relation`");
    check(r#"{"entity": {"id": "1", "name": "a"}}"#, "g:1: the field `entity.id`: an id of an entity has 32");
    check(&format!(r#"{{"entity": {{"id": "{ID}"}}}}"#), "g:1: the field `entity.name`: it is missing");
    check(
        &format!(r#"{{"entity": {{"id": "{ID}", "name": "a", "aliases": [1]}}}}"#),
        "g:1: the field `entity.aliases`: invalid type: integer `1`, expected a string",
    );
    check(
        &format!(r#"{{"fact": {{"entity": "{ID}", "text": "a", "evidence": [{{"url": "u"}}]}}}}"#),
        "g:1: the field `fact.evidence`: missing field `quote`",
    );
    check(
        &format!(r#"{{"relation": {{"from": "{ID}", "kind": "a"}}}}"#),
        "g:1: the field `relation.to`: it is missing",
    );
    check(&"x".repeat(3_000), "g:1: it has more than 2000 bytes");
}

fn check(line: &str, expected: &str) {
    let lines = format!("{line}\n\n{{\"entity\": {{\"id\": \"{ID}\", \"name\": \"Orsa\"}}}}\r\n");
    let mut reader = RecordReader::new("g", Cursor::new(lines)).longest(2_000);
    let error = reader.next().unwrap().unwrap_err().to_string();
    assert!(error.starts_with(expected), "{error}");
    assert!(matches!(reader.next(), Some(Ok(Record::Entity(entity))) if entity.name == "Orsa"));
    assert!(reader.next().is_none());
}

#[test]
fn a_graph_that_is_not_whole_is_refused() {
    let (mill, river) = (EntityId::of(&["mill"]), EntityId::of(&["river"]));
    let mut graph = EntityGraph::new();
    graph.add(Entity::new(mill, "Karlin mill"));
    graph.add(Relation::new(mill, "stands on", river));
    assert_eq!(graph.check(), Err(GraphError::NoEntity { id: river }));
    graph.add(Entity::new(river, "Orsa"));
    assert_eq!(graph.check(), Ok(()));
    graph.add(Entity::new(river, "the Orsa"));
    assert_eq!(graph.check(), Err(GraphError::Twice { id: river }));
}

#[test]
fn a_writer_that_is_dropped_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("graph.jsonl");
    fs::write(&path, "before").unwrap();
    let mut writer = RecordWriter::create(&path).unwrap();
    writer.write(&Entity::new(EntityId::from_u128(1), "Orsa").into()).unwrap();
    drop(writer);
    assert_eq!(fs::read_to_string(&path).unwrap(), "before");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn claims_without_evidence_are_unsupported() {
    let mill = EntityId::of(&["mill"]);
    let claim = Fact::of_field(mill, "built", "1704");
    assert_eq!((claim.text.as_str(), claim.is_supported()), ("built: 1704", false));
    let page = "Built: 1704";
    assert!(claim.with_evidence(Evidence::cut("u", page, 0..11).unwrap()).is_supported());
    assert!(!Relation::new(mill, "stands on", mill).is_supported());
}
