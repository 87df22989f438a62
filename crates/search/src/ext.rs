//! Comfort for every backend and every library: wrappers by a method each.

use std::path::PathBuf;
use std::sync::Arc;

use offseeker_pages::Library;
use offseeker_remote::{Mode, RetryPolicy, Throttle};

use crate::{Concurrency, DenyList, Failover, LeakFilter, RateLimit, Recorded, Retry, SearchBackend};

/// Comfort for every [`SearchBackend`].
///
/// # The order of wrappers
///
/// The method called last is outermost. This order is right, read from the backend outwards:
///
/// 1. [`rate_limited`](Self::rate_limited), so that a query leaves at the moment for which its rate was taken.
/// 2. [`at_most`](Self::at_most): a place is held while a query is under way, not while it waits to be tried again.
/// 3. [`backed_by`](Self::backed_by): limits belong to each member, and the next member is quicker than another try.
/// 4. [`retrying`](Self::retrying): each try takes its own place and its own part of the rate.
/// 5. [`cached`](Self::cached) or [`recorded`](Self::recorded): what is known costs nothing and waits for nobody, and
///    only what is left after all tries is kept.
/// 6. [`without_leaks`](Self::without_leaks): what is kept away depends on the question, what is kept must not.
///
/// ```
/// # use std::sync::Arc;
/// use offseeker_remote::{Pace, RetryPolicy};
/// use offseeker_search::{DenyList, Hit, Query, Scripted, SearchBackend, SearchBackendExt};
/// use offseeker_trajectory::Question;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let question = Question::new("Which river drives the Karlin mill?", ["the Orsa"]);
/// let other = Scripted::by(|_| Ok(Vec::new())).at_most(8);
/// let engine = Scripted::finding([vec![Hit::new("https://karlin.example/mill", "Karlin mill", "on the Orsa")]])
///     .rate_limited(Pace::per_second(5.try_into()?))
///     .at_most(8)
///     .backed_by([Arc::new(other) as Arc<dyn SearchBackend>])
///     .retrying(RetryPolicy::default())
///     .cached(folder)
///     .without_leaks(DenyList::default())
///     .guarding(&question);
///
/// for _ in 0..2 {
///     assert_eq!(engine.search(&Query::new("Karlin mill")).await?.len(), 1);
/// }
/// # Ok(())
/// # }
/// ```
pub trait SearchBackendExt: SearchBackend {
    /// Lets only so many queries be under way at once.
    fn at_most(self, queries: usize) -> Concurrency<Self>
    where
        Self: Sized,
    {
        Concurrency::new(self, queries)
    }

    /// Keeps to a [`Pace`](offseeker_remote::Pace), or to a [`Throttle`] that is shared with others.
    fn rate_limited(self, throttle: impl Into<Throttle>) -> RateLimit<Self>
    where
        Self: Sized,
    {
        RateLimit::new(self, throttle)
    }

    /// Asks again when it failed in a way that passes.
    fn retrying(self, policy: RetryPolicy) -> Retry<Self>
    where
        Self: Sized,
    {
        Retry::new(self, policy)
    }

    /// Asks others, in their order, where it cannot answer.
    fn backed_by(self, others: impl IntoIterator<Item = Arc<dyn SearchBackend>>) -> Failover<Arc<dyn SearchBackend>>
    where
        Self: Sized + 'static,
    {
        let first: Arc<dyn SearchBackend> = Arc::new(self);
        Failover::of_backends(std::iter::once(first).chain(others))
    }

    /// Keeps what it finds in a folder, and gives it again [for seven days](Recorded::FRESH_FOR).
    fn cached(self, folder: impl Into<PathBuf>) -> Recorded<Self>
    where
        Self: Sized,
    {
        Recorded::cache(self, folder, Recorded::<Self>::FRESH_FOR)
    }

    /// Keeps what it finds in a folder, and gives it again as the mode says.
    fn recorded(self, folder: impl Into<PathBuf>, mode: Mode) -> Recorded<Self>
    where
        Self: Sized,
    {
        Recorded::new(self, folder, mode)
    }

    /// Keeps away what gives answers away; [`guarding`](LeakFilter::guarding) adds a question.
    fn without_leaks(self, list: impl Into<Arc<DenyList>>) -> LeakFilter<Self>
    where
        Self: Sized,
    {
        LeakFilter::new(self, list)
    }
}

impl<B: SearchBackend + ?Sized> SearchBackendExt for B {}

/// Comfort for every [`Library`]: the same wrappers, in [the same order](SearchBackendExt#the-order-of-wrappers).
///
/// What is a backend and a library stays both in a wrapper, so for that import only one of the two traits; they have
/// the same methods.
pub trait LibraryExt: Library {
    /// Lets only so many pages be asked for at once.
    fn at_most(self, pages: usize) -> Concurrency<Self>
    where
        Self: Sized,
    {
        Concurrency::new(self, pages)
    }

    /// Keeps to a [`Pace`](offseeker_remote::Pace), or to a [`Throttle`] that is shared with others.
    fn rate_limited(self, throttle: impl Into<Throttle>) -> RateLimit<Self>
    where
        Self: Sized,
    {
        RateLimit::new(self, throttle)
    }

    /// Asks again when it failed in a way that passes.
    fn retrying(self, policy: RetryPolicy) -> Retry<Self>
    where
        Self: Sized,
    {
        Retry::new(self, policy)
    }

    /// Asks others, in their order, where it cannot answer. A page that is not there is an answer.
    fn backed_by(self, others: impl IntoIterator<Item = Arc<dyn Library>>) -> Failover<Arc<dyn Library>>
    where
        Self: Sized + 'static,
    {
        let first: Arc<dyn Library> = Arc::new(self);
        Failover::of_libraries(std::iter::once(first).chain(others))
    }

    /// Keeps pages in a folder, and gives them again [for seven days](Recorded::FRESH_FOR).
    fn cached(self, folder: impl Into<PathBuf>) -> Recorded<Self>
    where
        Self: Sized,
    {
        Recorded::cache(self, folder, Recorded::<Self>::FRESH_FOR)
    }

    /// Keeps pages in a folder, and gives them again as the mode says.
    fn recorded(self, folder: impl Into<PathBuf>, mode: Mode) -> Recorded<Self>
    where
        Self: Sized,
    {
        Recorded::new(self, folder, mode)
    }

    /// Keeps away what gives answers away; [`guarding`](LeakFilter::guarding) adds a question.
    fn without_leaks(self, list: impl Into<Arc<DenyList>>) -> LeakFilter<Self>
    where
        Self: Sized,
    {
        LeakFilter::new(self, list)
    }
}

impl<L: Library + ?Sized> LibraryExt for L {}

#[cfg(test)]
mod tests;
