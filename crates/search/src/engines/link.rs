//! The way to an engine and back: one request, one JSON value, within limits of time and size.

use std::error::Error;
use std::time::{Duration, SystemTime};

use futures::StreamExt;
use offseeker_remote::{Key, retry_after};
use reqwest::header::{HeaderValue, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::SearchError;

/// The largest response that is read.
const LARGEST: usize = 8 << 20;

/// How much of what a server says about a failure is told.
const MOST_OF_A_FAILURE: usize = 500;

/// How an engine is reached.
#[derive(Debug, Clone)]
pub struct Access {
    /// Where it is, such as `http://localhost:8888`; none for the public address of a service.
    pub base_url: Option<String>,
    /// The key to it.
    pub key: Option<Key>,
    /// How long it may take to connect.
    pub connect: Duration,
    /// How long a request may take as a whole.
    pub total: Duration,
}

impl Default for Access {
    /// The public address, without a key; 10 s to connect, 30 s as a whole.
    fn default() -> Self {
        Self { base_url: None, key: None, connect: Duration::from_secs(10), total: Duration::from_secs(30) }
    }
}

impl Access {
    /// The public address of a service, with a key.
    #[must_use]
    pub fn with_key(key: Key) -> Self {
        Self { key: Some(key), ..Self::default() }
    }

    /// A server of one's own.
    pub fn at(base_url: impl Into<String>) -> Self {
        Self { base_url: Some(base_url.into()), ..Self::default() }
    }
}

/// The way to an engine and back.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    backend: &'static str,
    http: Client,
    base: Url,
    key: Option<Key>,
    total: Duration,
}

impl Link {
    /// A way to `backend`, which is at `public` where the access does not say otherwise.
    pub(crate) fn new(backend: &'static str, public: Option<&str>, access: Access) -> Result<Self, SearchError> {
        let base =
            access.base_url.as_deref().or(public).ok_or_else(|| {
                SearchError::broken(backend, "it has no public address; say where it is with Access::at")
            })?;
        let base = base_url(base).map_err(|reason| SearchError::broken(backend, reason))?;
        let http = Client::builder()
            .connect_timeout(access.connect)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("offseeker/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| SearchError::broken(backend, format!("no HTTP client can be made: {}", chain(&error))))?;
        Ok(Self { backend, http, base, key: access.key, total: access.total })
    }

    /// A request to a path below the base.
    pub(crate) fn post(&self, path: &[&str]) -> RequestBuilder {
        self.http.post(self.url(path))
    }

    /// A request to a path below the base.
    pub(crate) fn get(&self, path: &[&str]) -> RequestBuilder {
        self.http.get(self.url(path))
    }

    /// Where the server is, without anything secret; for names.
    pub(crate) fn place(&self) -> String {
        format!("{}{}", self.base.origin().ascii_serialization(), self.base.path().trim_end_matches('/'))
    }

    /// Whether there is a key.
    #[cfg(feature = "vectors")]
    pub(crate) fn has_key(&self) -> bool {
        self.key.is_some()
    }

    /// The key as the value of a header, after a prefix.
    pub(crate) fn secret(&self, prefix: &str) -> Result<HeaderValue, SearchError> {
        let key = self.key.as_ref().ok_or_else(|| self.no_key())?;
        let mut value = HeaderValue::from_str(&format!("{prefix}{}", key.expose()))
            .map_err(|_| self.broken("the key has characters that a header cannot carry; check it for line breaks"))?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// The key as the password of a name.
    pub(crate) fn password(&self) -> Result<&str, SearchError> {
        self.key.as_ref().map(Key::expose).ok_or_else(|| self.no_key())
    }

    fn no_key(&self) -> SearchError {
        SearchError::Unauthorized { backend: self.backend.to_owned(), reason: "there is none".to_owned() }
    }

    /// Sends a request and reads the value that comes back.
    pub(crate) async fn exchange<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, SearchError> {
        let (status, wait, body) = self.send(request).await?;
        if status.is_success() { self.read(&body) } else { Err(self.failed(status, wait, &body)) }
    }

    /// Sends a request and reads the value that comes back; none where the server has nothing under what was asked.
    pub(crate) async fn find<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<Option<T>, SearchError> {
        let (status, wait, body) = self.send(request).await?;
        match status {
            StatusCode::NOT_FOUND => Ok(None),
            status if status.is_success() => self.read(&body).map(Some),
            status => Err(self.failed(status, wait, &body)),
        }
    }

    async fn send(&self, request: RequestBuilder) -> Result<(StatusCode, Option<Duration>, Vec<u8>), SearchError> {
        let exchange = async {
            let response = request.send().await.map_err(|error| self.unsent(error))?;
            let (status, wait) = (response.status(), waiting(&response));
            Ok((status, wait, self.body(response).await?))
        };
        timeout(self.total, exchange).await.unwrap_or_else(|_| {
            Err(SearchError::transient(self.backend, format!("there was no answer within {:?}", self.total)))
        })
    }

    fn read<T: DeserializeOwned>(&self, body: &[u8]) -> Result<T, SearchError> {
        serde_json::from_slice(body).map_err(|error| {
            self.broken(format!("what came back is not in the format that is known: {error}; {}", self.told(body)))
        })
    }

    pub(crate) fn broken(&self, reason: impl Into<String>) -> SearchError {
        SearchError::broken(self.backend, reason)
    }

    async fn body(&self, response: Response) -> Result<Vec<u8>, SearchError> {
        let mut body = Vec::new();
        let mut pieces = response.bytes_stream();
        while let Some(piece) = pieces.next().await {
            body.extend_from_slice(&piece.map_err(|error| self.unsent(error))?);
            if body.len() > LARGEST {
                return Err(self.broken(format!("the response is longer than {LARGEST} bytes; ask for fewer hits")));
            }
        }
        Ok(body)
    }

    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    fn unsent(&self, error: reqwest::Error) -> SearchError {
        let reason = chain(&error.without_url());
        SearchError::transient(self.backend, self.clean(&reason))
    }

    fn failed(&self, status: StatusCode, wait: Option<Duration>, body: &[u8]) -> SearchError {
        let backend = self.backend.to_owned();
        let reason = format!("{status}: {}", self.told(body));
        match status.as_u16() {
            // The last two are what Tavily says when nothing is left of a plan.
            401..=403 | 432 | 433 => SearchError::Unauthorized { backend, reason },
            429 => SearchError::RateLimited { backend, reason, retry_after: wait },
            408 | 425 | 500..=599 => SearchError::Transient { backend, reason },
            _ => SearchError::Broken { backend, reason },
        }
    }

    /// The beginning of what a server said, on one line and without the key.
    fn told(&self, body: &[u8]) -> String {
        let text = String::from_utf8_lossy(body);
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.clean(&line).chars().take(MOST_OF_A_FAILURE).collect()
    }

    fn clean(&self, text: &str) -> String {
        self.key.as_ref().map_or_else(|| text.to_owned(), |key| key.redact(text))
    }
}

fn base_url(base: &str) -> Result<Url, String> {
    let url = Url::parse(base).map_err(|error| format!("{base:?} is no address of a server: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(format!("{base:?} is no address of a server; it has to begin with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the address of a server must not hold a password; give it as a key".to_owned());
    }
    Ok(url)
}

fn waiting(response: &Response) -> Option<Duration> {
    retry_after(response.headers().get(RETRY_AFTER)?.to_str().ok()?, SystemTime::now())
}

/// An error with all its causes, on one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
