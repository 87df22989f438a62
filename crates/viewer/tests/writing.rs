//! What stands in the file of a page, and what never does.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod fixture;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use offseeker_trajectory::{Grade, Message, Node, Outcome, Question, Trajectory};
use offseeker_viewer::{Page, Shown, ViewError};
use serde_json::json;
use sha2::{Digest, Sha256};

use fixture::{HOSTILE, attempts, page, simple, unpacked};

#[test]
fn every_attempt_is_found_by_the_list() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.html");
    let written = page(folder.path()).write(&path, attempts(300)).unwrap();
    let html = std::fs::read_to_string(&path).unwrap();
    assert_eq!((written.attempts, written.bytes), (304, html.len() as u64));

    let index = unpacked(&html, "index");
    let rows = &index["rows"];
    for (number, shown) in attempts(300).iter().enumerate() {
        let chunk = unpacked(&html, &format!("chunk-{}", rows["chunk"][number]));
        let record = &chunk[rows["place"][number].as_u64().unwrap() as usize];
        assert_eq!(record["id"], shown.trajectory.id.as_str());
        assert_eq!(rows["id"][number], shown.trajectory.id.as_str());
        let contestant = rows["contestant"][number].as_u64().unwrap() as usize;
        assert_eq!(index["contestants"][contestant], shown.contestant);
        assert_eq!(record["nodes"].as_array().unwrap().len(), shown.trajectory.nodes().len());
    }
    assert_eq!(rows["turns"][0], 3);
    assert_eq!(rows["calls"][0], 2);
    let names =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    assert_eq!(names, ["dpo.jsonl", "run.html", "sft.jsonl"], "nothing else is left");
}

#[test]
fn no_word_of_others_is_markup() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.html");
    Page::new(HOSTILE).note(HOSTILE).write(&path, attempts(3)).unwrap();
    let html = std::fs::read_to_string(&path).unwrap();
    // The title says it, as text; everything else is packed.
    let title = html.split_once("<title>").unwrap().1.split_once("</title>").unwrap().0;
    assert!(title.starts_with("&lt;/script&gt;&lt;script&gt;window.broken"), "{title}");
    assert!(!title.contains(['<', '>', '"', '\u{202e}', '\u{0}', '\u{1b}']), "{title:?}");
    assert_eq!(html.matches("window.broken").count(), title.matches("window.broken").count());
    assert_eq!(html.matches("<script").count(), html.matches("</script>").count());
}

#[test]
fn the_policy_names_the_one_program_and_the_one_style() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.html");
    Page::new("empty").write(&path, []).unwrap();
    let html = std::fs::read_to_string(&path).unwrap();
    for tag in ["script", "style"] {
        let content = html.split_once(&format!("<{tag}>")).unwrap().1.split_once(&format!("</{tag}>")).unwrap().0;
        assert!(content.len() > 1000);
        let hash = STANDARD.encode(Sha256::digest(content.as_bytes()));
        assert!(html.contains(&format!("{tag}-src 'sha256-{hash}'")), "{tag}");
    }
    assert!(html.contains("default-src 'none'") && !html.contains("unsafe"));
    for reached in ["http://", "https://"] {
        let ours = html.replace("http://www.w3.org/2000/svg", "");
        assert!(!ours.contains(reached), "{reached}");
    }
}

#[test]
fn what_cannot_be_shown_is_refused_and_the_page_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.html");
    let page = Page::new("run");
    let mut writer = page.begin(&path).unwrap();
    writer.add(&Shown::new(simple(1))).unwrap();

    let twice = writer.add(&Shown::new(simple(1))).unwrap_err();
    assert!(matches!(twice, ViewError::Twice { .. }), "{twice}");

    let mut question = Question::new("Which river?", ["the Orsa"]);
    question.metadata.insert("seal".to_owned(), json!({"cipher": "plain_xor", "canary": "x", "closed": false}));
    let sealed = writer.add(&Shown::new(Trajectory::new(question.clone(), 0))).unwrap_err();
    assert!(matches!(sealed, ViewError::Sealed { .. }), "{sealed}");
    question.metadata.insert("seal".to_owned(), json!({"cipher": "plain_xor", "canary": "x", "closed": true}));
    writer.add(&Shown::new(Trajectory::new(question, 0))).unwrap();

    let mut none = simple(2);
    none.grades.push(Grade::scored("broken@1", Outcome::Wrong, f64::NAN));
    let unsayable = writer.add(&Shown::new(none)).unwrap_err();
    assert!(matches!(unsayable, ViewError::Unsayable { .. }), "{unsayable}");
    writer.add(&Shown::new(simple(3))).unwrap();

    assert_eq!(writer.finish().unwrap().attempts, 3);
    let html = std::fs::read_to_string(&path).unwrap();
    let ids: Vec<_> = unpacked(&html, "chunk-0").as_array().unwrap().iter().map(|it| it["id"].clone()).collect();
    assert_eq!(ids[0], "plain-1");
    assert_eq!(ids[2], "plain-3");
}

#[test]
fn a_text_that_is_too_long_is_cut_where_a_character_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.html");
    let mut attempt = Trajectory::new(Question::new("Long?", ["yes"]), 0);
    attempt.push(Node::given(None, Message::user("é".repeat(100)))).unwrap();
    Page { longest_text: 51, ..Page::new("run") }.write(&path, [Shown::new(attempt)]).unwrap();
    let record = &unpacked(&std::fs::read_to_string(&path).unwrap(), "chunk-0")[0];
    assert_eq!(record["nodes"][0]["text"], json!({"text": "é".repeat(25), "left_out": 150}));
}

#[test]
fn a_page_that_is_not_finished_leaves_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.html");
    std::fs::write(&path, "before").unwrap();
    let page = Page::new("run");
    let mut writer = page.begin(&path).unwrap();
    writer.add(&Shown::new(simple(1))).unwrap();
    drop(writer);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "before");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);

    let nowhere = page.begin(folder.path().join("no/such/run.html")).unwrap_err();
    assert!(matches!(nowhere, ViewError::Io { .. }), "{nowhere}");
}
