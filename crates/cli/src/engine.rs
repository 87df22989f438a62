//! The web: an engine that searches it, and a library that reads it.

use std::sync::Arc;

use clap::ValueEnum;
use offseeker_pages::{Web, WebOptions};
use offseeker_remote::Key;
use offseeker_search::SearchBackend;
use offseeker_search::engines::{Access, Brave, Searxng, Serper, Tavily};

use crate::corpus::Sources;
use crate::failure::Failure;

/// An engine of the web.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Engine {
    /// Brave's
    Brave,
    /// A SearXNG of one's own
    Searxng,
    /// Serper's, of Google
    Serper,
    /// Tavily's
    Tavily,
}

impl Engine {
    /// What searches and what reads.
    pub(crate) fn open(self) -> Result<Sources, Failure> {
        let search: Arc<dyn SearchBackend> = match self {
            Self::Brave => Arc::new(Brave::new(keyed("BRAVE_API_KEY")?)?),
            Self::Serper => Arc::new(Serper::new(keyed("SERPER_API_KEY")?)?),
            Self::Tavily => Arc::new(Tavily::new(keyed("TAVILY_API_KEY")?)?),
            Self::Searxng => Arc::new(Searxng::new(Access::at(address("SEARXNG_URL")?))?),
        };
        Ok(Sources { search, library: Arc::new(Web::new(WebOptions::default())?), world: None })
    }
}

fn keyed(variable: &str) -> Result<Access, Failure> {
    let missing = || Failure::new(format!("there is no key in {variable}")).hint(format!("export {variable}=..."));
    Ok(Access::with_key(Key::from_env(variable).ok_or_else(missing)?))
}

fn address(variable: &str) -> Result<String, Failure> {
    let hint = format!("export {variable}=http://localhost:8888");
    std::env::var(variable).map_err(|_| Failure::new(format!("there is no address in {variable}")).hint(hint))
}
