//! A backend and library for tests that takes its time and notes who is under way.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use offseeker_pages::{Library, Page, PageError};
use tokio::time::Instant;

use crate::{Hit, Query, SearchBackend, SearchError};

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is answered.
    Answer,
    /// It fails in a way that passes.
    Transient,
    /// The server asks to wait for so many seconds.
    Limited(u64),
    /// There is no such page, or the query is wrong.
    Verdict,
    /// What comes back makes no sense.
    Broken,
    /// Nothing is recorded.
    NotRecorded,
}

/// Answers after a while; what is asked decides, or the switch.
#[derive(Debug)]
pub(crate) struct Slow {
    name: &'static str,
    takes: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    fate: Fate,
    under_way: usize,
    most_at_once: usize,
    started: Vec<(String, Instant)>,
}

impl Slow {
    pub(crate) fn new(name: &'static str, takes_s: u64) -> Self {
        let state = State { fate: Fate::Answer, under_way: 0, most_at_once: 0, started: Vec::new() };
        Self { name, takes: Duration::from_secs(takes_s), state: Mutex::new(state) }
    }

    /// Does this with every request from now on.
    pub(crate) fn meets(&self, fate: Fate) {
        self.state().fate = fate;
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.state().started.iter().map(|(text, _)| text.clone()).collect()
    }

    /// The seconds from a moment to the beginning of each request.
    pub(crate) fn began(&self, before: Instant) -> Vec<u64> {
        self.state().started.iter().map(|(_, at)| (*at - before).as_secs()).collect()
    }

    pub(crate) fn most_at_once(&self) -> usize {
        self.state().most_at_once
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn meet(&self, text: &str) -> Fate {
        {
            let mut state = self.state();
            state.under_way += 1;
            state.most_at_once = state.most_at_once.max(state.under_way);
            state.started.push((text.to_owned(), Instant::now()));
        }
        let _under_way = UnderWay(self);
        tokio::time::sleep(self.takes).await;
        self.state().fate
    }
}

struct UnderWay<'a>(&'a Slow);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.state().under_way -= 1;
    }
}

#[async_trait]
impl SearchBackend for Slow {
    fn name(&self) -> &str {
        self.name
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, SearchError> {
        let (backend, reason) = (self.name.to_owned(), "as told".to_owned());
        match self.meet(&query.text).await {
            Fate::Answer => Ok(vec![Hit::new(format!("https://{}.example/", self.name), &query.text, "")]),
            Fate::Transient => Err(SearchError::Transient { backend, reason }),
            Fate::Limited(seconds) => {
                Err(SearchError::RateLimited { backend, reason, retry_after: Some(Duration::from_secs(seconds)) })
            }
            Fate::Verdict => Err(SearchError::InvalidQuery { reason }),
            Fate::Broken => Err(SearchError::Broken { backend, reason }),
            Fate::NotRecorded => Err(SearchError::NotRecorded { backend, text: query.text.clone() }),
        }
    }
}

#[async_trait]
impl Library for Slow {
    fn name(&self) -> &str {
        self.name
    }

    async fn get(&self, url: &str) -> Result<Page, PageError> {
        let fate = self.meet(url).await;
        let (url, reason) = (url.to_owned(), "as told".to_owned());
        match fate {
            Fate::Answer => Ok(Page::new(url, self.name, "")),
            Fate::Transient => Err(PageError::Transient { url, reason }),
            Fate::Limited(seconds) => {
                Err(PageError::RateLimited { url, reason, retry_after: Some(Duration::from_secs(seconds)) })
            }
            Fate::Verdict => Err(PageError::NotFound { url }),
            Fate::Broken => Err(PageError::Broken { reason }),
            Fate::NotRecorded => Err(PageError::NotRecorded { url }),
        }
    }
}
