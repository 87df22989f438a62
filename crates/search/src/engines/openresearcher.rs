//! A search service as OpenResearcher's clients know it.

use async_trait::async_trait;
use offseeker_pages::{Library, Page, PageError};
use serde::Deserialize;
use serde_json::json;

use super::link::{Access, Link};
use crate::{Hit, Query, SearchBackend, SearchError};

/// A search service as OpenResearcher's clients know it: `POST /search` and `POST /get_content`.
#[derive(Debug, Clone)]
pub struct OpenResearcher {
    name: String,
    link: Link,
}

#[derive(Deserialize)]
struct Answer {
    results: Vec<Found>,
}

#[derive(Deserialize)]
struct Found {
    url: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    summary: String,
}

#[derive(Deserialize)]
struct Content {
    #[serde(default)]
    title: String,
    #[serde(default)]
    content: String,
}

impl OpenResearcher {
    /// Asks the service that `access` names.
    ///
    /// # Errors
    ///
    /// When there is no address, or it is none.
    pub fn new(access: Access) -> Result<Self, SearchError> {
        let link = Link::new("openresearcher", None, access)?;
        Ok(Self { name: format!("openresearcher:{}", link.place()), link })
    }
}

#[async_trait]
impl SearchBackend for OpenResearcher {
    fn name(&self) -> &str {
        &self.name
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, SearchError> {
        if query.is_blank() {
            return Ok(Vec::new());
        }
        let asked = json!({"query": query.text, "topn": query.limit});
        let answer: Answer = self.link.exchange(self.link.post(&["search"]).json(&asked)).await?;
        let hit = |found: Found| Hit::new(found.url, found.title, found.summary);
        Ok(answer.results.into_iter().take(query.limit).map(hit).collect())
    }
}

#[async_trait]
impl Library for OpenResearcher {
    fn name(&self) -> &str {
        &self.name
    }

    async fn get(&self, url: &str) -> Result<Page, PageError> {
        let request = self.link.post(&["get_content"]).json(&json!({"url": url}));
        match self.link.find::<Content>(request).await {
            Ok(Some(found)) => Ok(Page::new(url, found.title, found.content)),
            Ok(None) => Err(PageError::not_found(url)),
            Err(error) => Err(error.about_page(url)),
        }
    }
}
