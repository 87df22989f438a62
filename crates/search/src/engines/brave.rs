//! Brave's index of the web.

use async_trait::async_trait;
use offseeker_pages::plain;
use serde::Deserialize;

use super::link::{Access, Link};
use super::shortened::shortened;
use crate::{Hit, Locale, Query, SearchBackend, SearchError};

const PUBLIC: &str = "https://api.search.brave.com";

/// The most results on one page.
const PAGE: usize = 20;

/// The last page that Brave gives, counted from nought.
const LAST_PAGE: usize = 9;

/// The most words of a query.
const WORDS: usize = 50;

/// The most characters of a query.
const CHARACTERS: usize = 400;

/// Brave's index of the web: `GET /res/v1/web/search` with the key in `X-Subscription-Token`.
///
/// Queries are cut to the 400 characters and 50 words that Brave takes. More than 20 hits take several requests, and
/// there are at most 200.
#[derive(Debug, Clone)]
pub struct Brave {
    name: String,
    link: Link,
}

#[derive(Deserialize)]
struct Answer {
    web: Option<Web>,
    query: Option<Asked>,
}

#[derive(Deserialize)]
struct Web {
    #[serde(default)]
    results: Vec<Found>,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    more_results_available: bool,
}

#[derive(Deserialize)]
struct Found {
    url: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    description: String,
    page_age: Option<String>,
    age: Option<String>,
}

impl Brave {
    /// Asks Brave with a key; a base address is only for tests.
    ///
    /// # Errors
    ///
    /// When the address is none.
    pub fn new(access: Access) -> Result<Self, SearchError> {
        Ok(Self { name: "brave".to_owned(), link: Link::new("brave", Some(PUBLIC), access)? })
    }

    async fn page(&self, text: &str, locale: &Locale, page: usize, count: usize) -> Result<Answer, SearchError> {
        let (page, count) = (page.to_string(), count.to_string());
        let request = self
            .link
            .get(&["res", "v1", "web", "search"])
            .header("X-Subscription-Token", self.link.secret("")?)
            .header("Accept", "application/json")
            .query(&[
                ("q", text),
                ("count", &count),
                ("offset", &page),
                ("country", &locale.country),
                ("search_lang", language(&locale.language)),
            ]);
        self.link.exchange(request).await
    }
}

/// A language as Brave calls it.
fn language(language: &str) -> &str {
    match language {
        "zh" | "zh-cn" | "zh-CN" | "zh-hans" => "zh-hans",
        "zh-tw" | "zh-TW" | "zh-hk" | "zh-hant" => "zh-hant",
        "ja" => "jp",
        other => other.split('-').next().unwrap_or(other),
    }
}

#[async_trait]
impl SearchBackend for Brave {
    fn name(&self) -> &str {
        &self.name
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, SearchError> {
        if query.is_blank() {
            return Ok(Vec::new());
        }
        let (text, locale) = (shortened(&query.text, WORDS, CHARACTERS), query.effective_locale());
        let mut hits = Vec::new();
        let count = query.limit.min(PAGE);
        for page in 0..=LAST_PAGE {
            let answer = self.page(&text, &locale, page, count).await?;
            let found = answer.web.map(|web| web.results).unwrap_or_default();
            let is_last = found.is_empty() || !answer.query.is_some_and(|asked| asked.more_results_available);
            hits.extend(found.into_iter().map(|found| Hit {
                date: found.page_age.or(found.age),
                ..Hit::new(found.url, plain(&found.title), plain(&found.description))
            }));
            if is_last || hits.len() >= query.limit {
                break;
            }
        }
        hits.truncate(query.limit);
        Ok(hits)
    }
}
