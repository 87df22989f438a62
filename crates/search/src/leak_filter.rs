//! Keeps away what gives an answer away: copies of benchmarks, and pages that repeat the question beside its answer.

mod deny_list;
mod guarded;

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use offseeker_pages::{Library, Page, PageError};
use offseeker_trajectory::Question;

pub use deny_list::{DenyList, DenyListError};
use guarded::Guarded;

use crate::{Hit, Query, SearchBackend, SearchError};

/// Keeps away what gives an answer away instead of letting it be found out.
///
/// Forbidden is what a [`DenyList`] names, and a text that repeats thirteen words of a [guarded](Self::guarding)
/// question in a row and also has one of its answers. Where a script writes no spaces each character is a word. A
/// question with fewer words, or without a known answer, is guarded by the list alone.
///
/// A forbidden hit is left out; its title and snippet count as its text. A forbidden page is [`PageError::Blocked`],
/// which does not say that the answer is in it. What was kept away is counted and logged.
///
/// It belongs outside of all that is kept, so that one cache serves every question: see
/// [`SearchBackendExt`](crate::SearchBackendExt).
///
/// ```
/// use offseeker_search::{DenyList, Hit, LeakFilter, Query, Scripted, SearchBackend};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), offseeker_search::SearchError> {
/// let found = ["https://huggingface.co/datasets/someone/questions", "https://karlin.example/mill"];
/// let engine = Scripted::finding([found.map(|url| Hit::new(url, "", "")).to_vec()]);
///
/// let filter = LeakFilter::new(engine, DenyList::default());
/// assert_eq!(filter.search(&Query::new("mill")).await?[0].url, "https://karlin.example/mill");
/// assert_eq!(filter.blocked().by_address, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct LeakFilter<B> {
    inner: B,
    list: Arc<DenyList>,
    guarded: Vec<Guarded>,
    by_address: AtomicU64,
    by_text: AtomicU64,
    name: OnceLock<String>,
    name_of_library: OnceLock<String>,
}

/// How much a [`LeakFilter`] has kept away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocked {
    /// Hits and pages whose address is on the list.
    pub by_address: u64,
    /// Hits and pages that repeat a question beside its answer.
    pub by_text: u64,
}

impl<B> LeakFilter<B> {
    /// Keeps away what the list names.
    pub fn new(inner: B, list: impl Into<Arc<DenyList>>) -> Self {
        Self {
            inner,
            list: list.into(),
            guarded: Vec::new(),
            by_address: AtomicU64::new(0),
            by_text: AtomicU64::new(0),
            name: OnceLock::new(),
            name_of_library: OnceLock::new(),
        }
    }

    /// Also keeps away what repeats this question beside one of its answers.
    #[must_use]
    pub fn guarding(mut self, question: &Question) -> Self {
        self.guarded.push(Guarded::new(question));
        self.name = OnceLock::new();
        self.name_of_library = OnceLock::new();
        self
    }

    /// How much it has kept away so far.
    #[must_use]
    pub fn blocked(&self) -> Blocked {
        Blocked { by_address: self.by_address.load(Ordering::Relaxed), by_text: self.by_text.load(Ordering::Relaxed) }
    }

    /// Another list and other questions let other things through, so they make another name.
    fn named_after(&self, inner: &str) -> String {
        let mut rules = blake3::Hasher::new();
        let guarded = self.guarded.iter().map(Guarded::id);
        for rule in self.list.rules().chain(["guarding"]).chain(guarded) {
            rules.update(&(rule.len() as u64).to_le_bytes()).update(rule.as_bytes());
        }
        format!("{inner} without leaks {}", &rules.finalize().to_hex()[..16])
    }

    fn forbids_address(&self, url: &str) -> Result<(), &'static str> {
        let Some(rule) = self.list.rule_against(url) else { return Ok(()) };
        self.by_address.fetch_add(1, Ordering::Relaxed);
        tracing::info!(url, rule, "an address is kept away");
        Err("the list of pages that give questions of benchmarks away forbids it")
    }

    fn forbids_text(&self, url: &str, title: &str, text: &str) -> Result<(), &'static str> {
        let Some(guarded) = self.guarded.iter().find(|guarded| guarded.is_given_away_by(title, text)) else {
            return Ok(());
        };
        self.by_text.fetch_add(1, Ordering::Relaxed);
        tracing::info!(url, question = guarded.id(), "a text that gives a question away is kept away");
        Err("it repeats the question word for word")
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<B: SearchBackend> SearchBackend for LeakFilter<B> {
    fn name(&self) -> &str {
        self.name.get_or_init(|| self.named_after(self.inner.name()))
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, SearchError> {
        let mut hits = self.inner.search(query).await?;
        hits.retain(|hit| {
            let forbidden = self.forbids_address(&hit.url);
            forbidden.and_then(|()| self.forbids_text(&hit.url, &hit.title, &hit.snippet)).is_ok()
        });
        Ok(hits)
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<L: Library> Library for LeakFilter<L> {
    fn name(&self) -> &str {
        self.name_of_library.get_or_init(|| self.named_after(self.inner.name()))
    }

    async fn get(&self, url: &str) -> Result<Page, PageError> {
        let blocked = |reason: &str| PageError::Blocked { url: url.to_owned(), reason: reason.to_owned() };
        self.forbids_address(url).map_err(blocked)?;
        let page = self.inner.get(url).await?;
        // A redirect may have led elsewhere.
        if page.url != url {
            self.forbids_address(&page.url).map_err(blocked)?;
        }
        self.forbids_text(&page.url, &page.title, &page.text).map_err(blocked)?;
        Ok(page)
    }
}
