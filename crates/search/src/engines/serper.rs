//! Serper: Google's results as JSON.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::link::{Access, Link};
use super::shortened::shortened;
use crate::{Hit, Query, SearchBackend, SearchError};

const PUBLIC: &str = "https://google.serper.dev";

/// The most results that Serper gives at once.
const MOST: usize = 100;

/// The longest query, in characters.
const LONGEST: usize = 2_048;

/// Serper, which gives Google's results as JSON: `POST /search` with the key in `X-API-KEY`.
///
/// Where Google itself answers, from a page that it names, that page comes first.
#[derive(Debug, Clone)]
pub struct Serper {
    name: String,
    link: Link,
}

#[derive(Serialize)]
struct Asked<'a> {
    q: &'a str,
    num: usize,
    gl: &'a str,
    hl: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    answer_box: Option<AnswerBox>,
    #[serde(default)]
    organic: Vec<Organic>,
}

#[derive(Deserialize)]
struct AnswerBox {
    #[serde(default)]
    title: String,
    answer: Option<String>,
    snippet: Option<String>,
    link: Option<String>,
    date: Option<String>,
}

#[derive(Deserialize)]
struct Organic {
    link: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    snippet: String,
    date: Option<String>,
}

impl Serper {
    /// Asks Serper with a key; a base address is only for tests.
    ///
    /// # Errors
    ///
    /// When the address is none.
    pub fn new(access: Access) -> Result<Self, SearchError> {
        Ok(Self { name: "serper".to_owned(), link: Link::new("serper", Some(PUBLIC), access)? })
    }
}

impl AnswerBox {
    fn hit(self) -> Option<Hit> {
        let snippet = match (self.answer, self.snippet) {
            (Some(answer), Some(snippet)) => format!("{answer}: {snippet}"),
            (answer, snippet) => answer.or(snippet)?,
        };
        Some(Hit { date: self.date, ..Hit::new(self.link?, self.title, snippet) })
    }
}

#[async_trait]
impl SearchBackend for Serper {
    fn name(&self) -> &str {
        &self.name
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, SearchError> {
        if query.is_blank() {
            return Ok(Vec::new());
        }
        let (text, locale) = (shortened(&query.text, usize::MAX, LONGEST), query.effective_locale());
        let asked = Asked { q: &text, num: query.limit.min(MOST), gl: &locale.country, hl: &locale.language };
        let request = self.link.post(&["search"]).header("X-API-KEY", self.link.secret("")?).json(&asked);
        let answer: Answer = self.link.exchange(request).await?;

        let mut hits: Vec<Hit> = answer.answer_box.and_then(AnswerBox::hit).into_iter().collect();
        for organic in answer.organic {
            if hits.iter().all(|hit| hit.url != organic.link) {
                let hit = Hit::new(organic.link, organic.title, organic.snippet);
                hits.push(Hit { date: organic.date, ..hit });
            }
        }
        hits.truncate(query.limit);
        Ok(hits)
    }
}
