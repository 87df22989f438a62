//! Engines that run somewhere: each is asked where an environment variable says where it is, and left out otherwise.
//!
//! `OFFSEEKER_TEST_SEARXNG`, `OFFSEEKER_TEST_MEDIAWIKI` (the folder of its `api.php`), `OFFSEEKER_TEST_ELASTICSEARCH` and
//! `OFFSEEKER_TEST_INDEX`; `docs/search.md` says against what they were run. `OFFSEEKER_TEST_QUERY` is what is searched
//! for.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use offseeker_pages::Library;
use offseeker_search::engines::{Access, Elasticsearch, Fields, MediaWiki, Searxng};
use offseeker_search::{Encyclopedia, Entry, Query, SearchBackend, conformance};

fn given(variable: &str) -> Option<String> {
    let value = std::env::var(variable).ok().filter(|value| !value.is_empty());
    if value.is_none() {
        eprintln!("left out: {variable} is not set");
    }
    value
}

fn query() -> Query {
    Query::new(std::env::var("OFFSEEKER_TEST_QUERY").unwrap_or_else(|_| "mill".to_owned()))
}

/// Searches, shows what was found, and holds the backend to the laws.
async fn check(backend: &dyn SearchBackend) -> Vec<String> {
    let hits = backend.search(&query()).await.unwrap();
    for hit in &hits {
        println!("{hit:?}");
    }
    assert!(!hits.is_empty(), "nothing was found");
    conformance::check_port(backend).await.unwrap();
    hits.into_iter().map(|hit| hit.url).collect()
}

#[tokio::test]
async fn searxng() {
    let Some(base) = given("OFFSEEKER_TEST_SEARXNG") else { return };
    check(&Searxng::new(Access::at(base)).unwrap()).await;
}

#[tokio::test]
async fn mediawiki() {
    let Some(base) = given("OFFSEEKER_TEST_MEDIAWIKI") else { return };
    let wiki = MediaWiki::of([("en".to_owned(), Access::at(base))]).unwrap();
    let urls = check(&wiki).await;
    let page = wiki.get(&urls[0]).await.unwrap();
    assert!(!page.title.is_empty() && !page.text.is_empty(), "{page:?}");
    let entry = wiki.look_up(&page.title).await.unwrap();
    assert!(matches!(&entry, Entry::Article(found) if found.text == page.text), "{entry:?}");
    assert!(matches!(wiki.look_up("no entry is called zqxj").await.unwrap(), Entry::Missing(_)));
}

#[tokio::test]
async fn elasticsearch() {
    let Some(base) = given("OFFSEEKER_TEST_ELASTICSEARCH") else { return };
    let index = std::env::var("OFFSEEKER_TEST_INDEX").unwrap_or_else(|_| "pages".to_owned());
    let engine = Elasticsearch::new(Access::at(base), index, Fields::default()).unwrap();
    let urls = check(&engine).await;
    assert!(!engine.get(&urls[0]).await.unwrap().text.is_empty());
}
