//! Engines that are asked over HTTP: on the web, or on servers of one's own.
//!
//! Each is a [`SearchBackend`](crate::SearchBackend). None of them retries, waits or keeps anything: that is what the
//! wrappers are for.

mod brave;
mod elasticsearch;
mod link;
mod mediawiki;
mod openresearcher;
#[cfg(feature = "vectors")]
mod qdrant;
mod search_r1;
mod searxng;
mod serper;
mod shortened;
mod tavily;

pub use brave::Brave;
pub use elasticsearch::{Credentials, Elasticsearch, Fields};
pub use link::Access;
#[cfg(feature = "vectors")]
pub(crate) use link::Link;
pub use mediawiki::MediaWiki;
pub use openresearcher::OpenResearcher;
#[cfg(feature = "vectors")]
pub use qdrant::Qdrant;
pub use search_r1::SearchR1;
pub use searxng::Searxng;
pub use serper::Serper;
pub use tavily::Tavily;
