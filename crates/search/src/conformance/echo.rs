//! A backend and library that does what the query or the address tells it, so that what carries it can be checked.

use std::time::Duration;

use async_trait::async_trait;
use offseeker_pages::{Library, Link, Page, PageError};

use crate::{Hit, Query, SearchBackend, SearchError};

/// Where the pages of the echo are.
const SITE: &str = "https://echo.example/";

/// The most hits that `hits` gives.
const MOST_HITS: usize = 4096;

/// A backend and library that does what it is told; see [`echo`].
#[derive(Debug, Clone, Copy)]
pub struct Echo;

/// A backend that does what the query tells it, and a library that does what the address tells it.
///
/// | the query | the hits |
/// | --- | --- |
/// | `hits N` | `N` of them, at most 4,096 and no more than are wanted |
/// | `nothing` | none |
/// | `fail KIND` | the [`SearchError`] of that [kind](SearchError::kind) |
/// | anything else | one, whose title is the query, and whose snippet says the limit and the locale |
///
/// | the address | the page |
/// | --- | --- |
/// | `https://echo.example/fail/KIND` | the [`PageError`] of that [kind](PageError::kind) |
/// | `https://echo.example/moved/TEXT` | the page of `TEXT`, which says that it is there |
/// | `https://echo.example/TEXT` | one that says `TEXT` |
/// | anything else | there is none |
#[must_use]
pub fn echo() -> Echo {
    Echo
}

#[async_trait]
impl SearchBackend for Echo {
    fn name(&self) -> &'static str {
        "echo"
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, SearchError> {
        let (command, rest) = query.text.split_once(' ').unwrap_or((&query.text, ""));
        let wanted = match command {
            "nothing" => 0,
            "hits" => rest
                .parse()
                .ok()
                .filter(|&number| number <= MOST_HITS)
                .ok_or_else(|| SearchError::invalid(format!("{rest:?} is no number of hits up to {MOST_HITS}")))?,
            "fail" => return Err(search_error(rest)),
            _ => 1,
        };
        Ok((0..wanted.min(query.limit)).map(|number| hit(query, number)).collect())
    }
}

fn hit(query: &Query, number: usize) -> Hit {
    let locale = query.locale.as_ref();
    let snippet = match locale {
        Some(locale) => format!("{} wanted, {} {}", query.limit, locale.country, locale.language),
        None => format!("{} wanted", query.limit),
    };
    #[allow(clippy::cast_precision_loss)]
    let score = 1.0 / (number as f32 + 3.0);
    Hit {
        score: Some(score),
        date: number.is_multiple_of(2).then(|| "2 days ago".to_owned()),
        ..Hit::new(format!("{SITE}{number}"), &query.text, snippet)
    }
}

fn search_error(kind: &str) -> SearchError {
    let (backend, reason) = ("echo".to_owned(), "as the query told".to_owned());
    match kind {
        "transient" => SearchError::Transient { backend, reason },
        "rate_limited" => SearchError::RateLimited { backend, reason, retry_after: Some(Duration::from_millis(1500)) },
        "unauthorized" => SearchError::Unauthorized { backend, reason },
        "not_recorded" => SearchError::NotRecorded { backend, text: reason },
        "broken" => SearchError::Broken { backend, reason },
        "invalid_query" => SearchError::InvalidQuery { reason },
        _ => SearchError::invalid(format!("there is no failure {kind:?}")),
    }
}

#[async_trait]
impl Library for Echo {
    fn name(&self) -> &'static str {
        "echo"
    }

    async fn get(&self, url: &str) -> Result<Page, PageError> {
        let path = url.strip_prefix(SITE).ok_or_else(|| PageError::not_found(url))?;
        if let Some(kind) = path.strip_prefix("fail/") {
            return Err(page_error(url, kind));
        }
        let text = path.strip_prefix("moved/").unwrap_or(path);
        let links = vec![Link { text: "home".to_owned(), url: SITE.to_owned() }];
        let language = (!text.is_ascii()).then(|| "mul".to_owned());
        Ok(Page {
            date: Some("2024-03-01".to_owned()),
            language,
            links,
            ..Page::new(format!("{SITE}{text}"), "Echo", text)
        })
    }
}

fn page_error(url: &str, kind: &str) -> PageError {
    let (url, reason) = (url.to_owned(), "as the address told".to_owned());
    match kind {
        "invalid_url" => PageError::InvalidUrl { url, reason },
        "blocked" => PageError::Blocked { url, reason },
        "unreadable" => PageError::Unreadable { url, reason },
        "timeout" => PageError::Timeout { url, limit: Duration::from_millis(2500) },
        "transient" => PageError::Transient { url, reason },
        "rate_limited" => PageError::RateLimited { url, reason, retry_after: Some(Duration::from_millis(1500)) },
        "not_recorded" => PageError::NotRecorded { url },
        "broken" => PageError::Broken { reason },
        _ => PageError::NotFound { url },
    }
}
