//! `/search` and `/get_content`, as OpenResearcher's clients know them.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Refusal;
use super::{MOST_HITS, Server};
use crate::Query;

#[derive(Deserialize)]
pub(super) struct Asked {
    query: String,
    topn: Option<usize>,
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    url: String,
}

/// Answers a query with hits.
pub(super) async fn search(
    State(server): State<Server>,
    asked: Result<Json<Asked>, JsonRejection>,
) -> Result<Json<Value>, Refusal> {
    let Json(Asked { query, topn }) = asked?;
    let limit = topn.unwrap_or(Query::LIMIT);
    if limit > MOST_HITS {
        return Err(Refusal::wrong(format!("topn: {MOST_HITS} is the most")));
    }
    let hits = server.backend.search(&Query::new(query).limit(limit)).await?;
    let results: Vec<Value> =
        hits.into_iter().map(|hit| json!({"url": hit.url, "title": hit.title, "summary": hit.snippet})).collect();
    Ok(Json(json!({"results": results})))
}

/// Gives the page at an address.
pub(super) async fn get_content(
    State(server): State<Server>,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Result<Json<Value>, Refusal> {
    let Json(Wanted { url }) = wanted?;
    let page = server.library.get(&url).await?;
    Ok(Json(json!({"title": page.title, "content": page.text})))
}
