//! A backend in memory.

use std::collections::HashMap;

use async_trait::async_trait;
use offseeker_pages::{Library, Page, PageError, Ranking};

use crate::{Hit, Query, SearchBackend, SearchError};

/// The longest snippet, in characters.
const SNIPPET: usize = 180;

/// A backend in memory, for tests and for a few thousand pages: ranks by title and text, and gives the pages.
///
/// ```
/// use offseeker_pages::{Library, Page};
/// use offseeker_search::{InMemory, Query, SearchBackend};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let corpus = InMemory::of([
///     Page::new("https://karlin.example/mill", "Karlin mill", "It stands on the Orsa."),
///     Page::new("https://karlin.example/castle", "Karlin castle", "It burnt down twice."),
/// ]);
///
/// let hits = corpus.search(&Query::new("what burnt down?")).await?;
/// assert_eq!(hits[0].title, "Karlin castle");
/// assert_eq!(corpus.get(&hits[0].url).await?.text, "It burnt down twice.");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct InMemory {
    name: String,
    pages: Vec<Page>,
    places: HashMap<String, usize>,
    ranking: Ranking,
}

impl InMemory {
    /// A backend over these pages; of two with the same address the first counts.
    pub fn of(pages: impl IntoIterator<Item = Page>) -> Self {
        let mut backend = Self::default();
        let mut content = blake3::Hasher::new();
        for page in pages {
            if backend.places.contains_key(&page.url) {
                continue;
            }
            for part in [&page.url, &page.title, &page.text] {
                content.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
            }
            backend.places.insert(page.url.clone(), backend.pages.len());
            backend.ranking.push(&format!("{}\n{}", page.title, page.text));
            backend.pages.push(page);
        }
        backend.name = format!("in_memory:{}", &content.finalize().to_hex()[..16]);
        backend
    }
}

#[async_trait]
impl SearchBackend for InMemory {
    fn name(&self) -> &str {
        &self.name
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, SearchError> {
        let hit = |(place, score): (usize, f32)| {
            let Page { url, title, text, date, .. } = &self.pages[place];
            Hit {
                url: url.clone(),
                title: title.clone(),
                snippet: snippet(text, &query.text),
                score: Some(score),
                date: date.clone(),
            }
        };
        Ok(self.ranking.best(&query.text, query.limit).into_iter().map(hit).collect())
    }
}

#[async_trait]
impl Library for InMemory {
    fn name(&self) -> &str {
        &self.name
    }

    async fn get(&self, url: &str) -> Result<Page, PageError> {
        let place = self.places.get(url).ok_or_else(|| PageError::not_found(url))?;
        Ok(self.pages[*place].clone())
    }
}

/// The beginning of the line that fits the query best.
fn snippet(text: &str, query: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let best = Ranking::of(&lines).best(query, 1).first().map_or(0, |(place, _)| *place);
    lines.get(best).map(|line| line.chars().take(SNIPPET).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corpus() -> InMemory {
        InMemory::of([
            Page::new("a", "Karlin mill", "An old mill.\n\nIt stands on the Orsa."),
            Page::new("b", "Karlin castle", "It burnt down twice."),
            Page::new("a", "Another", "of the same address"),
        ])
    }

    #[tokio::test]
    async fn the_best_line_is_shown() {
        let hits = corpus().search(&Query::new("on the Orsa")).await.unwrap();
        assert_eq!((hits.len(), hits[0].snippet.as_str()), (1, "It stands on the Orsa."));
    }

    #[tokio::test]
    async fn a_limit_holds_and_the_first_of_an_address_counts() {
        let corpus = corpus();
        for (limit, expected) in [(0, 0), (1, 1), (10, 2)] {
            assert_eq!(corpus.search(&Query::new("Karlin").limit(limit)).await.unwrap().len(), expected);
        }
        assert_eq!(corpus.get("a").await.unwrap().title, "Karlin mill");
        assert_eq!(corpus.get("c").await.unwrap_err(), PageError::not_found("c"));
    }

    #[test]
    fn other_pages_make_another_name() {
        let name = |corpus: &InMemory| SearchBackend::name(corpus).to_owned();
        assert_eq!(name(&corpus()), name(&corpus()));
        assert_ne!(name(&corpus()), name(&InMemory::of([Page::new("a", "Karlin mill", "")])));
    }
}
