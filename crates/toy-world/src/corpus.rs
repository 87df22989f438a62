//! The pages of a world in memory, to be searched and read.

use std::collections::HashMap;
use std::io::{BufWriter, Write};
use std::path::Path;

use async_trait::async_trait;
use offseeker_durable::Draft;
use offseeker_pages::{Library, Page, PageError, Ranking, pairs};
use offseeker_search::{Hit, Query, SearchBackend, SearchError};
use serde_json::json;

/// The longest snippet, in characters.
const SNIPPET: usize = 120;

/// The pages of a world in memory: ranked by title and text, Chinese by pairs of characters, so that a name finds its
/// page.
///
/// ```
/// use offseeker_search::{Query, SearchBackend};
/// use offseeker_toy_world::{World, WorldOptions};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let world = World::new(WorldOptions::default())?;
/// let name = world.entities().next().and_then(|id| world.name_of(id)).expect("there are entities");
///
/// let hits = world.corpus().search(&Query::new(&name)).await?;
/// assert!(hits[..3].iter().any(|hit| hit.title == name));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Corpus {
    name: String,
    pages: Vec<Page>,
    places: HashMap<String, usize>,
    ranking: Ranking,
    most: usize,
    snippets: bool,
}

impl Corpus {
    /// A corpus of these pages.
    pub(crate) fn of(pages: impl Iterator<Item = Page>) -> Self {
        let mut content = blake3::Hasher::new();
        let mut corpus = Self {
            name: String::new(),
            pages: Vec::new(),
            places: HashMap::new(),
            ranking: Ranking::default(),
            most: usize::MAX,
            snippets: true,
        };
        for page in pages {
            for part in [&page.url, &page.title, &page.text] {
                content.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
            }
            corpus.ranking.push_words(pairs(&format!("{}\n{}", page.title, page.text)));
            corpus.places.insert(page.url.clone(), corpus.pages.len());
            corpus.pages.push(page);
        }
        corpus.name = format!("toy-corpus:{}", &content.finalize().to_hex()[..16]);
        corpus
    }

    /// Shows titles alone, and so many of them at most, as a small model needs it.
    #[must_use]
    pub fn showing_titles(mut self, most: usize) -> Self {
        self.name = format!("{}:titles:{most}", self.name);
        (self.most, self.snippets) = (most, false);
        self
    }

    /// How many pages there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pages.len()
    }

    /// Whether there is no page.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    fn hit(&self, place: usize, score: f32) -> Hit {
        let Page { url, title, text, .. } = &self.pages[place];
        let snippet = if self.snippets { text.chars().take(SNIPPET).collect() } else { String::new() };
        Hit { score: Some(score), ..Hit::new(url, title, snippet) }
    }
}

#[async_trait]
impl SearchBackend for Corpus {
    fn name(&self) -> &str {
        &self.name
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, SearchError> {
        let best = self.ranking.best_by_words(pairs(&query.text), query.limit.min(self.most));
        Ok(best.into_iter().map(|(place, score)| self.hit(place, score)).collect())
    }
}

#[async_trait]
impl Library for Corpus {
    fn name(&self) -> &str {
        &self.name
    }

    async fn get(&self, url: &str) -> Result<Page, PageError> {
        let place = self.places.get(url).ok_or_else(|| PageError::not_found(url))?;
        Ok(self.pages[*place].clone())
    }
}

/// Writes pages as JSON lines.
pub(crate) fn write_pages(pages: impl Iterator<Item = Page>, path: &Path) -> std::io::Result<()> {
    let mut out = BufWriter::new(Draft::beside(path)?);
    for page in pages {
        let line = json!({"url": page.url, "title": page.title, "text": page.text});
        serde_json::to_writer(&mut out, &line)?;
        out.write_all(b"\n")?;
    }
    out.into_inner().map_err(std::io::IntoInnerError::into_error)?.publish(path)
}
