//! Qdrant: vectors on servers of one's own.

use std::sync::Arc;

use async_trait::async_trait;
use offseeker_pages::{Library, Page, PageError};
use reqwest::RequestBuilder;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Fields;
use super::link::{Access, Link};
use crate::{Embedder, Hit, Purpose, Query, SearchBackend, SearchError};

/// The longest snippet, in characters.
const SNIPPET: usize = 180;

/// The most hits that are asked for.
const MOST: usize = 10_000;

/// A collection of Qdrant: `POST /collections/{name}/points/query` with the vector that an [`Embedder`] makes of the
/// query. Titles, texts and addresses are read from the payload of its points; several points of one address, such as
/// the passages of a page, are one hit.
///
/// As a library it gives the payloads of an address, joined in the order of their ids.
#[derive(Debug, Clone)]
pub struct Qdrant {
    name: String,
    link: Link,
    collection: String,
    fields: Fields,
    vector: Option<String>,
    embedder: Arc<dyn Embedder>,
}

#[derive(Deserialize)]
struct Answer {
    result: Points,
}

#[derive(Deserialize)]
struct Points {
    points: Vec<Point>,
}

#[derive(Deserialize)]
struct Point {
    id: Value,
    score: Option<f32>,
    #[serde(default)]
    payload: Option<Map<String, Value>>,
}

impl Qdrant {
    /// Asks a collection on the server that `access` names; its key is sent as `api-key`.
    ///
    /// # Errors
    ///
    /// When there is no address, or it is none.
    pub fn new(
        access: Access,
        collection: impl Into<String>,
        fields: Fields,
        embedder: Arc<dyn Embedder>,
    ) -> Result<Self, SearchError> {
        let (link, collection) = (Link::new("qdrant", None, access)?, collection.into());
        let name = format!("qdrant:{}/{collection}:{}", link.place(), embedder.name());
        Ok(Self { name, link, collection, fields, vector: None, embedder })
    }

    /// Compares with the vectors of this name, where points have several.
    #[must_use]
    pub fn vector(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        self.name = format!("{}:{name}", self.name);
        self.vector = Some(name);
        self
    }

    async fn ask(&self, action: &str, body: &Value) -> Result<Vec<Point>, SearchError> {
        let request = self.link.post(&["collections", &self.collection, "points", action]).json(body);
        let answer: Answer = self.link.exchange(self.signed(request)?).await?;
        Ok(answer.result.points)
    }

    fn signed(&self, request: RequestBuilder) -> Result<RequestBuilder, SearchError> {
        if self.link.has_key() { Ok(request.header("api-key", self.link.secret("")?)) } else { Ok(request) }
    }

    fn hit(&self, point: &Point) -> Hit {
        let text = point.text(&self.fields.text);
        Hit {
            score: point.score,
            date: Some(point.text(&self.fields.date)).filter(|date| !date.is_empty()),
            ..Hit::new(
                point.url(&self.fields.url),
                point.text(&self.fields.title),
                text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SNIPPET).collect::<String>(),
            )
        }
    }
}

impl Point {
    fn text(&self, field: &str) -> String {
        let value = self.payload.as_ref().and_then(|payload| payload.get(field));
        value.and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    fn url(&self, field: &str) -> String {
        let url = self.text(field);
        match &self.id {
            _ if !url.is_empty() => url,
            Value::String(id) => id.clone(),
            id => id.to_string(),
        }
    }
}

#[async_trait]
impl SearchBackend for Qdrant {
    fn name(&self) -> &str {
        &self.name
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, SearchError> {
        if query.is_blank() {
            return Ok(Vec::new());
        }
        let vector = self.embedder.embed(&[&query.text], Purpose::Query).await?.into_iter().next();
        let vector = vector.ok_or_else(|| self.link.broken("there is no vector for the query"))?;
        let limit = query.limit.min(MOST);
        let mut body = json!({"query": vector, "limit": limit, "with_payload": true});
        if let Some(name) = &self.vector {
            body["using"] = json!(name);
        }
        let mut hits: Vec<Hit> = Vec::new();
        for point in self.ask("query", &body).await? {
            let hit = self.hit(&point);
            if hits.iter().all(|known| known.url != hit.url) {
                hits.push(hit);
            }
        }
        Ok(hits)
    }
}

#[async_trait]
impl Library for Qdrant {
    fn name(&self) -> &str {
        &self.name
    }

    async fn get(&self, url: &str) -> Result<Page, PageError> {
        let filter = json!({"must": [{"key": self.fields.url, "match": {"value": url}}]});
        let body = json!({"filter": filter, "limit": MOST, "with_payload": true});
        let points = self.ask("scroll", &body).await.map_err(|error| error.about_page(url))?;
        let first = points.first().ok_or_else(|| PageError::not_found(url))?;
        let texts: Vec<String> = points.iter().map(|point| point.text(&self.fields.text)).collect();
        let date = Some(first.text(&self.fields.date)).filter(|date| !date.is_empty());
        Ok(Page { date, ..Page::new(url, first.text(&self.fields.title), texts.join("\n\n")) })
    }
}
