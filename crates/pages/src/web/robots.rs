//! What servers ask robots to leave alone, in their `robots.txt`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use robotxt::{Agent, Robots};
use tokio::sync::OnceCell;
use tokio::time::Instant;
use url::Url;

use crate::PageError;

/// How many servers' rules are remembered; the oldest are forgotten when there are more.
const SERVERS: usize = 1_000;

/// How long rules are kept; no longer than RFC 9309 says.
const KEPT: Duration = Duration::from_secs(24 * 3_600);

/// How long it is remembered that a server's rules could not be had.
const FAILURE_KEPT: Duration = Duration::from_secs(60);

/// How much of the rules is read, in bytes: RFC 9309 asks for half a megabyte.
pub(crate) const LARGEST: usize = 512 * 1024;

/// How many redirects are followed to the rules; RFC 9309 asks for five.
pub(crate) const REDIRECTS: usize = 5;

/// The rules of a server, or why they cannot be had.
#[derive(Debug, Clone)]
enum Rules {
    Known(Arc<Robots>),
    Unknown(PageError),
}

#[derive(Debug)]
struct Entry {
    rules: Rules,
    until: Instant,
}

/// The rules of servers, each asked for once.
#[derive(Debug)]
pub(crate) struct RobotsCache {
    /// What rules call this program: its name without version.
    agent: String,
    /// When each server was asked first, and its rules once they are there.
    servers: Mutex<HashMap<String, (Instant, Place)>>,
}

/// Where the rules of a server will be, once it has answered.
type Place = Arc<OnceCell<Entry>>;

impl RobotsCache {
    /// A cache for a program that sends this as its user agent.
    pub(crate) fn new(user_agent: &str) -> Self {
        let named = |char: char| char.is_ascii_alphabetic() || char == '-' || char == '_';
        let end = user_agent.find(|char| !named(char)).unwrap_or(user_agent.len());
        Self { agent: user_agent[..end].to_owned(), servers: Mutex::default() }
    }

    /// Checks that a page may be asked for, and gives the delay that its server asks for between requests.
    ///
    /// `fetch` gets the rules from their address where they are not known. Where they are missing everything is
    /// allowed; where they cannot be had nothing is.
    pub(crate) async fn check<F, T>(&self, url: &Url, fetch: F) -> Result<Option<Duration>, PageError>
    where
        F: FnOnce(Url) -> T,
        T: Future<Output = Result<Vec<u8>, PageError>>,
    {
        let mut address = url.clone();
        address.set_path("/robots.txt");
        address.set_query(None);
        let cell = self.cell(address.as_str());
        let entry = cell.get_or_init(|| self.learn(fetch(address))).await;
        match &entry.rules {
            Rules::Known(robots) if robots.is_url_allowed(url) => Ok(robots.crawl_delay()),
            Rules::Known(_) => {
                let reason = format!("the robots.txt of its server asks {} to leave it alone", self.agent);
                Err(PageError::Blocked { url: url.to_string(), reason })
            }
            Rules::Unknown(error) => Err(unknown(url, error)),
        }
    }

    async fn learn(&self, fetched: impl Future<Output = Result<Vec<u8>, PageError>>) -> Entry {
        let (rules, kept) = match fetched.await {
            Ok(text) => (Rules::Known(Arc::new(rules(&text, &self.agent))), KEPT),
            // Whatever the server answers for a page that is not there: it has no rules.
            Err(PageError::NotFound { .. } | PageError::Unreadable { .. }) => {
                (Rules::Known(Arc::new(Robots::allow_all())), KEPT)
            }
            Err(error) => (Rules::Unknown(error), FAILURE_KEPT),
        };
        Entry { rules, until: Instant::now() + kept }
    }

    /// The place for the rules of a server, an empty one where there are none or only old ones.
    fn cell(&self, server: &str) -> Place {
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if let Some((_, cell)) = servers.get(server)
            && cell.get().is_none_or(|entry| entry.until > now)
        {
            return cell.clone();
        }
        if servers.len() >= SERVERS
            && let Some(oldest) = servers.iter().min_by_key(|(_, (since, _))| *since).map(|(name, _)| name.clone())
        {
            servers.remove(&oldest);
        }
        let cell = Arc::new(OnceCell::new());
        servers.insert(server.to_owned(), (now, cell.clone()));
        cell
    }
}

