//! The tool that searches.

use std::sync::Arc;

use async_trait::async_trait;
use offseeker_pages::Library;
use offseeker_search::{Hit, Query, SearchBackend, SearchError};
use offseeker_trajectory::{CallStatus, Source, ToolSpec, View};
use serde_json::{Value, json};
use url::Url;

use crate::asked::Asked;
use crate::profile::{Entry, HitList, HitText};
use crate::{Observation, Tool, ToolError};

/// The most queries that one call may hold.
const MAX_QUERIES: usize = 20;

/// Searches: one or more queries in, the hits of each out, in the order of the queries.
///
/// A query that stands twice in a call is asked once and answered twice.
#[derive(Debug)]
pub struct Search {
    entry: Entry,
    list: HitList,
    backend: Arc<dyn SearchBackend>,
    library: Option<Arc<dyn Library>>,
}

/// What came of one query.
type Found = Result<Vec<Hit>, SearchError>;

impl Search {
    /// A tool with the name, the schema and the format of `entry`, over `backend`.
    ///
    /// Formats that show whole pages take them from `library`, and show snippets where there is none.
    pub(crate) fn new(
        entry: Entry,
        list: HitList,
        backend: Arc<dyn SearchBackend>,
        library: Option<Arc<dyn Library>>,
    ) -> Self {
        Self { entry, list, backend, library }
    }

    /// What came of a query that the model is told of, or the end of the attempt.
    async fn ask(&self, query: &str) -> Result<Found, ToolError> {
        let found = self.find(query).await;
        match found.as_ref().err().and_then(|error| fatal(&self.entry.spec.name, error)) {
            Some(fatal) => Err(fatal),
            None => Ok(found),
        }
    }

    async fn find(&self, query: &str) -> Found {
        if query.trim().is_empty() {
            return Err(SearchError::invalid("it has no words"));
        }
        let mut hits = self.backend.search(&Query::new(query)).await?;
        if let (HitList::Text(text), Some(library)) = (&self.list, &self.library)
            && text.whole_pages
        {
            for hit in &mut hits {
                // A page that cannot be had is shown by its snippet, which is what was asked for and found.
                if let Ok(page) = library.get(&hit.url).await {
                    hit.snippet = page.text;
                }
            }
        }
        Ok(hits)
    }

    fn write(&self, found: &Asked<'_, Found>) -> String {
        let lists: Vec<(&str, &Found)> = found.in_order().collect();
        match &self.list {
            HitList::SerperJson => serper(&lists),
            HitList::Text(text) => {
                let written: Vec<String> = lists.iter().map(|(query, found)| text.write(query, found)).collect();
                written.join(&text.between_queries)
            }
        }
    }
}

#[async_trait]
impl Tool for Search {
    fn spec(&self) -> ToolSpec {
        self.entry.spec.clone()
    }

    async fn call(&self, arguments: Value) -> Result<Observation, ToolError> {
        let queries = self.entry.strings(&arguments, "queries");
        if queries.is_empty() || queries.len() > MAX_QUERIES {
            let reason = format!("Give one query at least and {MAX_QUERIES} at most; there are {}.", queries.len());
            return Ok(Observation::new(CallStatus::InvalidArguments, reason));
        }
        let found = Asked::each(&queries, |query| self.ask(query)).await?;
        let mut shown = Vec::new();
        for hit in found.different().filter_map(|found| found.as_ref().ok()).flatten() {
            let source = Source { url: hit.url.clone(), view: View::Snippet };
            if !shown.contains(&source) {
                shown.push(source);
            }
        }
        Ok(Observation::new(status(&found), self.write(&found)).showing(shown))
    }
}

/// How the call went as a whole: well where one query went well.
fn status(found: &Asked<'_, Found>) -> CallStatus {
    if found.different().any(Result::is_ok) {
        return CallStatus::Ok;
    }
    match found.different().next() {
        Some(Err(error)) => status_of(error),
        Some(Ok(_)) | None => CallStatus::Ok,
    }
}

/// The status of a call for a query that failed in a way that the model is told of.
pub(crate) fn status_of(error: &SearchError) -> CallStatus {
    match error {
        SearchError::InvalidQuery { .. } => CallStatus::InvalidArguments,
        SearchError::RateLimited { .. } => CallStatus::RateLimited,
        error if error.is_transient() => CallStatus::Transient,
        _ => CallStatus::Internal,
    }
}

/// The end of the attempt, where the model can do nothing about what happened.
pub(crate) fn fatal(tool: &str, error: &SearchError) -> Option<ToolError> {
    match error {
        SearchError::NotRecorded { .. } => {
            Some(ToolError::NotRecorded { tool: tool.to_owned(), reason: error.to_string() })
        }
        SearchError::InvalidQuery { .. } => None,
        error if error.is_transient() => None,
        error => Some(ToolError::broken(tool, error.to_string())),
    }
}

impl HitText {
    fn write(&self, query: &str, found: &Found) -> String {
        let hits = match found {
            Ok(hits) => hits,
            Err(error) => return self.failed.fill(&[("query", query), ("reason", &error.to_string())]),
        };
        let count = hits.len().to_string();
        if hits.is_empty() {
            return self.none.fill(&[("query", query), ("count", &count)]);
        }
        let items: Vec<String> =
            hits.iter().enumerate().map(|(place, hit)| self.item(query, self.first + place, hit)).collect();
        self.head.fill(&[("query", query), ("count", &count)]) + &items.join(&self.between)
    }

    fn item(&self, query: &str, position: usize, hit: &Hit) -> String {
        let date = hit.date.as_deref().map_or_else(String::new, |date| self.date.fill(&[("date", date)]));
        self.item.fill(&[
            ("query", query),
            ("position", &position.to_string()),
            ("title", &hit.title),
            ("url", &hit.url),
            ("host", &host(&hit.url)),
            ("date", &date),
            ("snippet", &hit.snippet),
        ])
    }
}

/// The host of an address; empty where it has none.
pub(crate) fn host(url: &str) -> String {
    Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// Hits in the format in which Serper gives them, a response for each query.
fn serper(lists: &[(&str, &Found)]) -> String {
    let response = |query: &str, found: &Found| match found {
        Ok(hits) => {
            let organic: Vec<Value> = hits.iter().enumerate().map(|(place, hit)| organic(place + 1, hit)).collect();
            json!({"searchParameters": {"q": query, "type": "search"}, "organic": organic}).to_string()
        }
        Err(error) => format!("The search failed: {error}"),
    };
    let responses: Vec<Value> =
        lists.iter().map(|(query, found)| json!({"query": query, "result": response(query, found)})).collect();
    Value::Array(responses).to_string()
}

fn organic(position: usize, hit: &Hit) -> Value {
    let mut organic = json!({"title": hit.title, "link": hit.url, "snippet": hit.snippet});
    if let Some(date) = &hit.date {
        organic["date"] = json!(date);
    }
    organic["position"] = json!(position);
    organic
}
