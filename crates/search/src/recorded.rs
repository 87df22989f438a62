//! Keeps what was found, and gives it again instead of asking.

use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use offseeker_pages::{Library, Page, PageError};
use offseeker_remote::{Asked, Cassette, CassetteError, Mode};
use offseeker_trajectory::canonical_json;
use serde::Serialize;

use crate::{Hit, Query, SearchBackend, SearchError};

/// The version of recordings; those of another version are other recordings.
const FORMAT: u32 = 1;

/// Keeps what was found in a folder, and gives it again instead of asking: as a recording or as a cache.
///
/// A recording belongs to the name of the backend and the whole query, or to the name of the library and the address,
/// as canonical JSON. Kept are hits and pages, and failures that are a verdict: a page that is
/// [not there](PageError::NotFound) is not asked for again. Failures that pass are never kept.
///
/// [`new`](Self::new) goes by a [`Mode`] and by no clock: what is recorded is played back however old it is.
/// [`cache`](Self::cache) asks again for what has grown old. Both write the same files, so that what a run has cached
/// can be played back later, strictly, from the same folder. How the files hold against crashes and other processes, and
/// how those who ask the same at once share one answer, says [`Cassette`].
#[derive(Debug)]
pub struct Recorded<B> {
    inner: B,
    hits: Cassette<Vec<Hit>, SearchError>,
    pages: Cassette<Page, PageError>,
}

#[derive(Serialize)]
struct Search<'a> {
    format: u32,
    backend: &'a str,
    query: &'a Query,
}

#[derive(Serialize)]
struct Get<'a> {
    format: u32,
    library: &'a str,
    url: &'a str,
}

impl<B> Recorded<B> {
    /// How long what is cached counts, where nobody says it: seven days.
    pub const FRESH_FOR: Duration = Duration::from_secs(7 * 24 * 3600);

    /// Keeps what `inner` finds in a folder, which is made when it is needed.
    pub fn new(inner: B, folder: impl Into<PathBuf>, mode: Mode) -> Self {
        let folder = folder.into();
        Self { inner, hits: Cassette::new(folder.clone(), mode), pages: Cassette::new(folder, mode) }
    }

    /// Gives what was found before unless it is older than this, otherwise asks `inner` and keeps what it finds.
    pub fn cache(inner: B, folder: impl Into<PathBuf>, fresh_for: Duration) -> Self {
        let folder = folder.into();
        Self { inner, hits: Cassette::cache(folder.clone(), fresh_for), pages: Cassette::cache(folder, fresh_for) }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<B: SearchBackend> SearchBackend for Recorded<B> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, SearchError> {
        if self.hits.mode() == Mode::Live {
            return self.inner.search(query).await;
        }
        let backend = self.inner.name();
        let asked = canonical_json(&Search { format: FORMAT, backend, query })
            .map_err(|error| SearchError::invalid(format!("it cannot be recorded: {error}")))?;
        let answer = self.hits.answer(&Asked::new(asked), self.inner.search(query)).await;
        answer.unwrap_or_else(|error| match error {
            CassetteError::NotRecorded { .. } => {
                Err(SearchError::NotRecorded { backend: backend.to_owned(), text: query.text.clone() })
            }
            error => Err(SearchError::broken(backend, error.to_string())),
        })
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<L: Library> Library for Recorded<L> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn get(&self, url: &str) -> Result<Page, PageError> {
        if self.pages.mode() == Mode::Live {
            return self.inner.get(url).await;
        }
        let asked = canonical_json(&Get { format: FORMAT, library: self.inner.name(), url })
            .map_err(|error| PageError::broken(format!("{url:?} cannot be recorded: {error}")))?;
        let answer = self.pages.answer(&Asked::new(asked), self.inner.get(url)).await;
        answer.unwrap_or_else(|error| match error {
            CassetteError::NotRecorded { .. } => Err(PageError::NotRecorded { url: url.to_owned() }),
            error => Err(PageError::broken(error.to_string())),
        })
    }
}

#[cfg(test)]
mod tests;
