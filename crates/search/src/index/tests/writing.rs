//! Tests of what is put in and taken out.

use offseeker_pages::{Library, Link, PageError};

use super::*;
use crate::{Corpus, Document, IndexError, SearchBackend};

#[tokio::test]
async fn the_same_address_replaces() {
    let mut made =
        made(Settings::default(), &[page("a", "", "first"), page("b", "", "other"), page("a", "", "second")]);
    assert_eq!((made.found("first second"), made.index.len()), (vec!["a".to_owned()], 2));
    assert_eq!(made.index.get("a").await.unwrap().text, "second");

    made.write(&[page("a", "", "third"), page("c", "", "new"), page("-b", "", ""), page("-nowhere", "", "")]);
    assert_eq!(made.found("first second other"), [""; 0]);
    assert_eq!(made.found("third"), ["a"]);
    assert_eq!(made.index.get("b").await.unwrap_err(), PageError::not_found("b"));
    assert_eq!(made.index.len(), 2);

    made.write(&[page("d", "", "short"), page("-d", "", ""), page("-c", "", ""), page("c", "", "again")]);
    assert_eq!((made.found("short"), made.found("again")), (vec![], vec!["c".to_owned()]));
}

#[tokio::test]
async fn pages_come_back_whole() {
    let whole = Page {
        date: Some("2024-03-01".to_owned()),
        language: Some("en".to_owned()),
        links: vec![Link { text: "castle".to_owned(), url: "https://karlin.example/castle".to_owned() }],
        ..page("https://karlin.example/mill", "Karlin mill", "# Mill\n\n\0 It stands\r\n")
    };
    let mut made = made(Settings::default(), &[]);
    let mut writer = made.index.writer(SMALL).unwrap();
    writer.add(Document { id: Some("17".to_owned()), page: whole.clone() }).unwrap();
    writer.finish().unwrap();
    made.index.refresh().unwrap();
    assert_eq!(made.index.get(&whole.url).await.unwrap(), whole);
    assert_eq!(made.index.get_by_id("17").await.unwrap().page, whole);
    assert_eq!(made.index.get_by_id("18").await.unwrap_err(), PageError::not_found("18"));
}

#[test]
fn what_is_not_committed_is_not_there() {
    let mut made = made(Settings::default(), &[page("a", "", "kept")]);
    let mut writer = made.index.writer(SMALL).unwrap();
    writer.add(page("a", "", "lost")).unwrap();
    writer.delete("a").unwrap();
    assert!(!made.index.refresh().unwrap());
    drop(writer);
    assert_eq!((made.found("kept"), made.found("lost")), (vec!["a".to_owned()], vec![]));
}

#[test]
fn there_is_one_writer_at_a_time() {
    let made = made(Settings::default(), &[]);
    let writer = made.index.writer(SMALL).unwrap();
    let second = LocalIndex::open(made.path()).unwrap().writer(SMALL);
    assert_eq!(second.unwrap_err(), IndexError::Busy { folder: made.path().to_owned() });
    drop(writer);
    made.index.writer(SMALL).unwrap();
}

#[test]
fn an_index_that_is_open_stays_as_it_was() {
    let mut made = made(Settings::default(), &[page("a", "", "old")]);
    let before = LocalIndex::open(made.path()).unwrap();
    for number in 0..12 {
        made.write(&[page("a", "", &format!("new{number}"))]);
    }
    assert_eq!(before.find(&Query::new("old")).unwrap()[0].snippet, "old");
    assert_eq!(made.found("new11"), ["a"]);
}

#[test]
fn other_content_has_another_name() {
    let name = |made: &Made| SearchBackend::name(&made.index).to_owned();
    let pages = [page("a", "", "one"), page("b", "", "two")];
    let first = made(Settings::default(), &pages);
    assert_eq!(name(&first), name(&made(Settings::default(), &pages)));
    assert_eq!(name(&first), Library::name(&LocalIndex::open(first.path()).unwrap()));
    let mut other = made(Settings::default(), &pages);
    other.write(&[]);
    assert_eq!(name(&first), name(&other));
    other.write(&[page("-a", "", "")]);
    assert_ne!(name(&first), name(&other));
    assert_ne!(name(&first), name(&made(Settings { b: 0.5, ..Settings::default() }, &pages)));
    assert_ne!(name(&first), name(&made(Settings::default(), &pages[..1])));
}

#[test]
fn a_corpus_is_put_in() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("corpus.jsonl");
    let lines: String =
        (0..2_000).map(|place| format!("{{\"id\": {place}, \"contents\": \"word{place}\"}}\n")).collect();
    std::fs::write(&path, &lines).unwrap();
    let mut made = made(Settings::default(), &[]);
    let mut writer = made.index.writer(SMALL).unwrap();
    let mut shown = Vec::new();
    writer.add_all(&mut Corpus::open(&path).unwrap(), |progress| shown.push(*progress)).unwrap();
    writer.finish().unwrap();
    made.index.refresh().unwrap();
    assert_eq!((made.index.len(), made.found("word1999")), (2_000, vec!["doc:1999".to_owned()]));
    let last = shown.last().unwrap();
    assert_eq!((last.documents, last.bytes, last.share()), (2_000, lines.len() as u64, Some(1.0)));

    std::fs::write(&path, "{\"id\": 1, \"contents\": \"x\"}\n{\"id\": 2}\n").unwrap();
    let mut writer = made.index.writer(SMALL).unwrap();
    let error = writer.add_all(&mut Corpus::open(&path).unwrap(), |_| {}).unwrap_err();
    assert!(error.to_string().contains("corpus.jsonl:2: the field `text` is missing"), "{error}");
}

#[test]
fn what_has_no_address_is_refused() {
    let made = made(Settings::default(), &[]);
    let mut writer = made.index.writer(SMALL).unwrap();
    for url in [String::new(), "x".repeat(10_000)] {
        let error = writer.add(page(&url, "", "text")).unwrap_err();
        assert!(matches!(error, IndexError::InvalidDocument { .. }), "{error}");
    }
    let too_little = WriterOptions { threads: 4, memory: 1 };
    drop(writer);
    assert!(matches!(made.index.writer(too_little).unwrap_err(), IndexError::InvalidSetting { .. }));
}

#[tokio::test]
async fn the_laws_of_backends_and_libraries_hold() {
    let pages: Vec<Page> = (0..60).map(|place| page(&format!("doc:{place}"), "A river", "The river runs.")).collect();
    let made = made(Settings::default(), &pages);
    crate::conformance::check_port(&made.index).await.unwrap();
    crate::conformance::check_library(&made.index, "doc:7").await.unwrap();
}
