//! What a model reads under each profile, byte for byte.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write;
use std::sync::Arc;

use offseeker_pages::{Link, Page};
use offseeker_search::{CorpusEncyclopedia, InMemory};
use offseeker_tools::{Kit, Profile};
use offseeker_trajectory::ToolCall;

fn corpus() -> Arc<InMemory> {
    let mill = Page {
        date: Some("2024-03-01".to_owned()),
        links: vec![Link { text: "the castle".to_owned(), url: "https://karlin.example/castle".to_owned() }],
        ..Page::new(
            "https://karlin.example/mill",
            "Karlin mill",
            "An old mill near the castle.\n\nIt stands on the Orsa, a river that comes down from the hills in the north and \
             turns east below the town.",
        )
    };
    Arc::new(InMemory::of([
        mill,
        Page::new("https://karlin.example/castle", "Karlin castle", "It burnt down twice."),
        Page::new("https://other.example/orsa", "Orsa (river)", "It drives the Karlin mill."),
        Page::new("https://other.example/orsa-town", "Orsa (town)", "It has no mill."),
    ]))
}

fn kit(profile: &str) -> Kit {
    let corpus = corpus();
    let profile = Profile::shipped(profile).unwrap().without(&["execute_code", "PythonInterpreter", "run_python_code"]);
    Kit::new(profile)
        .searching(corpus.clone())
        .reading(corpus.clone())
        .looking_up(Arc::new(CorpusEncyclopedia::new(corpus.clone(), corpus)))
}

async fn transcript(profile: &str, calls: &[(&str, &str)]) -> String {
    let toolbox = kit(profile).toolbox().unwrap();
    let mut transcript = String::new();
    for (name, arguments) in calls {
        let observation = toolbox.call(&ToolCall::new("1", *name, *arguments)).await.unwrap();
        write!(transcript, ">>> {name} {arguments}\n{:?}", observation.status).unwrap();
        for source in &observation.sources {
            write!(transcript, " {:?}:{}", source.view, source.url).unwrap();
        }
        for note in &observation.coerced {
            write!(transcript, " ({note})").unwrap();
        }
        write!(transcript, "\n{}\n\n", observation.text).unwrap();
    }
    transcript
}

#[tokio::test]
async fn offseeker() {
    let calls = [
        ("search", r#"{"query": ["castle", "nothing at all", "castle"]}"#),
        ("search", r#"{"query": "castle"}"#),
        ("search", r#"{"query": []}"#),
        ("search", r#"{"query": ["  "]}"#),
        ("search_wiki", r#"{"entities": ["Karlin mill", "Orsa", "Nowhere castle"]}"#),
        (
            "visit_urls",
            r#"{"urls": ["https://karlin.example/castle", "https://karlin.example/gone"], "query": "fire"}"#,
        ),
        ("visit_urls", r#"{"urls": ["https://karlin.example/gone"], "query": "fire"}"#),
    ];
    insta::assert_snapshot!(transcript("offseeker", &calls).await);
}

#[tokio::test]
async fn tongyi() {
    let calls = [
        ("search", r#"{"query": ["mill", "nothing at all"]}"#),
        ("visit", r#"{"url": "https://karlin.example/castle", "goal": "fire"}"#),
        ("visit", r#"{"url": ["https://karlin.example/castle", "https://karlin.example/gone"], "goal": "fire"}"#),
    ];
    insta::assert_snapshot!(transcript("tongyi", &calls).await);
}

#[tokio::test]
async fn openseeker() {
    let calls = [
        ("search", r#"{"query": ["mill"]}"#),
        ("visit", r#"{"url": "https://karlin.example/castle", "goal": "fire"}"#),
    ];
    insta::assert_snapshot!(transcript("openseeker", &calls).await);
}

#[tokio::test]
async fn openresearcher() {
    let calls = [
        ("browser.find", r#"{"pattern": "mill"}"#),
        ("browser.search", r#"{"query": "mill on the Orsa"}"#),
        ("browser.open", r#"{"id": 0}"#),
        ("browser.find", r#"{"pattern": "Hills in THE"}"#),
        ("browser.open", r#"{"id": "0"}"#),
        ("browser.open", r#"{"cursor": 1, "loc": 2, "num_lines": 1}"#),
        ("browser.open", r#"{"id": 0, "cursor": 1}"#),
        ("browser.find", r#"{"pattern": "dragon"}"#),
        ("browser.open", r#"{"id": "https://karlin.example/gone"}"#),
        ("browser.open", r#"{"id": 7, "cursor": 0}"#),
        ("browser.open", r#"{"cursor": 40}"#),
        ("browser.open", r#"{"cursor": 1, "loc": 400}"#),
        ("browser.search", r#"{"query": "zzz", "topn": 3}"#),
    ];
    insta::assert_snapshot!(transcript("openresearcher", &calls).await);
}

#[tokio::test]
async fn search_r1() {
    let calls = [("search", r#"{"query": "mill"}"#), ("search", r#"{"query": "nothing at all"}"#)];
    insta::assert_snapshot!(transcript("search-r1", &calls).await);
}

#[tokio::test]
async fn deepresearcher_and_the_older_offseeker() {
    let calls = [
        ("web_search", r#"{"query": ["mill"]}"#),
        ("browse_webpage", r#"{"url_list": ["https://karlin.example/castle"]}"#),
    ];
    let legacy = [
        ("search_google", r#"{"query": "castle"}"#),
        ("crawl_url_content", r#"{"url": "https://karlin.example/castle"}"#),
        ("search_wiki", r#"{"entity": "Karlin mill"}"#),
    ];
    let both = transcript("deepresearcher", &calls).await + &transcript("offseeker-legacy", &legacy).await;
    insta::assert_snapshot!(both);
}

#[tokio::test]
async fn each_toolbox_has_a_browser_of_its_own() {
    let kit = kit("openresearcher");
    let (first, second) = (kit.toolbox().unwrap(), kit.toolbox().unwrap());
    let search = ToolCall::new("1", "browser.search", r#"{"query": "mill"}"#);
    let open = ToolCall::new("2", "browser.open", r#"{"id": 0}"#);
    assert!(first.call(&search).await.unwrap().text.starts_with("[0] Results"));
    assert!(second.call(&open).await.unwrap().text.contains("No page is open yet"));
    // Two calls of one turn pass in their order.
    let texts = first.call_all(&[open, search]).await;
    assert!(texts[0].as_ref().unwrap().text.starts_with("[1] "), "{texts:?}");
    assert!(texts[1].as_ref().unwrap().text.starts_with("[2] Results"), "{texts:?}");
}

#[test]
fn a_kit_says_what_it_has_not() {
    let error = Kit::new(Profile::shipped("offseeker").unwrap()).toolbox().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the tool search of the profile offseeker needs a search backend, and the kit has none"
    );
}
