//! Search: a query in, ranked hits out.
//!
//! There is one trait, [`SearchBackend`]. An index on disk, an engine on the web and every wrapper around another
//! backend implement it, so what searches never knows which it has. Backends that hold their documents are also a
//! [`Library`](offseeker_pages::Library): they give the page that a hit leads to.

mod backend;
#[cfg(any(feature = "index", feature = "vectors"))]
mod corpus;
mod corpus_encyclopedia;
mod encyclopedia;
mod error;
mod hit;
mod in_memory;
#[cfg(feature = "index")]
mod index;
#[cfg(any(feature = "index", feature = "vectors"))]
mod index_error;
mod query;
#[cfg(feature = "vectors")]
mod vectors;
#[cfg(any(feature = "index", feature = "vectors"))]
mod writer_lock;

pub use backend::SearchBackend;
#[cfg(any(feature = "index", feature = "vectors"))]
pub use corpus::{Corpus, CorpusError, Document, LARGEST_DOCUMENT, Progress, TextFile, text_files};
pub use corpus_encyclopedia::CorpusEncyclopedia;
pub use encyclopedia::{Encyclopedia, Entry};
pub use error::SearchError;
pub use hit::Hit;
pub use in_memory::InMemory;
#[cfg(feature = "index")]
pub use index::{IndexWriter, Language, LocalIndex, Settings, WriterOptions};
#[cfg(any(feature = "index", feature = "vectors"))]
pub use index_error::IndexError;
pub use query::{Locale, Query};
#[cfg(feature = "vectors")]
pub use vectors::{Dense, Embedder, Fused, HashedWords, Near, Passage, Purpose, VectorIndex, VectorWriter, passages};