/// The rules in a text for a program of this name.
pub(crate) fn rules(text: &[u8], agent: &str) -> Robots {
    Robots::parse(text, Agent::Exact(agent))
}

/// Why a page may not be asked for whose server's rules cannot be had.
fn unknown(url: &Url, error: &PageError) -> PageError {
    let url = url.to_string();
    match error {
        PageError::Blocked { reason, .. } | PageError::InvalidUrl { reason, .. } => {
            PageError::Blocked { url, reason: format!("the robots.txt of its server cannot be had: {reason}") }
        }
        PageError::RateLimited { reason, retry_after, .. } => PageError::RateLimited {
            url,
            reason: format!("the robots.txt of its server cannot be had: {reason}"),
            retry_after: *retry_after,
        },
        error => PageError::Transient { url, reason: format!("the robots.txt of its server cannot be had: {error}") },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"User-agent: *\nDisallow: /private\nAllow: /private/open\nCrawl-delay: 3\n\n\
        User-agent: offseeker\nDisallow: /not-for-us\nDisallow: /*.cgi$\n";

    #[tokio::test]
    async fn rules_are_followed() {
        check("someone/1.0", "/private/a", Ok(TEXT), Some("blocked")).await;
        check("someone/1.0", "/private/open/a", Ok(TEXT), None).await;
        check("Offseeker/0.1 (+https://a.example)", "/not-for-us", Ok(TEXT), Some("blocked")).await;
        check("offseeker/0.1", "/private/a", Ok(TEXT), None).await;
        check("offseeker", "/a.cgi", Ok(TEXT), Some("blocked")).await;
        check("offseeker", "/a.cgi?b", Ok(TEXT), None).await;
        check("offseeker", "/%6Eot-for-us", Ok(TEXT), Some("blocked")).await;
        check("offseeker", "/a", Ok(b"\xff\xfe <html>"), None).await;
        let url = || "r".to_owned();
        check("offseeker", "/a", Err(PageError::not_found("r")), None).await;
        check("offseeker", "/a", Err(PageError::Unreadable { url: url(), reason: url() }), None).await;
        check("offseeker", "/a", Err(PageError::Transient { url: url(), reason: url() }), Some("transient")).await;
        check("offseeker", "/a", Err(PageError::Timeout { url: url(), limit: KEPT }), Some("transient")).await;
        check("offseeker", "/a", Err(PageError::Blocked { url: url(), reason: url() }), Some("blocked")).await;
        let later = PageError::RateLimited { url: url(), reason: url(), retry_after: None };
        check("offseeker", "/a", Err(later), Some("rate_limited")).await;
    }

    #[tokio::test]
    async fn a_delay_is_handed_on() {
        let url = Url::parse("https://karlin.example/a").unwrap();
        let delay = RobotsCache::new("someone").check(&url, async |_| Ok(TEXT.to_vec())).await;
        assert_eq!(delay, Ok(Some(Duration::from_secs(3))));
    }

    #[tokio::test(start_paused = true)]
    async fn rules_are_asked_for_once_until_they_are_old() {
        let (cache, mut asked) = (RobotsCache::new("offseeker"), Vec::new());
        for (url, wait) in [
            ("https://a.example/1", 0),
            ("https://a.example/2?q", 0),
            ("http://a.example/1", 0),
            ("https://a.example:8443/1", 0),
            ("https://a.example/1", 24 * 3_600 - 10),
            ("https://a.example/1", 20),
        ] {
            tokio::time::advance(Duration::from_secs(wait)).await;
            let fetch = async |url: Url| {
                asked.push(url.to_string());
                Ok(Vec::new())
            };
            cache.check(&Url::parse(url).unwrap(), fetch).await.unwrap();
        }
        let expected = ["https://a.example/", "http://a.example/", "https://a.example:8443/", "https://a.example/"];
        assert_eq!(asked, expected.map(|server| format!("{server}robots.txt")));
    }

    async fn check(user_agent: &str, path: &str, rules: Result<&[u8], PageError>, expected: Option<&str>) {
        let url = Url::parse("https://karlin.example").unwrap().join(path).unwrap();
        let fetch = async |address: Url| {
            assert_eq!(address.as_str(), "https://karlin.example/robots.txt");
            rules.map(<[u8]>::to_vec)
        };
        let found = RobotsCache::new(user_agent).check(&url, fetch).await;
        assert_eq!(found.err().map(|error| error.kind()), expected, "{user_agent} {path}");
    }
}
