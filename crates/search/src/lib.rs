//! Search: a query in, ranked hits out.
//!
//! There is one trait, [`SearchBackend`]. An index on disk, an engine on the web and every wrapper around another
//! backend implement it, so what searches never knows which it has. Backends that hold their documents are also a
//! [`Library`](offseeker_pages::Library): they give the page that a hit leads to.
//!
//! - [`InMemory`] searches a few thousand pages; [`Scripted`] finds what a test wants it to.
//! - [`Concurrency`], [`RateLimit`], [`Retry`], [`Recorded`] and [`LeakFilter`] wrap a backend or a library and are one
//!   themselves; [`Failover`] asks the next where one cannot answer. [`SearchBackendExt`] and [`LibraryExt`] put them on
//!   with a method each, and say in which order.
//! - [`conformance`] holds what every backend must fulfil; run it on yours.

mod backend;
mod concurrency;
pub mod conformance;
mod corpus_encyclopedia;
mod encyclopedia;
#[cfg(feature = "engines")]
pub mod engines;
mod error;
mod ext;
mod failover;
mod hit;
mod in_memory;
mod leak_filter;
mod query;
mod rate_limit;
mod recorded;
mod retry;
mod scripted;
#[cfg(test)]
mod slow;

pub use backend::SearchBackend;
pub use concurrency::Concurrency;
pub use corpus_encyclopedia::CorpusEncyclopedia;
pub use encyclopedia::{Encyclopedia, Entry};
pub use error::SearchError;
pub use ext::{LibraryExt, SearchBackendExt};
pub use failover::{Failover, MemberStatus};
pub use hit::Hit;
pub use in_memory::InMemory;
pub use leak_filter::{Blocked, DenyList, DenyListError, LeakFilter};
pub use query::{Locale, Query};
pub use rate_limit::RateLimit;
pub use recorded::Recorded;
pub use retry::Retry;
pub use scripted::Scripted;
