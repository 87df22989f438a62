//! Tavily: a search service for agents.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::link::{Access, Link};
use super::shortened::shortened;
use crate::{Hit, Query, SearchBackend, SearchError};

const PUBLIC: &str = "https://api.tavily.com";

/// The most results that Tavily gives.
const MOST: usize = 20;

/// The longest query, in characters.
const LONGEST: usize = 400;

/// Tavily: `POST /search` with the key as a bearer token.
///
/// Queries are cut to the 400 characters that Tavily takes; there are at most 20 hits.
#[derive(Debug, Clone)]
pub struct Tavily {
    name: String,
    link: Link,
    depth: &'static str,
}

#[derive(Serialize)]
struct Asked<'a> {
    query: &'a str,
    max_results: usize,
    search_depth: &'static str,
    include_answer: bool,
    include_raw_content: bool,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    results: Vec<Found>,
}

#[derive(Deserialize)]
struct Found {
    url: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    content: String,
    score: Option<f32>,
    published_date: Option<String>,
}

impl Tavily {
    /// Asks Tavily with a key; a base address is only for tests.
    ///
    /// # Errors
    ///
    /// When the address is none.
    pub fn new(access: Access) -> Result<Self, SearchError> {
        let link = Link::new("tavily", Some(PUBLIC), access)?;
        Ok(Self { name: "tavily:basic".to_owned(), link, depth: "basic" })
    }

    /// Asks for better snippets, at twice the price.
    #[must_use]
    pub fn advanced(mut self) -> Self {
        "tavily:advanced".clone_into(&mut self.name);
        self.depth = "advanced";
        self
    }
}

#[async_trait]
impl SearchBackend for Tavily {
    fn name(&self) -> &str {
        &self.name
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, SearchError> {
        if query.is_blank() {
            return Ok(Vec::new());
        }
        let text = shortened(&query.text, usize::MAX, LONGEST);
        let asked = Asked {
            query: &text,
            max_results: query.limit.min(MOST),
            search_depth: self.depth,
            include_answer: false,
            include_raw_content: false,
        };
        let authorization = self.link.secret("Bearer ")?;
        let request = self.link.post(&["search"]).header("Authorization", authorization).json(&asked);
        let answer: Answer = self.link.exchange(request).await?;
        let hit = |found: Found| Hit {
            score: found.score,
            date: found.published_date,
            ..Hit::new(found.url, found.title, found.content)
        };
        Ok(answer.results.into_iter().take(query.limit).map(hit).collect())
    }
}
