//! A retrieval server as Search-R1's clients know it.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::link::{Access, Link};
use crate::{Hit, Query, SearchBackend, SearchError};

/// A retrieval server as Search-R1's clients know it: `POST /retrieve`. The snippet of a hit is the whole passage.
#[derive(Debug, Clone)]
pub struct SearchR1 {
    name: String,
    link: Link,
}

#[derive(Serialize)]
struct Asked<'a> {
    queries: [&'a str; 1],
    topk: usize,
    return_scores: bool,
}

#[derive(Deserialize)]
struct Answer {
    result: Vec<Vec<Scored>>,
}

#[derive(Deserialize)]
struct Scored {
    document: Document,
    score: Option<f32>,
}

/// A passage; its first line is the title, in quotes.
#[derive(Deserialize)]
struct Document {
    id: Option<serde_json::Value>,
    url: Option<String>,
    contents: String,
}

impl SearchR1 {
    /// Asks the server that `access` names.
    ///
    /// # Errors
    ///
    /// When there is no address, or it is none.
    pub fn new(access: Access) -> Result<Self, SearchError> {
        let link = Link::new("search-r1", None, access)?;
        Ok(Self { name: format!("search-r1:{}", link.place()), link })
    }
}

impl Scored {
    fn hit(self, place: usize) -> Hit {
        let (title, text) = self.document.contents.split_once('\n').unwrap_or(("", &self.document.contents));
        let id = match self.document.id {
            Some(serde_json::Value::String(id)) => id,
            Some(id) => id.to_string(),
            None => place.to_string(),
        };
        let url = self.document.url.unwrap_or_else(|| format!("search-r1:{id}"));
        Hit { score: self.score, ..Hit::new(url, title.trim().trim_matches('"'), text.trim()) }
    }
}

#[async_trait]
impl SearchBackend for SearchR1 {
    fn name(&self) -> &str {
        &self.name
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, SearchError> {
        if query.is_blank() {
            return Ok(Vec::new());
        }
        let asked = Asked { queries: [&query.text], topk: query.limit, return_scores: true };
        let answer: Answer = self.link.exchange(self.link.post(&["retrieve"]).json(&asked)).await?;
        let found = answer.result.into_iter().next().unwrap_or_default();
        Ok(found.into_iter().take(query.limit).enumerate().map(|(place, scored)| scored.hit(place)).collect())
    }
}
