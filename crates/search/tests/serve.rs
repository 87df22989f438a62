//! The servers, asked by the clients of the systems that they speak like.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use offseeker_pages::{Library, Page};
use offseeker_search::engines::{Access, OpenResearcher, SearchR1};
use offseeker_search::serve::Server;
use offseeker_search::{Hit, InMemory, Query, Scripted, SearchBackend, SearchError, conformance};
use serde_json::{Value, json};

fn corpus() -> Arc<InMemory> {
    Arc::new(InMemory::of([
        Page::new("https://karlin.example/mill", "Karlin mill", "An old mill.\n\nIt stands on the Orsa."),
        Page::new("https://karlin.example/castle", "Karlin castle", "It burnt down twice."),
    ]))
}

async fn serve(backend: Arc<dyn SearchBackend>) -> String {
    let bound = Server::new(backend, corpus()).bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", bound.address());
    tokio::spawn(bound.run(std::future::pending()));
    base
}

async fn post(url: String, body: Value) -> (u16, Value) {
    let response = reqwest::Client::new().post(url).json(&body).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn search_r1_is_answered() {
    let base = serve(corpus()).await;
    let mill = json!({
        "id": "https://karlin.example/mill", "url": "https://karlin.example/mill",
        "contents": "\"Karlin mill\"\nAn old mill.\n\nIt stands on the Orsa.",
    });
    let (status, answer) = post(format!("{base}/retrieve"), json!({"queries": ["Orsa", "zzz"]})).await;
    assert_eq!((status, answer), (200, json!({"result": [[mill], []]})));
    let asked = json!({"queries": ["Orsa"], "topk": 1, "return_scores": true});
    let (_, answer) = post(format!("{base}/retrieve"), asked).await;
    assert_eq!(answer["result"][0][0]["document"], mill);
    assert!(answer["result"][0][0]["score"].as_f64().unwrap() > 0.0);
    let (_, answer) = post(format!("{base}/retrieve"), json!({"queries": []})).await;
    assert_eq!(answer, json!({"result": []}));

    let client = SearchR1::new(Access::at(&base)).unwrap();
    let hits = client.search(&Query::new("burnt")).await.unwrap();
    let castle = Hit::new("https://karlin.example/castle", "Karlin castle", "It burnt down twice.");
    assert_eq!(hits, [Hit { score: hits[0].score, ..castle }]);
    conformance::check_port(&client).await.unwrap();
}

#[tokio::test]
async fn openresearcher_is_answered() {
    let base = serve(corpus()).await;
    let (status, answer) = post(format!("{base}/search"), json!({"query": "Orsa", "topn": 5})).await;
    let hit =
        json!({"url": "https://karlin.example/mill", "title": "Karlin mill", "summary": "It stands on the Orsa."});
    assert_eq!((status, answer), (200, json!({"results": [hit]})));
    let (status, answer) = post(format!("{base}/get_content"), json!({"url": "https://karlin.example/castle"})).await;
    assert_eq!((status, answer), (200, json!({"title": "Karlin castle", "content": "It burnt down twice."})));
    let (status, answer) = post(format!("{base}/get_content"), json!({"url": "https://karlin.example/gone"})).await;
    assert_eq!((status, answer), (404, json!({"detail": "there is no page at https://karlin.example/gone"})));

    let client = OpenResearcher::new(Access::at(&base)).unwrap();
    assert_eq!(client.search(&Query::new("burnt")).await.unwrap()[0].title, "Karlin castle");
    assert_eq!(client.get("https://karlin.example/mill").await.unwrap().title, "Karlin mill");
    assert_eq!(client.get("https://karlin.example/gone").await.unwrap_err().kind(), "not_found");
    conformance::check_port(&client).await.unwrap();
}

#[tokio::test]
async fn what_is_wrong_is_said_with_a_status() {
    let base = serve(corpus()).await;
    for (path, body, expected) in [
        ("/retrieve", json!({"queries": "Orsa"}), 422),
        ("/retrieve", json!({"queries": ["Orsa"], "topk": 1001}), 422),
        ("/retrieve", json!({}), 422),
        ("/search", json!({"query": 5}), 422),
        ("/search", json!({"query": "a", "topn": -1}), 422),
        ("/search", json!({"query": "x".repeat(5 << 20)}), 413),
    ] {
        let (status, answer) = post(format!("{base}{path}"), body).await;
        assert!(status == expected && answer["detail"].is_string(), "{path}: {status} {answer}");
    }
    let limited = SearchError::RateLimited { backend: "b".to_owned(), reason: "slow".to_owned(), retry_after: None };
    for (error, expected) in [
        (SearchError::transient("b", "no"), 503),
        (limited, 429),
        (SearchError::broken("b", "no"), 502),
        (SearchError::invalid("no"), 422),
    ] {
        let base = serve(Arc::new(Scripted::by(move |_| Err(error.clone())))).await;
        let (status, answer) = post(format!("{base}/search"), json!({"query": "mill"})).await;
        assert_eq!(status, expected, "{answer}");
    }
}
