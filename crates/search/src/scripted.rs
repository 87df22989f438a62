//! A backend that finds what it was told to, for tests and for examples that run offline.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use crate::{Hit, Query, SearchBackend, SearchError};

type Answer = dyn Fn(&Query) -> Result<Vec<Hit>, SearchError> + Send + Sync;

/// A backend that finds what it was told to, and remembers what it was asked.
///
/// It gives at most as many hits as the query wants.
///
/// ```
/// # use offseeker_search::{Hit, Query, Scripted, SearchBackend};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), offseeker_search::SearchError> {
/// let backend = Scripted::finding([vec![Hit::new("https://karlin.example/mill", "Karlin mill", "on the Orsa")]]);
/// assert_eq!(backend.search(&Query::new("which river?")).await?[0].title, "Karlin mill");
/// assert!(backend.search(&Query::new("once more")).await.is_err());
/// assert_eq!(backend.asked()[0].text, "which river?");
/// # Ok(())
/// # }
/// ```
pub struct Scripted {
    name: String,
    script: Script,
    asked: Mutex<Vec<Query>>,
}

enum Script {
    Lines(Mutex<VecDeque<Result<Vec<Hit>, SearchError>>>),
    Rule(Box<Answer>),
}

impl Scripted {
    /// Finds these hits one list after the other, then fails.
    pub fn finding(hits: impl IntoIterator<Item = Vec<Hit>>) -> Self {
        Self::answering(hits.into_iter().map(Ok))
    }

    /// Gives these answers one after the other, then fails.
    pub fn answering(answers: impl IntoIterator<Item = Result<Vec<Hit>, SearchError>>) -> Self {
        Self::with(Script::Lines(Mutex::new(answers.into_iter().collect())))
    }

    /// Answers each query by a rule.
    pub fn by(rule: impl Fn(&Query) -> Result<Vec<Hit>, SearchError> + Send + Sync + 'static) -> Self {
        Self::with(Script::Rule(Box::new(rule)))
    }

    fn with(script: Script) -> Self {
        Self { name: "scripted".to_owned(), script, asked: Mutex::default() }
    }

    /// Goes by another name.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// What it was asked so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Query> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl SearchBackend for Scripted {
    fn name(&self) -> &str {
        &self.name
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, SearchError> {
        let number = {
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            asked.push(query.clone());
            asked.len()
        };
        let mut hits = match &self.script {
            Script::Rule(rule) => rule(query),
            Script::Lines(lines) => lines
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop_front()
                .unwrap_or_else(|| Err(SearchError::broken(&self.name, format!("the script has no line {number}")))),
        }?;
        hits.truncate(query.limit);
        Ok(hits)
    }
}

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scripted").field("name", &self.name).finish_non_exhaustive()
    }
}
