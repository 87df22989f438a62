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
//! - `LocalIndex` (feature `index`) is a full-text index on disk; `Dense` (feature `vectors`) searches by vectors, and
//!   `Fused` puts rankings together.
//! - `engines` (feature of that name) asks engines on the web and on servers of one's own.
//! - [`Encyclopedia`] gives the entry of a name: a wiki, or [`CorpusEncyclopedia`] over any backend.
//! - [`conformance`] holds what every backend must fulfil; run it on yours.

mod backend;
mod concurrency;
pub mod conformance;
#[cfg(any(feature = "index", feature = "vectors"))]
mod corpus;
mod corpus_encyclopedia;
mod encyclopedia;
#[cfg(feature = "engines")]
pub mod engines;
mod error;
mod ext;
mod failover;
mod hit;
mod in_memory;
#[cfg(feature = "index")]
mod index;
#[cfg(any(feature = "index", feature = "vectors"))]
mod index_error;
mod leak_filter;
mod query;
mod rate_limit;
mod recorded;
mod retry;
mod scripted;
#[cfg(feature = "serve")]
pub mod serve;
#[cfg(test)]
mod slow;
#[cfg(feature = "vectors")]
mod vectors;
#[cfg(any(feature = "index", feature = "vectors"))]
mod writer_lock;

pub use backend::SearchBackend;
pub use concurrency::Concurrency;
#[cfg(any(feature = "index", feature = "vectors"))]
pub use corpus::{Corpus, CorpusError, Document, LARGEST_DOCUMENT, Progress, TextFile, text_files};
pub use corpus_encyclopedia::CorpusEncyclopedia;
pub use encyclopedia::{Encyclopedia, Entry};
pub use error::SearchError;
pub use ext::{LibraryExt, SearchBackendExt};
pub use failover::{Failover, MemberStatus};
pub use hit::Hit;
pub use in_memory::InMemory;
#[cfg(feature = "index")]
pub use index::{IndexWriter, Language, LocalIndex, Settings, WriterOptions};
#[cfg(any(feature = "index", feature = "vectors"))]
pub use index_error::IndexError;
pub use leak_filter::{Blocked, DenyList, DenyListError, LeakFilter};
pub use query::{Locale, Query};
pub use rate_limit::RateLimit;
pub use recorded::Recorded;
pub use retry::Retry;
pub use scripted::Scripted;
#[cfg(feature = "bert")]
pub use vectors::{Bert, BertOptions};
#[cfg(feature = "vectors")]
pub use vectors::{Dense, Embedder, Fused, HashedWords, Near, Passage, Purpose, VectorIndex, VectorWriter, passages};
#[cfg(all(feature = "vectors", feature = "engines"))]
pub use vectors::{Embeddings, EmbeddingsOptions};
