//! Elasticsearch and OpenSearch: an index on servers of one's own.

use async_trait::async_trait;
use offseeker_pages::{Library, Page, PageError};
use reqwest::RequestBuilder;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::link::{Access, Link};
use super::shortened::shortened;
use crate::{Hit, Query, SearchBackend, SearchError};

/// The most hits that the servers give by default (`index.max_result_window`).
const MOST: usize = 10_000;

/// The most words of a query: servers refuse more than 1,024 clauses, and a word in two fields is two.
const WORDS: usize = 500;

/// The longest snippet, in characters.
const SNIPPET: usize = 180;

/// An index of Elasticsearch or OpenSearch: `POST /{index}/_search`. It searches titles and texts by their own BM25, and
/// gives the pages that it holds.
///
/// ```no_run
/// use offseeker_search::engines::{Access, Credentials, Elasticsearch, Fields};
///
/// # fn main() -> Result<(), offseeker_search::SearchError> {
/// let access = Access::at("http://localhost:9200");
/// let wiki = Elasticsearch::new(access, "wiki", Fields { text: "body".into(), ..Fields::default() })?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Elasticsearch {
    name: String,
    link: Link,
    index: String,
    fields: Fields,
    credentials: Credentials,
}

/// What the fields of the documents are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    /// The address; documents without one go by their id.
    pub url: String,
    /// The title.
    pub title: String,
    /// The text.
    pub text: String,
    /// The date.
    pub date: String,
}

impl Default for Fields {
    /// `url`, `title`, `text`, `date`.
    fn default() -> Self {
        Self { url: "url".to_owned(), title: "title".to_owned(), text: "text".to_owned(), date: "date".to_owned() }
    }
}

/// How a server is told who asks. The secret is the key of [`Access`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credentials {
    /// Not at all.
    #[default]
    None,
    /// By an API key.
    ApiKey,
    /// By a bearer token.
    Bearer,
    /// By a name, and the key as its password.
    Basic(String),
}

#[derive(Deserialize)]
struct Answer {
    hits: Found,
    #[serde(default)]
    timed_out: bool,
    #[serde(rename = "_shards")]
    shards: Option<Shards>,
}

#[derive(Deserialize)]
struct Shards {
    #[serde(default)]
    failed: u32,
    #[serde(default)]
    total: u32,
}

#[derive(Deserialize)]
struct Found {
    hits: Vec<Document>,
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "_id")]
    id: String,
    #[serde(rename = "_score")]
    score: Option<f32>,
    #[serde(rename = "_source", default)]
    source: Map<String, Value>,
    #[serde(default)]
    highlight: Map<String, Value>,
}

impl Elasticsearch {
    /// Asks an index on the server that `access` names.
    ///
    /// # Errors
    ///
    /// When there is no address, or it is none.
    pub fn new(access: Access, index: impl Into<String>, fields: Fields) -> Result<Self, SearchError> {
        let (link, index) = (Link::new("elasticsearch", None, access)?, index.into());
        Ok(Self {
            name: format!("elasticsearch:{}/{index}", link.place()),
            link,
            index,
            fields,
            credentials: Credentials::None,
        })
    }

    /// Tells the server who asks.
    #[must_use]
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = credentials;
        self
    }

    async fn ask(&self, body: &Value) -> Result<Vec<Document>, SearchError> {
        let request = self.signed(self.link.post(&[&self.index, "_search"]).json(body))?;
        let answer: Answer = self.link.exchange(request).await?;
        if answer.timed_out {
            return Err(SearchError::transient("elasticsearch", "it stopped searching before it was through"));
        }
        match answer.shards {
            Some(Shards { failed, total }) if failed > 0 => {
                Err(SearchError::transient("elasticsearch", format!("{failed} of its {total} shards failed")))
            }
            _ => Ok(answer.hits.hits),
        }
    }

    fn signed(&self, request: RequestBuilder) -> Result<RequestBuilder, SearchError> {
        Ok(match &self.credentials {
            Credentials::None => request,
            Credentials::ApiKey => request.header("Authorization", self.link.secret("ApiKey ")?),
            Credentials::Bearer => request.header("Authorization", self.link.secret("Bearer ")?),
            Credentials::Basic(name) => request.basic_auth(name, Some(self.link.password()?)),
        })
    }

    fn hit(&self, document: &Document) -> Hit {
        let text = document.text(&self.fields.text);
        let snippet = match document.highlight.get(&self.fields.text).and_then(|parts| parts.get(0)) {
            Some(Value::String(part)) => part.split_whitespace().collect::<Vec<_>>().join(" "),
            _ => text.chars().take(SNIPPET).collect(),
        };
        Hit {
            score: document.score,
            date: document.date(&self.fields.date),
            ..Hit::new(document.url(&self.fields.url), document.text(&self.fields.title), snippet)
        }
    }
}

impl Document {
    fn text(&self, field: &str) -> &str {
        self.source.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    fn url(&self, field: &str) -> &str {
        Some(self.text(field)).filter(|url| !url.is_empty()).unwrap_or(&self.id)
    }

    fn date(&self, field: &str) -> Option<String> {
        match self.source.get(field)? {
            Value::String(date) => Some(date.clone()),
            Value::Number(date) => Some(date.to_string()),
            _ => None,
        }
    }
}

#[async_trait]
impl SearchBackend for Elasticsearch {
    fn name(&self) -> &str {
        &self.name
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, SearchError> {
        if query.is_blank() {
            return Ok(Vec::new());
        }
        let Fields { url, title, text, date } = &self.fields;
        let body = json!({
            "size": query.limit.min(MOST),
            "query": {"multi_match": {"query": shortened(&query.text, WORDS, usize::MAX), "fields": [format!("{title}^2"), text], "type": "most_fields"}},
            "_source": [url, title, text, date],
            "highlight": {"fields": {text: {
                "fragment_size": SNIPPET, "number_of_fragments": 1, "pre_tags": [""], "post_tags": [""],
            }}},
        });
        Ok(self.ask(&body).await?.iter().map(|document| self.hit(document)).collect())
    }
}

#[async_trait]
impl Library for Elasticsearch {
    fn name(&self) -> &str {
        &self.name
    }

    async fn get(&self, url: &str) -> Result<Page, PageError> {
        let exact = &self.fields.url;
        // By default the servers make a text of the field, and keep what can be compared exactly beside it.
        let body = json!({"size": 1, "query": {"bool": {"minimum_should_match": 1, "should": [
            {"term": {exact: url}}, {"term": {format!("{exact}.keyword"): url}}, {"ids": {"values": [url]}},
        ]}}});
        let found = self.ask(&body).await.map_err(|error| error.about_page(url))?;
        let document = found
            .iter()
            .find(|document| document.url(exact) == url || document.id == url)
            .ok_or_else(|| PageError::not_found(url))?;
        Ok(Page {
            date: document.date(&self.fields.date),
            ..Page::new(url, document.text(&self.fields.title), document.text(&self.fields.text))
        })
    }
}
