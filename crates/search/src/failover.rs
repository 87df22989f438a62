//! Asks the next where one cannot answer.

mod status;

#[cfg(test)]
mod tests;

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use offseeker_pages::{Library, Page, PageError};
use offseeker_remote::{Failure, Health, HealthState, Sign};
use tokio::time::Instant;

pub use status::MemberStatus;

use crate::{Hit, Query, SearchBackend, SearchError};

/// Asks the first of several in their order; the next where one cannot answer.
///
/// No hit at all, a query that is wrong and a page that is not there are answers. The next is asked after any failure
/// that lies with the member: something that passes, a rate limit, a key that is not accepted, an answer that makes no
/// sense, a missing recording.
///
/// After [five](Health::FAILURES) failures in a row a member rests for [30 seconds](Health::REST). Then it gets one
/// request that decides. A rate limit is no failure in this sense, but for as long as it lasts the member is asked only
/// when there is no other. [`status`](Self::status) shows all this, and an event says who answered.
///
/// The members have one type, which may be `Arc<dyn SearchBackend>` or `Arc<dyn Library>`.
///
/// ```
/// use std::sync::Arc;
///
/// use offseeker_search::{Failover, Hit, Query, Scripted, SearchBackend, SearchError};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), SearchError> {
/// let ill = Scripted::by(|_| Err(SearchError::transient("ill", "overloaded"))).named("ill");
/// let well = Scripted::by(|_| Ok(vec![Hit::new("https://karlin.example/mill", "Karlin mill", "")])).named("well");
/// let members: [Arc<dyn SearchBackend>; 2] = [Arc::new(ill), Arc::new(well)];
///
/// let chain = Failover::of_backends(members);
/// assert_eq!(chain.search(&Query::new("mill")).await?.len(), 1);
/// assert_eq!(chain.status()[0].failures, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Failover<B> {
    name: String,
    members: Vec<B>,
    books: Mutex<Vec<Book>>,
}

/// What is known of one member.
#[derive(Debug)]
struct Book {
    name: String,
    health: Health,
    requests: u64,
    answers: u64,
}

/// Failures of members.
trait OfMember: Failure {
    /// Whether a strict replay has no recording, which says nothing of the member's health.
    fn is_unrecorded(&self) -> bool;
}

impl OfMember for SearchError {
    fn is_unrecorded(&self) -> bool {
        matches!(self, Self::NotRecorded { .. })
    }
}

impl OfMember for PageError {
    fn is_unrecorded(&self) -> bool {
        matches!(self, Self::NotRecorded { .. })
    }
}

/// Why the chain has no answer.
enum Unanswered<E> {
    /// The failure of a member.
    Failed(E),
    /// Nobody could be asked.
    Nobody(String),
}

impl<B: SearchBackend> Failover<B> {
    /// A chain of backends.
    pub fn of_backends(members: impl IntoIterator<Item = B>) -> Self {
        Self::of(members.into_iter().map(|member| (member.name().to_owned(), member)))
    }
}

impl<L: Library> Failover<L> {
    /// A chain of libraries.
    pub fn of_libraries(members: impl IntoIterator<Item = L>) -> Self {
        Self::of(members.into_iter().map(|member| (member.name().to_owned(), member)))
    }
}

impl<B> Failover<B> {
    fn of(members: impl Iterator<Item = (String, B)>) -> Self {
        let (books, members): (Vec<Book>, Vec<B>) = members
            .map(|(name, member)| (Book { name, health: Health::default(), requests: 0, answers: 0 }, member))
            .unzip();
        let names: Vec<&str> = books.iter().map(|book| book.name.as_str()).collect();
        Self { name: format!("failover({})", names.join(", ")), members, books: Mutex::new(books) }
    }

    /// How each member does, in their order.
    #[must_use]
    pub fn status(&self) -> Vec<MemberStatus> {
        let now = Instant::now();
        let status = |book: &Book| MemberStatus {
            name: book.name.clone(),
            requests: book.requests,
            answers: book.answers,
            failures: book.health.failures(),
            state: book.health.state(now),
        };
        self.books().iter().map(status).collect()
    }

