//! Fetches pages from the web: from public addresses alone, politely, and not more than asked for.

mod address;
mod answer;
mod body;
mod fetcher;
mod guard;
mod jina;
mod politeness;
mod resolver;
mod robots;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use self::fetcher::Fetcher;

pub use self::jina::{Jina, JinaOptions};
pub use self::politeness::Politeness;
pub use self::resolver::Resolver;
use crate::{Hints, Library, Page, PageError, Reader};

/// How pages are fetched.
#[derive(Debug, Clone)]
pub struct WebOptions {
    /// How pages are read.
    pub reader: Reader,
    /// What servers are told that asks them. The letters, `-` and `_` that it begins with are the name that rules in
    /// `robots.txt` are for. `offseeker/VERSION`.
    pub user_agent: String,
    /// The most bytes that are fetched for a page, packed or unpacked. 16 MiB.
    pub largest: usize,
    /// How long servers may take for a page, all redirects included; waiting for one's turn does not count.
    /// 60 seconds.
    pub time: Duration,
    /// How long a connection may take. Ten seconds.
    pub connect_time: Duration,
    /// How many redirects are followed. Ten.
    pub redirects: usize,
    /// The ports that are asked. 80, 443, 8080, 8443.
    pub ports: Vec<u16>,
    /// Hosts with their ports that may be asked although they are not public, as their addresses spell them:
    /// `127.0.0.1:8080`, `wiki.local:80`. None.
    pub allow: Vec<String>,
    /// Whether pages are left alone that the `robots.txt` of their server asks to leave alone. They are.
    pub obey_robots: bool,
    /// How much is asked of one server.
    pub politeness: Politeness,
    /// What finds the addresses of names; none asks the operating system.
    pub resolver: Option<Arc<dyn Resolver>>,
}

impl Default for WebOptions {
    fn default() -> Self {
        Self {
            reader: Reader::default(),
            user_agent: concat!("offseeker/", env!("CARGO_PKG_VERSION")).to_owned(),
            largest: 16 << 20,
            time: Duration::from_secs(60),
            connect_time: Duration::from_secs(10),
            redirects: 10,
            ports: vec![80, 443, 8080, 8443],
            allow: Vec::new(),
            obey_robots: true,
            politeness: Politeness::default(),
            resolver: None,
        }
    }
}

/// The web as a library: fetches pages from public addresses.
///
/// No address that is not public is ever connected to, however it is spelled, whatever leads to it: see
/// `docs/web.md`. No cookie, no referrer and no proxy is used.
///
/// ```no_run
/// use offseeker_pages::{Library, Web, WebOptions};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), offseeker_pages::PageError> {
/// let web = Web::new(WebOptions { user_agent: "karlin-bot/1.0".to_owned(), ..WebOptions::default() })?;
/// println!("{}", web.get("https://en.wikipedia.org/wiki/Watermill").await?.text);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Web {
    reader: Reader,
    fetcher: Fetcher,
}

impl Web {
    /// The web, asked as the options say; fails where they make no sense.
    pub fn new(options: WebOptions) -> Result<Self, PageError> {
        Ok(Self { reader: options.reader.clone(), fetcher: Fetcher::new(options)? })
    }
}

#[async_trait]
impl Library for Web {
    fn name(&self) -> &str {
        "web"
    }

    async fn get(&self, url: &str) -> Result<Page, PageError> {
        let fetched = self.fetcher.fetch(url).await?;
        let reader = self.reader.clone();
        // A large page keeps a thread busy for as long as a second.
        let read = tokio::task::spawn_blocking(move || {
            let hints = Hints { url: fetched.url, content_type: fetched.content_type };
            reader.read(&fetched.bytes, &hints)
        });
        read.await.map_err(|error| PageError::broken(format!("the reading of {url} ended early: {error}")))?
    }
}
