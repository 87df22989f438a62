//! Searches by what a query means.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use offseeker_pages::{Library, PageError};
use tokio::task::spawn_blocking;

use super::{Embedder, Near, Purpose, VectorIndex};
use crate::{Hit, IndexError, Query, SearchBackend, SearchError};

/// The longest snippet, in characters.
const SNIPPET: usize = 180;

/// Searches by what a query means: the documents whose vectors are nearest to its own, with their titles and best
/// passages out of a library.
#[derive(Debug)]
pub struct Dense<E, L> {
    embedder: E,
    index: Arc<VectorIndex>,
    library: L,
    name: String,
}

impl<E: Embedder, L: Library> Dense<E, L> {
    /// Searches an index of the vectors of an embedder; an error where it has those of another.
    pub fn new(embedder: E, index: VectorIndex, library: L) -> Result<Self, IndexError> {
        index.check(&embedder)?;
        let name = format!("dense:{}:{}:{}", embedder.name(), index.name(), library.name());
        Ok(Self { embedder, index: Arc::new(index), library, name })
    }

    async fn hit(&self, near: Near) -> Result<Hit, SearchError> {
        let Near { url, span, score } = near;
        let (title, snippet, date) = match self.library.get(&url).await {
            Ok(page) => {
                // The library may have another text by now; then its beginning is shown.
                let passage = page.text.get(span).unwrap_or(&page.text);
                let snippet = beginning(passage);
                (page.title, snippet, page.date)
            }
            Err(error @ PageError::NotFound { .. }) => {
                tracing::warn!(%error, "a document has a vector, but no page");
                Default::default()
            }
            Err(error) if error.is_transient() => return Err(SearchError::transient(&self.name, error.to_string())),
            Err(error) => return Err(SearchError::broken(&self.name, error.to_string())),
        };
        Ok(Hit { url, title, snippet, score: Some(score), date })
    }
}

#[async_trait]
impl<E: Embedder, L: Library> SearchBackend for Dense<E, L> {
    fn name(&self) -> &str {
        &self.name
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, SearchError> {
        if query.text.trim().is_empty() || query.limit == 0 {
            return Ok(Vec::new());
        }
        let vectors = self.embedder.embed(&[&query.text], Purpose::Query).await?;
        let broken = |reason: String| SearchError::broken(&self.name, reason);
        let vector = vectors.into_iter().next().ok_or_else(|| broken("there is no vector for the query".to_owned()))?;
        let (index, limit) = (Arc::clone(&self.index), query.limit);
        let near = spawn_blocking(move || index.nearest(&vector, limit)).await;
        let near = near.map_err(|error| broken(error.to_string()))?.map_err(|error| broken(error.to_string()))?;
        let mut hits = Vec::with_capacity(near.len());
        for near in near {
            hits.push(self.hit(near).await?);
        }
        Ok(hits)
    }
}

/// The beginning of a passage, on one line, up to the end of a word.
fn beginning(passage: &str) -> String {
    let line = passage.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((end, _)) = line.char_indices().nth(SNIPPET) else { return line };
    let (end, _) = line[..end].char_indices().next_back().unwrap_or((end, ' '));
    let end = line[..end].rfind(' ').unwrap_or(end);
    format!("{}…", &line[..end])
}