    /// Asks one after the other, those at their rate limit last.
    async fn ask<'a, T, E, F>(&'a self, ask: impl Fn(&'a B) -> F) -> Result<T, Unanswered<E>>
    where
        E: OfMember,
        F: Future<Output = Result<T, E>>,
    {
        let mut tried = vec![false; self.members.len()];
        let mut failure: Option<E> = None;
        while let Some(mut visit) = self.pick(&tried) {
            let index = visit.index;
            tried[index] = true;
            let answer = ask(&self.members[index]).await;
            visit.sign = sign_of(&answer);
            match answer {
                Err(error) if !error.is_verdict() => {
                    let name = self.books()[index].name.clone();
                    tracing::warn!(chain = self.name, member = name, failure = error.kind(), "a member cannot answer");
                    failure = Some(soonest(failure, error));
                }
                answer => {
                    self.note_answer(index);
                    return answer.map_err(Unanswered::Failed);
                }
            }
        }
        Err(failure.map_or_else(|| Unanswered::Nobody(self.why_nobody()), Unanswered::Failed))
    }

    /// Chooses the first that was not tried yet and may be asked.
    fn pick(&self, tried: &[bool]) -> Option<Visit<'_, B>> {
        let now = Instant::now();
        let mut books = self.books();
        let states: Vec<HealthState> = books.iter().map(|book| book.health.state(now)).collect();
        let first =
            |fits: fn(HealthState) -> bool| (0..states.len()).find(|&index| !tried[index] && fits(states[index]));
        let index = first(|state| matches!(state, HealthState::Well | HealthState::Rested))
            .or_else(|| first(|state| matches!(state, HealthState::Limited { .. })))?;
        let on_trial = states[index] == HealthState::Rested;
        books[index].requests += 1;
        if on_trial {
            books[index].health.begin_trial();
        }
        Some(Visit { chain: self, index, on_trial, sign: Sign::None })
    }

    fn note_answer(&self, index: usize) {
        let mut books = self.books();
        books[index].answers += 1;
        let member = books[index].name.clone();
        drop(books);
        tracing::debug!(chain = self.name, member, "a member answers");
    }

    fn leave(&self, index: usize, on_trial: bool, sign: Sign) {
        let now = Instant::now();
        let book = &mut self.books()[index];
        let before = book.health.state(now);
        book.health.learn(sign, on_trial, now);
        let after = book.health.state(now);
        if std::mem::discriminant(&before) != std::mem::discriminant(&after) {
            tracing::info!(chain = self.name, member = book.name, state = %after, "a member changes its state");
        }
    }

    fn why_nobody(&self) -> String {
        let (all, now) = (self.members.len(), Instant::now());
        let waits = self
            .books()
            .iter()
            .filter_map(|book| match book.health.state(now) {
                HealthState::Resting { remaining } => Some(remaining),
                _ => None,
            })
            .min();
        match waits {
            Some(wait) => format!("none of {all} members is well; the next trial is in {:.1} s", wait.as_secs_f64()),
            None => format!("none of {all} members is well; a trial is under way"),
        }
    }

    fn books(&self) -> MutexGuard<'_, Vec<Book>> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One request to one member, from its choice to what came of it.
struct Visit<'a, B> {
    chain: &'a Failover<B>,
    index: usize,
    /// Whether what comes of it decides on the member's health.
    on_trial: bool,
    /// What the member has shown of its health; nothing when the request is dropped.
    sign: Sign,
}

impl<B> Drop for Visit<'_, B> {
    fn drop(&mut self) {
        self.chain.leave(self.index, self.on_trial, self.sign);
    }
}

fn sign_of<T, E: OfMember>(answer: &Result<T, E>) -> Sign {
    match answer {
        Err(error) if error.is_unrecorded() => Sign::None,
        Err(error) if !error.is_verdict() && !error.is_rate_limit() => Sign::Failure,
        answer => Sign::of(answer),
    }
}

/// Of two failures the one that says more of what to do: to come back soon, then any that passes, then the later one.
fn soonest<E: Failure>(earlier: Option<E>, later: E) -> E {
    let rank = |error: &E| (!error.is_transient(), error.retry_after().unwrap_or_default());
    match earlier {
        Some(earlier) if rank(&earlier) < rank(&later) => earlier,
        _ => later,
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<B: SearchBackend> SearchBackend for Failover<B> {
    fn name(&self) -> &str {
        &self.name
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, SearchError> {
        if self.members.is_empty() {
            return Err(SearchError::broken(&self.name, "the chain has no member"));
        }
        self.ask(|member| member.search(query)).await.map_err(|unanswered| match unanswered {
            Unanswered::Failed(error) => error,
            Unanswered::Nobody(reason) => SearchError::transient(&self.name, reason),
        })
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<L: Library> Library for Failover<L> {
    fn name(&self) -> &str {
        &self.name
    }

    async fn get(&self, url: &str) -> Result<Page, PageError> {
        if self.members.is_empty() {
            return Err(PageError::broken("the chain has no member"));
        }
        self.ask(|member| member.get(url)).await.map_err(|unanswered| match unanswered {
            Unanswered::Failed(error) => error,
            Unanswered::Nobody(reason) => PageError::Transient { url: url.to_owned(), reason },
        })
    }
}
