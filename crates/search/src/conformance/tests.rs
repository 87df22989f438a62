//! The checks pass what is right, and each law is broken by a backend or a library made to break it.

use std::sync::Mutex;

use async_trait::async_trait;
use offseeker_pages::{Library, Page, PageError, Shelf};

use super::{check_library, check_port, check_transparent, check_transparent_library, echo};
use crate::{Hit, InMemory, Query, Scripted, SearchBackend, SearchError};

const KNOWN: &str = "https://echo.example/mill";

#[tokio::test]
async fn the_echo_fulfils_every_law() {
    check_port(&echo()).await.unwrap();
    check_transparent(&echo()).await.unwrap();
    check_library(&echo(), KNOWN).await.unwrap();
    check_transparent_library(&echo()).await.unwrap();
}

#[tokio::test]
async fn what_is_in_memory_fulfils_the_laws() {
    let pages = || [Page::new(KNOWN, "Karlin mill", "on a river"), Page::new("b", "River", "")];
    check_port(&InMemory::of(pages())).await.unwrap();
    check_library(&InMemory::of(pages()), KNOWN).await.unwrap();
    check_library(&Shelf::of(pages()), KNOWN).await.unwrap();
    check_port(&Scripted::by(|_| Ok(vec![Hit::new(KNOWN, "", ""); 99]))).await.unwrap();
}

type Hits = Result<Vec<Hit>, SearchError>;
type Got = Result<Page, PageError>;
type SpoilHits = fn(&Query, Hits) -> Hits;
type SpoilPage = fn(&str, Got) -> Got;

/// Passes everything on to the echo and spoils what comes back.
#[derive(Debug)]
struct Spoiled {
    hits: SpoilHits,
    page: SpoilPage,
}

impl Spoiled {
    fn hits(hits: SpoilHits) -> Self {
        Self { hits, page: |_, got| got }
    }

    fn page(page: SpoilPage) -> Self {
        Self { hits: |_, hits| hits, page }
    }
}

#[async_trait]
impl SearchBackend for Spoiled {
    fn name(&self) -> &str {
        "spoiled"
    }

    async fn search(&self, query: &Query) -> Hits {
        (self.hits)(query, echo().search(query).await)
    }
}

#[async_trait]
impl Library for Spoiled {
    fn name(&self) -> &str {
        "spoiled"
    }

    async fn get(&self, url: &str) -> Got {
        (self.page)(url, echo().get(url).await)
    }
}

#[tokio::test]
async fn every_law_of_a_backend_can_be_broken() {
    let check = async |spoil, law: &str| {
        assert_eq!(check_port(&Spoiled::hits(spoil)).await.unwrap_err().law, law);
    };
    check(|_, _| Err(broken()), "a query is answered").await;
    check(|query, hits| unless(query.locale.is_some(), hits), "a query for a place is answered").await;
    check(|query, hits| unless(query.limit == 50, hits), "a query for few or many hits is answered").await;
    check(|query, hits| unless(query.limit == 0, hits), "a query for no hit does no harm").await;
    check(|query, hits| unless(query.text.is_empty(), hits), "an empty query does no harm").await;
    check(|query, hits| unless(query.text == " \t\n ", hits), "white space does no harm").await;
    check(|query, hits| unless(!query.text.is_ascii(), hits), "a query of any letters does no harm").await;
    check(|query, hits| unless(query.text.len() > 99_999, hits), "a query of 100 kB does no harm").await;
    check(|query, hits| unless(query.text == "mill 5", hits), "queries that are made at once are all answered").await;
    check(|query, hits| unless(query.text == "once more", hits), "a dropped query leaves the backend usable").await;
    check(|_, hits| hits.map(|hits| [hits.clone(), hits].concat()), "there are no more hits than are wanted").await;
    check(|_, hits| hits.map(|hits| hits.iter().map(|_| Hit::default()).collect()), "a hit has an address").await;
}

fn broken() -> SearchError {
    SearchError::broken("spoiled", "not like that")
}

fn unless(like_that: bool, hits: Hits) -> Hits {
    if like_that { Err(broken()) } else { hits }
}

#[tokio::test]
async fn every_law_of_a_library_can_be_broken() {
    let check = async |spoil, law: &str| {
        assert_eq!(check_library(&Spoiled::page(spoil), KNOWN).await.unwrap_err().law, law);
    };
    check(|_, _| Err(PageError::broken("never")), "a page that is there is given").await;
    check(|_, got| got.map(|page| Page { url: String::new(), ..page }), "a page has an address").await;
    check(|url, got| given(url.is_empty(), got), "an empty address is turned down").await;
    check(|url, got| given(url.contains(' '), got), "what is no address is turned down").await;
    check(|url, got| given(!url.is_ascii(), got), "an address of any letters is turned down").await;
    check(|url, got| given(url.len() > 99_999, got), "an address of 100 kB is turned down").await;
}

fn given(like_that: bool, got: Got) -> Got {
    if like_that { Ok(Page::new("x", "", "")) } else { got }
}

#[tokio::test]
async fn a_name_that_changes_or_is_missing_breaks_a_law() {
    #[derive(Debug)]
    struct Moody(Mutex<Vec<&'static str>>);

    #[async_trait]
    impl SearchBackend for Moody {
        fn name(&self) -> &str {
            self.0.lock().unwrap().pop().unwrap()
        }

        async fn search(&self, query: &Query) -> Hits {
            echo().search(query).await
        }
    }

    let broken = check_port(&Moody(Mutex::new(vec!["late", "early", "early"]))).await.unwrap_err();
    assert_eq!((broken.law, broken.name.as_str()), ("it keeps its name", "early"));
    assert_eq!(check_port(&Scripted::finding([]).named("")).await.unwrap_err().law, "it has a name");
}

#[tokio::test]
async fn whatever_is_lost_in_a_wrapper_breaks_a_law() {
    let hits: [(&str, SpoilHits); 6] = [
        ("order", |_, hits| hits.map(|hits| hits.into_iter().rev().collect())),
        ("scores", |_, hits| hits.map(|hits| hits.into_iter().map(|hit| Hit { score: None, ..hit }).collect())),
        ("dates", |_, hits| hits.map(|hits| hits.into_iter().map(|hit| Hit { date: None, ..hit }).collect())),
        ("number", |_, hits| hits.map(|hits| hits.into_iter().take(5).collect())),
        ("failures", |_, hits| hits.map_err(|error| SearchError::transient("echo", error.to_string()))),
        ("emptiness", |_, hits| hits.and_then(|hits| if hits.is_empty() { Err(broken()) } else { Ok(hits) })),
    ];
    for (lost, spoil) in hits {
        assert!(check_transparent(&Spoiled::hits(spoil)).await.is_err(), "{lost} may be lost");
    }
    let pages: [(&str, SpoilPage); 4] = [
        ("address", |url, got| got.map(|page| Page { url: url.to_owned(), ..page })),
        ("links", |_, got| got.map(|page| Page { links: Vec::new(), ..page })),
        ("text", |_, got| got.map(|page| Page { text: page.text.trim().to_owned(), ..page })),
        ("failures", |url, got| got.map_err(|_| PageError::not_found(url))),
    ];
    for (lost, spoil) in pages {
        assert!(check_transparent_library(&Spoiled::page(spoil)).await.is_err(), "{lost} may be lost");
    }
}
