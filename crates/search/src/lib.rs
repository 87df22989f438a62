//! Search: a query in, ranked hits out.
//!
//! There is one trait, [`SearchBackend`]. An index on disk, an engine on the web and every wrapper around another
//! backend implement it, so what searches never knows which it has. Backends that hold their documents are also a
//! [`Library`](offseeker_pages::Library): they give the page that a hit leads to.

mod backend;
mod corpus_encyclopedia;
mod encyclopedia;
mod error;
mod hit;
mod in_memory;
mod query;

pub use backend::SearchBackend;
pub use corpus_encyclopedia::CorpusEncyclopedia;
pub use encyclopedia::{Encyclopedia, Entry};
pub use error::SearchError;
pub use hit::Hit;
pub use in_memory::InMemory;
pub use query::{Locale, Query};
