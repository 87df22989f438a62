//! `/retrieve`, as Search-R1's clients know it.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use futures::{StreamExt, TryStreamExt};
use offseeker_pages::PageError;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Refusal;
use super::{MOST_HITS, Server};
use crate::{Hit, Query};

/// The most queries of one request.
const MOST_QUERIES: usize = 4_096;

/// How many queries of one request are asked at once.
const AT_ONCE: usize = 8;

/// How many passages are given where nobody says it.
const TOPK: usize = 3;

#[derive(Deserialize)]
pub(super) struct Asked {
    queries: Vec<String>,
    topk: Option<usize>,
    #[serde(default)]
    return_scores: bool,
}

/// Answers each query with the pages that fit it best, in the order of the queries.
pub(super) async fn retrieve(
    State(server): State<Server>,
    asked: Result<Json<Asked>, JsonRejection>,
) -> Result<Json<Value>, Refusal> {
    let Json(Asked { queries, topk, return_scores }) = asked?;
    let topk = topk.unwrap_or(TOPK);
    if queries.len() > MOST_QUERIES || topk > MOST_HITS {
        return Err(Refusal::wrong(format!("queries: {MOST_QUERIES} are the most; topk: {MOST_HITS} is the most")));
    }
    let server = &server;
    let result: Vec<Vec<Value>> = futures::stream::iter(queries)
        .map(|query| async move { passages(server, query, topk, return_scores).await })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    Ok(Json(json!({"result": result})))
}

async fn passages(server: &Server, query: String, topk: usize, with_scores: bool) -> Result<Vec<Value>, Refusal> {
    let hits = server.backend.search(&Query::new(query).limit(topk)).await?;
    let mut passages = Vec::with_capacity(hits.len());
    for hit in hits {
        let score = hit.score;
        let document = document(server, hit).await?;
        passages.push(if with_scores {
            json!({"document": document, "score": score.unwrap_or(0.0)})
        } else {
            document
        });
    }
    Ok(passages)
}

/// A page as a passage: its title in quotes on the first line, then its text.
async fn document(server: &Server, hit: Hit) -> Result<Value, Refusal> {
    let (title, text) = match server.library.get(&hit.url).await {
        Ok(page) => (page.title, page.text),
        // A library that does not have all that the backend finds: the snippet is what there is.
        Err(PageError::NotFound { .. } | PageError::InvalidUrl { .. } | PageError::Unreadable { .. }) => {
            (hit.title, hit.snippet)
        }
        Err(error) => return Err(error.into()),
    };
    Ok(json!({"id": hit.url, "url": hit.url, "contents": format!("\"{title}\"\n{text}")}))
}
