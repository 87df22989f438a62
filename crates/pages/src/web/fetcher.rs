//! Goes from address to address until there is a page, through the guard at every step.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, HeaderValue, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use tokio::time::timeout;
use url::Url;

use super::WebOptions;
use super::answer::{failure, refusal};
use super::body::{Body, Limits, PACKINGS, take};
use super::guard::{Guard, Target, not_public};
use super::politeness::Turns;
use super::resolver::{Checked, Resolver, System};
use super::robots::{LARGEST, REDIRECTS, RobotsCache};
use crate::PageError;

/// What is asked for, best first.
const ACCEPTED: &str = "text/html,application/xhtml+xml,text/markdown;q=0.9,application/pdf;q=0.9,*/*;q=0.5";

/// What was fetched.
#[derive(Debug)]
pub(crate) struct Fetched {
    /// Where it was in the end.
    pub(crate) url: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) content_type: Option<String>,
}

/// Fetches what is at an address.
#[derive(Debug)]
pub(crate) struct Fetcher {
    options: WebOptions,
    guard: Guard,
    turns: Turns,
    robots: RobotsCache,
    /// Connects to public addresses alone.
    guarded: Client,
    /// Connects to hosts that were allowed by name, wherever they are.
    trusting: Client,
}

impl Fetcher {
    pub(crate) fn new(options: WebOptions) -> Result<Self, PageError> {
        let resolver = options.resolver.clone().unwrap_or_else(|| Arc::new(System));
        Ok(Self {
            guard: Guard::new(&options.ports, &options.allow)?,
            turns: Turns::new(options.politeness.clone()),
            robots: RobotsCache::new(&options.user_agent),
            guarded: client(&options.user_agent, options.connect_time, resolver.clone(), false)?,
            trusting: client(&options.user_agent, options.connect_time, resolver, true)?,
            options,
        })
    }

    /// Fetches what is at an address, or where it leads.
    pub(crate) async fn fetch(&self, url: &str) -> Result<Fetched, PageError> {
        let limits = Limits { largest: self.options.largest, cut: false };
        let errand = Errand { limits, redirects: self.options.redirects, for_rules: false };
        let mut time = Time { left: self.options.time, limit: self.options.time };
        self.follow(url, errand, &mut time).await
    }

    async fn follow(&self, url: &str, errand: Errand, time: &mut Time) -> Result<Fetched, PageError> {
        let mut target = self.guard.check(url)?;
        for _ in 0..=errand.redirects {
            let asks = self.options.obey_robots && !errand.for_rules;
            let delay = if asks { Box::pin(self.ask_robots(&target.url, time)).await? } else { None };
            match self.hop(&target, delay, errand.limits, time).await? {
                Hop::Page(Body { bytes, content_type }) => {
                    return Ok(Fetched { url: target.url.into(), bytes, content_type });
                }
                Hop::Redirect(next) => target = self.guard.check(&next)?,
                // Whoever may not have the rules, or finds none, has none to keep to: so says RFC 9309.
                Hop::Refused(status, error)
                    if errand.for_rules
                        && status.is_client_error()
                        && !matches!(error, PageError::RateLimited { .. }) =>
                {
                    return Err(PageError::not_found(url));
                }
                Hop::Refused(_, error) => return Err(error),
            }
        }
        let reason = format!("it was redirected more than {} times", errand.redirects);
        Err(PageError::Unreadable { url: url.to_owned(), reason })
    }

    /// Checks that a server lets a page be asked for, and gives the delay that it asks for.
    async fn ask_robots(&self, url: &Url, time: &mut Time) -> Result<Option<Duration>, PageError> {
        let limits = Limits { largest: LARGEST, cut: true };
        let errand = Errand { limits, redirects: REDIRECTS, for_rules: true };
        let fetch = async |rules: Url| Ok(self.follow(rules.as_str(), errand, time).await?.bytes);
        self.robots.check(url, fetch).await
    }

    /// Asks one server for one thing.
    async fn hop(
        &self,
        target: &Target,
        delay: Option<Duration>,
        limits: Limits,
        time: &mut Time,
    ) -> Result<Hop, PageError> {
        let url = &target.url;
        let server = format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(0));
        let _turn = self.turns.turn(&server, delay).await;
        let client = if target.trusted { &self.trusting } else { &self.guarded };
        let exchange = async {
            let request = client.get(url.clone()).header(ACCEPT, ACCEPTED).header(ACCEPT_ENCODING, PACKINGS);
            let response = request.send().await.map_err(|error| failure(url.as_str(), error))?;
            check_connection(target, &response)?;
            if response.status().is_redirection()
                && let Some(next) = response.headers().get(LOCATION)
            {
                return redirected(url, next).map(Hop::Redirect);
            }
            match refusal(url.as_str(), response.status(), response.headers()) {
                Some(error) => Ok(Hop::Refused(response.status(), error)),
                None => take(url.as_str(), response, limits).await.map(Hop::Page),
            }
        };
        time.spend(url.as_str(), exchange).await
    }
}

/// What a way through the web is for.
#[derive(Debug, Clone, Copy)]
struct Errand {
    limits: Limits,
    redirects: usize,
    /// Whether it is for a `robots.txt`, for which no other is asked.
    for_rules: bool,
}

/// What one server answered.
enum Hop {
    Page(Body),
    Redirect(String),
    Refused(StatusCode, PageError),
}

/// Where a redirect leads.
fn redirected(url: &Url, next: &HeaderValue) -> Result<String, PageError> {
    let text = String::from_utf8_lossy(next.as_bytes());
    let joined = url.join(&text).map_err(|error| PageError::Unreadable {
        url: url.to_string(),
        reason: format!("it redirects to what is no address: {error}"),
    });
    joined.map(String::from)
}

/// Checks once more where the answer came from: no answer from an address that is not public is ever looked at.
fn check_connection(target: &Target, response: &Response) -> Result<(), PageError> {
    let reason = response.remote_addr().filter(|_| !target.trusted).and_then(|address| not_public(address.ip()));
    reason.map_or(Ok(()), |reason| Err(PageError::Blocked { url: target.url.to_string(), reason }))
}

/// A client that follows nothing, tells nothing of who asks, and unpacks nothing by itself.
pub(super) fn client(
    user_agent: &str,
    connect_time: Duration,
    resolver: Arc<dyn Resolver>,
    trusting: bool,
) -> Result<Client, PageError> {
    Client::builder()
        .user_agent(user_agent)
        .redirect(Policy::none())
        .referer(false)
        // A proxy would find the addresses of names by itself.
        .no_proxy()
        .no_gzip()
        .no_brotli()
        .no_deflate()
        .no_zstd()
        .connect_timeout(connect_time)
        .dns_resolver(Checked { resolver, trusting })
        .build()
        .map_err(|error| PageError::broken(format!("no client for the web can be made: {error}")))
}

/// How long servers may still take.
#[derive(Debug)]
struct Time {
    left: Duration,
    limit: Duration,
}

impl Time {
    async fn spend<T>(&mut self, url: &str, work: impl Future<Output = Result<T, PageError>>) -> Result<T, PageError> {
        let begun = Instant::now();
        let done = timeout(self.left, work).await;
        self.left = self.left.saturating_sub(begun.elapsed());
        done.unwrap_or_else(|_| Err(PageError::Timeout { url: url.to_owned(), limit: self.limit }))
    }
}
