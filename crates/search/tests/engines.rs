//! What engines send and receive, in the formats that the services document or real servers sent.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use offseeker_pages::{Library, PageError};
use offseeker_remote::Key;
use offseeker_remote::loopback::{Loopback, json, whole};
use offseeker_search::engines::{
    Access, Brave, Credentials, Elasticsearch, Fields, MediaWiki, Searxng, Serper, Tavily,
};
use offseeker_search::{Encyclopedia, Entry, Hit, Locale, Query, SearchBackend, SearchError};

const SECRET: &str = "s3cret-key";

fn access(server: &Loopback) -> Access {
    Access { key: Some(Key::new(SECRET)), total: Duration::from_secs(5), ..Access::at(server.base()) }
}

/// Hits as `url | title | snippet | date`.
fn lines(hits: &[Hit]) -> Vec<String> {
    let date = |hit: &Hit| hit.date.clone().unwrap_or_default();
    hits.iter().map(|hit| format!("{} | {} | {} | {}", hit.url, hit.title, hit.snippet, date(hit))).collect()
}

#[tokio::test]
async fn serper() {
    let server = Loopback::scripted(vec![json(200, include_str!("engines/serper.json"))]).await;
    let serper = Serper::new(access(&server)).unwrap();
    let hits = serper.search(&Query::new("when was the Karlin mill built").limit(3)).await.unwrap();
    let expected = [
        "https://karlin.example/mill | Karlin mill - History | 1743: The mill was rebuilt in 1743. | 3 Mar 2021",
        "https://karlin.example/castle | Karlin castle | It burnt down twice, and the mill with it. | ",
        "https://karlin.example/town | Karlin - the town | A town on the Orsa. | 2 days ago",
    ];
    assert_eq!(lines(&hits), expected);

    let arrived = &server.arrived()[0];
    assert_eq!(arrived.line, "POST /search HTTP/1.1");
    assert!(arrived.headers.to_lowercase().contains(&format!("x-api-key: {SECRET}")));
    let asked = arrived.json();
    assert_eq!(asked, serde_json::json!({"q": "when was the Karlin mill built", "num": 3, "gl": "us", "hl": "en"}));
    serper.search(&Query::new("卡林磨坊")).await.unwrap();
    let asked = server.arrived()[1].json();
    assert_eq!((asked["gl"].as_str(), asked["hl"].as_str()), (Some("cn"), Some("zh-cn")));
}

