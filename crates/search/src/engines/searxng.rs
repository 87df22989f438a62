//! SearXNG: many engines behind one server of one's own.

use async_trait::async_trait;
use offseeker_pages::plain;
use serde::Deserialize;
use serde_json::Value;

use super::link::{Access, Link};
use super::shortened::shortened;
use crate::{Hit, Query, SearchBackend, SearchError};

/// The most pages of results that are asked for.
const PAGES: usize = 5;

/// The longest query, in characters: it is a part of the address.
const LONGEST: usize = 1_000;

/// A server of SearXNG: `GET /search?format=json`, which its `settings.yml` has to allow under `search.formats`.
///
/// When the server found nothing because the engines behind it did not answer, that is an error and not an empty list.
#[derive(Debug, Clone)]
pub struct Searxng {
    name: String,
    link: Link,
    engines: String,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    results: Vec<Found>,
    #[serde(default)]
    unresponsive_engines: Vec<Value>,
}

#[derive(Deserialize)]
struct Found {
    url: Option<String>,
    title: Option<String>,
    content: Option<String>,
    score: Option<f32>,
    #[serde(rename = "publishedDate")]
    published: Option<String>,
}

impl Searxng {
    /// Asks the server of SearXNG that `access` names.
    ///
    /// # Errors
    ///
    /// When there is no address, or it is none.
    pub fn new(access: Access) -> Result<Self, SearchError> {
        let link = Link::new("searxng", None, access)?;
        Ok(Self { name: format!("searxng:{}", link.place()), link, engines: String::new() })
    }

    /// Asks only these of the engines behind the server, such as `wikipedia` or `duckduckgo`.
    #[must_use]
    pub fn engines<T: AsRef<str>>(mut self, engines: impl IntoIterator<Item = T>) -> Self {
        self.engines = engines.into_iter().map(|engine| engine.as_ref().to_owned()).collect::<Vec<_>>().join(",");
        self.name = format!("searxng:{}:{}", self.link.place(), self.engines);
        self
    }

    async fn page(&self, query: &Query, page: usize) -> Result<Answer, SearchError> {
        let (page, locale) = (page.to_string(), query.effective_locale());
        let text = shortened(&query.text, usize::MAX, LONGEST);
        let mut asked =
            vec![("q", text.as_str()), ("format", "json"), ("language", language(&locale.language)), ("pageno", &page)];
        if !self.engines.is_empty() {
            asked.push(("engines", &self.engines));
        }
        self.link.exchange(self.link.get(&["search"]).query(&asked)).await
    }
}

/// A language as SearXNG calls it: with the country in capital letters.
fn language(language: &str) -> &str {
    if language.eq_ignore_ascii_case("zh-cn") { "zh-CN" } else { language }
}

impl Found {
    fn hit(self) -> Option<Hit> {
        let url = self.url.filter(|url| !url.is_empty())?;
        let (title, snippet) = (self.title.unwrap_or_default(), self.content.unwrap_or_default());
        Some(Hit { score: self.score, date: self.published, ..Hit::new(url, plain(&title), plain(&snippet)) })
    }
}

#[async_trait]
impl SearchBackend for Searxng {
    fn name(&self) -> &str {
        &self.name
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, SearchError> {
        if query.is_blank() {
            return Ok(Vec::new());
        }
        let mut hits: Vec<Hit> = Vec::new();
        for page in 1..=PAGES {
            let answer = self.page(query, page).await?;
            if page == 1 && answer.results.is_empty() && !answer.unresponsive_engines.is_empty() {
                let engines = Value::Array(answer.unresponsive_engines);
                return Err(SearchError::transient("searxng", format!("its engines did not answer: {engines}")));
            }
            let before = hits.len();
            for hit in answer.results.into_iter().filter_map(Found::hit) {
                if hits.iter().all(|known| known.url != hit.url) {
                    hits.push(hit);
                }
            }
            if hits.len() >= query.limit || hits.len() == before {
                break;
            }
        }
        hits.truncate(query.limit);
        Ok(hits)
    }
}
