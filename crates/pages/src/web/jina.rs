//! Has pages read by Jina Reader, a service that fetches them and gives their text.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use offseeker_remote::{Key, retry_after};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode};
use serde::Deserialize;
use tokio::time::timeout;
use url::{Host, Url};

use super::answer::failure;
use super::body::{Limits, PACKINGS, take};
use super::fetcher::client;
use super::guard::{Guard, Target};
use super::resolver::{Resolver, System, only_public};
use crate::{Library, Page, PageError, prose};

/// How pages are had from Jina Reader.
#[derive(Debug, Clone)]
pub struct JinaOptions {
    /// The service. `https://r.jina.ai`.
    pub base: String,
    /// The key for it; without one it answers less often.
    pub key: Option<Key>,
    /// How long the service may take for a page. 60 seconds.
    pub time: Duration,
    /// The most bytes of an answer, packed or unpacked. 16 MiB.
    pub largest: usize,
    /// The ports of servers whose pages may be asked for. 80, 443, 8080, 8443.
    pub ports: Vec<u16>,
    /// What finds the addresses of names; none asks the operating system.
    pub resolver: Option<Arc<dyn Resolver>>,
}

impl Default for JinaOptions {
    fn default() -> Self {
        Self {
            base: "https://r.jina.ai".to_owned(),
            key: None,
            time: Duration::from_secs(60),
            largest: 16 << 20,
            ports: vec![80, 443, 8080, 8443],
            resolver: None,
        }
    }
}

/// Jina Reader as a library: it fetches pages, runs their scripts, and gives their text.
///
/// Addresses that are not public are refused here already, as [`Web`](crate::Web) does: they tell a stranger about
/// one's own network. What a page holds and its server's `robots.txt` is the service's business.
#[derive(Debug)]
pub struct Jina {
    base: String,
    key: Option<Key>,
    time: Duration,
    limits: Limits,
    guard: Guard,
    resolver: Arc<dyn Resolver>,
    client: Client,
}

/// What the service answers.
#[derive(Deserialize)]
struct Answer {
    data: Data,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    #[serde(default)]
    title: String,
    url: Option<String>,
    content: String,
    published_time: Option<String>,
    /// What went wrong where the page was fetched.
    warning: Option<String>,
}

impl Jina {
    /// The service, asked as the options say; fails where they make no sense.
    pub fn new(options: JinaOptions) -> Result<Self, PageError> {
        let base = options.base.trim_end_matches('/').to_owned();
        if !Url::parse(&base).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
            let reason = "the service has an address with http or https".to_owned();
            return Err(PageError::InvalidUrl { url: base, reason });
        }
        let resolver = options.resolver.unwrap_or_else(|| Arc::new(System));
        let user_agent = concat!("offseeker/", env!("CARGO_PKG_VERSION"));
        Ok(Self {
            base,
            key: options.key,
            time: options.time,
            limits: Limits { largest: options.largest, cut: false },
            guard: Guard::new(&options.ports, &[])?,
            // The service is where the options say, be it on this machine.
            client: client(user_agent, Duration::from_secs(10), Arc::new(System), true)?,
            resolver,
        })
    }

    async fn ask(&self, target: &Target) -> Result<Page, PageError> {
        let url = target.url.as_str();
        self.check_name(&target.url).await?;
        let mut request = self.client.get(format!("{}/{url}", self.base));
        request = request.header(ACCEPT, "application/json").header(ACCEPT_ENCODING, PACKINGS);
        request = request.header("x-retain-images", "none");
        if let Some(key) = &self.key {
            request = request.bearer_auth(key.expose());
        }
        let response = request.send().await.map_err(|error| failure(url, error))?;
        if let Some(error) = self.refusal(url, &response) {
            return Err(error);
        }
        let body = take(url, response, self.limits).await?;
        let answer: Answer = serde_json::from_slice(&body.bytes)
            .map_err(|error| PageError::broken(format!("Jina Reader answered what is no page: {error}")))?;
        page(url, answer.data)
    }

    /// Checks that the name in an address leads to public addresses.
    async fn check_name(&self, url: &Url) -> Result<(), PageError> {
        let Some(Host::Domain(name)) = url.host() else { return Ok(()) };
        let transient = |reason: String| PageError::Transient { url: url.to_string(), reason };
        let addresses = self.resolver.resolve(name).await.map_err(|error| transient(error.to_string()))?;
        only_public(name, &addresses)
            .map_err(|forbidden| PageError::Blocked { url: url.to_string(), reason: forbidden.to_string() })
    }

    /// Why the service gives no page.
    fn refusal(&self, url: &str, response: &Response) -> Option<PageError> {
        let status = response.status();
        let (url, reason) = (url.to_owned(), format!("Jina Reader answered {status}"));
        Some(match status {
            StatusCode::OK => return None,
            StatusCode::UNAUTHORIZED | StatusCode::PAYMENT_REQUIRED => {
                PageError::broken(format!("{reason}; check the key and what is left on its account"))
            }
            StatusCode::FORBIDDEN | StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS => PageError::Blocked { url, reason },
            StatusCode::TOO_MANY_REQUESTS => {
                let header = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
                let retry_after = header.and_then(|header| retry_after(header, SystemTime::now()));
                PageError::RateLimited { url, reason, retry_after }
            }
            status if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT => {
                PageError::Transient { url, reason }
            }
            _ => PageError::Unreadable { url, reason },
        })
    }
}

fn page(asked: &str, data: Data) -> Result<Page, PageError> {
    let warning = data.warning.unwrap_or_default();
    if warning.contains("error 404") || warning.contains("error 410") {
        return Err(PageError::not_found(asked));
    }
    if data.content.trim().is_empty() {
        let reason = if warning.is_empty() { "Jina Reader found nothing in it".to_owned() } else { warning };
        return Err(PageError::Unreadable { url: asked.to_owned(), reason });
    }
    let url = data.url.filter(|url| !url.is_empty()).unwrap_or_else(|| asked.to_owned());
    let mut page = prose::markdown(&data.content, &url);
    if !data.title.is_empty() {
        page.title = data.title;
    }
    page.date = data.published_time.or(page.date);
    Ok(page)
}

#[async_trait]
impl Library for Jina {
    fn name(&self) -> &str {
        "jina"
    }

    async fn get(&self, url: &str) -> Result<Page, PageError> {
        let target = self.guard.check(url)?;
        let done = timeout(self.time, self.ask(&target)).await;
        done.unwrap_or_else(|_| Err(PageError::Timeout { url: target.url.into(), limit: self.time }))
    }
}