#[tokio::test]
async fn brave() {
    let pages = vec![
        json(200, include_str!("engines/brave.json")),
        json(200, r#"{"type": "search", "query": {"more_results_available": false}, "web": {"results": []}}"#),
    ];
    let server = Loopback::scripted(pages).await;
    let brave = Brave::new(access(&server)).unwrap();
    let query = Query { locale: Some(Locale::new("de", "de")), ..Query::new("Karlin & Orsa").limit(30) };
    let expected = [
        "https://karlin.example/mill | Karlin mill | The Karlin mill's wheel is driven by the Orsa. | 2023-05-07T10:00:00",
        "https://karlin.example/castle | Karlin castle | It burnt down twice. | May 2, 2024",
    ];
    assert_eq!(lines(&brave.search(&query).await.unwrap()), expected);

    let arrived = server.arrived();
    let path = "GET /res/v1/web/search?q=Karlin+%26+Orsa&count=20&offset=0&country=de&search_lang=de HTTP/1.1";
    assert_eq!((arrived.len(), arrived[0].line.as_str()), (2, path));
    assert!(arrived[1].line.contains("offset=1"));
    assert!(arrived[0].headers.to_lowercase().contains(&format!("x-subscription-token: {SECRET}")));

    brave.search(&Query::new("word ".repeat(200)).limit(1)).await.unwrap();
    assert_eq!(server.arrived()[2].line.matches("word").count(), 50);
}

#[tokio::test]
async fn tavily() {
    let server = Loopback::scripted(vec![json(200, include_str!("engines/tavily.json"))]).await;
    let tavily = Tavily::new(access(&server)).unwrap().advanced();
    let hits = tavily.search(&Query::new("Karlin mill").limit(50)).await.unwrap();
    assert_eq!(lines(&hits), ["https://karlin.example/mill | Karlin mill | It stands on the Orsa. | "]);
    assert_eq!((hits[0].score, SearchBackend::name(&tavily)), (Some(0.98765), "tavily:advanced"));

    let arrived = &server.arrived()[0];
    assert!(arrived.headers.to_lowercase().contains(&format!("authorization: bearer {SECRET}")));
    let asked = arrived.json();
    assert_eq!((asked["max_results"].as_u64(), asked["search_depth"].as_str()), (Some(20), Some("advanced")));
}

#[tokio::test]
async fn searxng() {
    let found = json(200, include_str!("engines/searx_found.json"));
    let server = Loopback::scripted(vec![found.clone(), found]).await;
    let searxng = Searxng::new(access(&server)).unwrap().engines(["karlin"]);
    let hits = searxng.search(&Query::new("mill")).await.unwrap();
    let titles: Vec<&str> = hits.iter().map(|hit| hit.title.as_str()).collect();
    assert_eq!(titles, ["Karlin castle", "Karlin mill", "Orsa (disambiguation)", "Orsa (river)", "Orsa (town)"]);
    assert_eq!((hits[1].url.as_str(), hits[1].score), ("http://127.0.0.1:8099/wiki/Karlin_mill", Some(0.5)));
    let arrived = server.arrived();
    // The second page brought nothing new.
    assert_eq!(arrived.len(), 2);
    assert_eq!(arrived[0].line, "GET /search?q=mill&format=json&language=en&pageno=1&engines=karlin HTTP/1.1");

    let server = Loopback::scripted(vec![json(200, include_str!("engines/searx_gone.json"))]).await;
    let error = Searxng::new(access(&server)).unwrap().search(&Query::new("mill")).await.unwrap_err();
    assert!(error.is_transient() && error.to_string().contains("gone"), "{error}");
}

#[tokio::test]
async fn elasticsearch() {
    let server = Loopback::scripted(vec![json(200, include_str!("engines/elasticsearch.json"))]).await;
    let fields = Fields { text: "body".to_owned(), ..Fields::default() };
    let index = Elasticsearch::new(access(&server), "wiki", fields).unwrap().credentials(Credentials::ApiKey);
    let hits = index.search(&Query::new("mill on the Orsa")).await.unwrap();
    let expected = [
        "https://karlin.example/mill | Karlin mill | stands on the Orsa | 2024-03-01",
        "doc-7 | Karlin castle | It burnt down twice. | ",
    ];
    assert_eq!(lines(&hits), expected);
    assert_eq!(hits[0].score, Some(7.25));
    let arrived = &server.arrived()[0];
    assert_eq!(arrived.line, "POST /wiki/_search HTTP/1.1");
    assert!(arrived.headers.to_lowercase().contains(&format!("authorization: apikey {SECRET}")));
    let fields = serde_json::json!(["title^2", "body"]);
    assert_eq!((&arrived.json()["size"], &arrived.json()["query"]["multi_match"]["fields"]), (&10.into(), &fields));

    let page = index.get("https://karlin.example/mill").await.unwrap();
    assert_eq!((page.title.as_str(), page.text.as_str()), ("Karlin mill", "An old mill.\n\nIt stands on the Orsa."));
    assert_eq!(index.get("doc-7").await.unwrap().title, "Karlin castle");
    assert_eq!(index.get("https://karlin.example/gone").await.unwrap_err().kind(), "not_found");

    let half = r#"{"took": 5, "timed_out": false, "_shards": {"total": 3, "failed": 1}, "hits": {"hits": []}}"#;
    let server = Loopback::scripted(vec![json(200, half)]).await;
    let index = Elasticsearch::new(access(&server), "wiki", Fields::default()).unwrap();
    let error = index.search(&Query::new("mill")).await.unwrap_err();
    assert_eq!(error.to_string(), "elasticsearch could not be asked just now: 1 of its 3 shards failed");
}

#[cfg(feature = "vectors")]
#[tokio::test]
async fn qdrant() {
    use std::sync::Arc;

    use offseeker_search::engines::Qdrant;
    use offseeker_search::{Embedder, HashedWords};

    let server = Loopback::by(|_, arrived| {
        let is_scroll = arrived.line.contains("/scroll");
        let mut answer: serde_json::Value = serde_json::from_str(include_str!("engines/qdrant.json")).unwrap();
        if is_scroll && arrived.body.contains("gone") {
            answer["result"]["points"] = serde_json::json!([]);
        }
        json(200, &answer.to_string())
    })
    .await;
    let embedder = Arc::new(HashedWords::new(64));
    let dimensions = embedder.dimensions();
    let qdrant = Qdrant::new(access(&server), "wiki", Fields::default(), embedder).unwrap().vector("text");
    let expected = [
        "https://karlin.example/mill | Karlin mill | An old mill. It stands on the Orsa. | 2024-03-01",
        "6b1f4e5c-0000-4000-8000-000000000007 | Karlin castle | It burnt down twice. | ",
    ];
    let hits = qdrant.search(&Query::new("mill on the Orsa").limit(7)).await.unwrap();
    assert_eq!(lines(&hits), expected);
    assert_eq!(hits[0].score, Some(0.91));
    let arrived = &server.arrived()[0];
    assert_eq!(arrived.line, "POST /collections/wiki/points/query HTTP/1.1");
    assert!(arrived.headers.to_lowercase().contains(&format!("api-key: {SECRET}")));
    let asked = arrived.json();
    assert_eq!(asked["query"].as_array().unwrap().len(), dimensions);
    assert_eq!((asked["limit"].as_u64(), asked["using"].as_str()), (Some(7), Some("text")));

    let page = qdrant.get("https://karlin.example/mill").await.unwrap();
    assert_eq!(page.title, "Karlin mill");
    assert_eq!(qdrant.get("https://karlin.example/gone").await.unwrap_err().kind(), "not_found");
}

#[tokio::test]
async fn mediawiki() {
    let server = Loopback::by(|_, arrived| {
        let answer = if arrived.line.contains("list=search") {
            include_str!("engines/mediawiki_search.json")
        } else if arrived.line.contains("prop=links") {
            include_str!("engines/mediawiki_links.json")
        } else if arrived.line.contains("titles=Orsa") {
            include_str!("engines/mediawiki_several.json")
        } else if arrived.line.contains("titles=The+old+mill") {
            include_str!("engines/mediawiki_page.json")
        } else {
            include_str!("engines/mediawiki_missing.json")
        };
        json(200, answer)
    })
    .await;
    let at = |path: &str| Access::at(format!("{}{path}", server.base()));
    let wiki = MediaWiki::of([("en".to_owned(), at("/w")), ("zh".to_owned(), at("/zh"))]).unwrap();
    let Entry::Article(page) = wiki.look_up("The old mill").await.unwrap() else { panic!("it is an article") };
    assert_eq!((page.title.as_str(), page.language.as_deref()), ("Karlin mill", Some("en")));
    assert!(
        page.text.starts_with("The Karlin mill is an old mill on the Orsa.") && page.text.contains("== History ==")
    );
    let several = Entry::Several(vec!["Orsa (river)".to_owned(), "Orsa (town)".to_owned()]);
    assert_eq!(wiki.look_up("Orsa").await.unwrap(), several);
    let near = Entry::Missing(vec!["Karlin mill".to_owned(), "The old mill".to_owned()]);
    assert_eq!(wiki.look_up("Nowhere").await.unwrap(), near);

    let before = server.arrived().len();
    wiki.look_up("卡林磨坊").await.unwrap();
    let asked: Vec<String> = server.arrived()[before..].iter().map(|arrived| arrived.line.clone()).collect();
    assert!(asked[0].starts_with("GET /zh/api.php") && asked[1].starts_with("GET /w/api.php"), "{asked:?}");

    let hits = wiki.search(&Query::new("mill").limit(1)).await.unwrap();
    assert_eq!(hits[0].url, format!("{}/wiki/Karlin_mill", server.base()));
    assert_eq!(hits[0].snippet, "The '''Karlin mill''' is an old mill on the [[Orsa (river)|Orsa]].");
    assert_eq!(wiki.get(&format!("{}/wiki/The_old_mill", server.base())).await.unwrap().title, "Karlin mill");
    assert_eq!(wiki.get("https://elsewhere.example/wiki/Karlin").await.unwrap_err().kind(), "not_found");
}

#[tokio::test]
async fn failures_have_kinds_and_no_keys() {
    let said = format!("{{\"message\": \"key {SECRET} is not known\"}}");
    let cases: [(u16, &str, &str); 8] = [
        (401, "", "unauthorized"),
        (403, "", "unauthorized"),
        (432, "", "unauthorized"),
        (429, "Retry-After: 7\r\n", "rate_limited"),
        (500, "", "transient"),
        (503, "", "transient"),
        (400, "", "broken"),
        (302, "Location: http://127.0.0.1:9/\r\n", "broken"),
    ];
    for (status, headers, kind) in cases {
        let server = Loopback::scripted(vec![whole(status, headers, &said)]).await;
        let serper = Serper::new(access(&server)).unwrap();
        let error = serper.search(&Query::new("mill")).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{status}: {error}");
        assert!(error.to_string().contains(&status.to_string()), "{error}");
        assert!(!format!("{error} {error:?} {serper:?}").contains(SECRET), "{error:?}");
        if status == 429 {
            assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
        }
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_said() {
    for body in ["<html>login</html>", "[]", r#"{"organic": [{"title": 5}]}"#, ""] {
        let server = Loopback::scripted(vec![json(200, body)]).await;
        let error = Serper::new(access(&server)).unwrap().search(&Query::new("mill")).await.unwrap_err();
        assert!(matches!(&error, SearchError::Broken { .. }), "{body}: {error}");
    }
    let server = Loopback::scripted(vec![vec![offseeker_remote::loopback::Step::Stall]]).await;
    let quick = Access { total: Duration::from_millis(200), ..access(&server) };
    let error = Serper::new(quick).unwrap().search(&Query::new("mill")).await.unwrap_err();
    assert!(error.is_transient() && error.to_string().contains("200ms"), "{error}");
    let gone = Access { key: Some(Key::new(SECRET)), ..Access::at("http://127.0.0.1:9") };
    assert!(Serper::new(gone).unwrap().search(&Query::new("mill")).await.unwrap_err().is_transient());
}

#[test]
fn addresses_and_keys_are_looked_at_first() {
    let wrong = |base: &str, expected: &str| {
        let error = Searxng::new(Access::at(base)).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    wrong("localhost:8888", "it has to begin with http");
    wrong("nonsense", "is no address");
    wrong("http://me:pass@localhost", "must not hold a password");
    assert!(Searxng::new(Access::default()).unwrap_err().to_string().contains("it has no public address"));
    assert!(MediaWiki::wikipedia(["en/../"]).unwrap_err().to_string().contains("is no language"));
    assert!(MediaWiki::wikipedia(Vec::<String>::new()).is_err());
}

#[tokio::test]
async fn without_a_key_nothing_is_sent() {
    let server = Loopback::scripted(vec![json(200, "{}")]).await;
    let error = Serper::new(Access::at(server.base())).unwrap().search(&Query::new("mill")).await.unwrap_err();
    assert_eq!((error.kind(), server.arrived().len()), ("unauthorized", 0));
    let found = MediaWiki::wikipedia(["en"]).unwrap().get("https://en.wikipedia.example/wiki/Mill").await;
    assert!(matches!(found, Err(PageError::NotFound { .. })));
}
