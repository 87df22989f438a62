//! Searches, and shows the hits as a sheet of the browser.

use std::sync::Arc;

use async_trait::async_trait;
use offseeker_search::{Query, SearchBackend};
use offseeker_trajectory::ToolSpec;
use serde_json::Value;

use super::Session;
use super::session::{Part, wrong};
use super::view::Sheet;
use crate::profile::{BrowserText, Entry};
use crate::search::{fatal, status_of};
use crate::{Observation, Tool, ToolError};

/// The most hits that a model may ask for.
const MAX_HITS: usize = 100;

/// Searches, and shows the hits as a sheet of the browser.
#[derive(Debug)]
pub struct BrowserSearch {
    entry: Entry,
    text: BrowserText,
    backend: Arc<dyn SearchBackend>,
    session: Session,
}

impl BrowserSearch {
    /// A tool with the name and the schema of `entry`, over `backend`.
    pub(crate) fn new(entry: Entry, text: BrowserText, backend: Arc<dyn SearchBackend>, session: Session) -> Self {
        Self { entry, text, backend, session }
    }
}

#[async_trait]
impl Tool for BrowserSearch {
    fn spec(&self) -> ToolSpec {
        self.entry.spec.clone()
    }

    async fn call(&self, arguments: Value) -> Result<Observation, ToolError> {
        let query = self.entry.string(&arguments, "query");
        let limit = self.entry.integer(&arguments, "topn").and_then(|limit| usize::try_from(limit).ok());
        let limit = limit.unwrap_or(Query::LIMIT).clamp(1, MAX_HITS);
        if query.trim().is_empty() {
            return Ok(wrong("The query has no words.".to_owned()));
        }
        let mut stack = self.session.lock().await;
        match self.backend.search(&Query::new(&query).limit(limit)).await {
            Ok(hits) => {
                let sheet = Sheet::of_hits(&query, hits, self.text.width);
                Ok(stack.show(Arc::new(sheet), Part::BEGINNING, &self.text))
            }
            Err(error) => match fatal(&self.entry.spec.name, &error) {
                Some(fatal) => Err(fatal),
                None => Ok(Observation::new(status_of(&error), format!("The search failed: {error}."))),
            },
        }
    }

    fn remembers(&self) -> bool {
        true
    }
}
