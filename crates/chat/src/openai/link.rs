//! The way to a server and back: one request, one reply, within limits of time and size.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, RequestBuilder, Response, Url};
use sse_stream::SseStream;
use tokio::time::timeout;

use super::chunk::Chunk;
use super::draft::Draft;
use super::server::ModelList;
use super::{Options, Server, failure};
use crate::{ChatError, Key};

/// How much of a response that is no success is read.
const MOST_OF_A_FAILURE: usize = 64 << 10;

/// The way to a server and back.
#[derive(Clone)]
pub(crate) struct Link {
    http: Client,
    base: Url,
    key: Option<Key>,
    options: Options,
}

impl Link {
    pub(crate) fn new(base: &str, key: Option<Key>, options: Options) -> Result<Self, ChatError> {
        let base = base_url(base)?;
        let http = Client::builder()
            .connect_timeout(options.timeouts.connect)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("offseeker/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers(&options)?)
            .build()
            .map_err(|error| ChatError::broken(format!("no HTTP client can be made: {}", chain(&error))))?;
        Ok(Self { http, base, key, options })
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) fn set_server(&mut self, server: Server) {
        self.options.server = server;
    }

    /// Where requests go, without anything secret.
    pub(crate) fn place(&self) -> String {
        format!("{}{}", self.base.origin().ascii_serialization(), self.base.path())
    }

    /// Sends a request and puts the reply together, streamed or whole as the server likes.
    pub(crate) async fn exchange(&self, path: &[&str], body: Vec<u8>, streamed: bool) -> Result<Draft, ChatError> {
        let total = self.options.timeouts.total;
        let first = if streamed { self.options.timeouts.first } else { total };
        let exchange = async {
            let request = self.http.post(self.url(path)).header(CONTENT_TYPE, "application/json").body(body);
            let response = self.send(request, first).await?;
            match content_type(&response) {
                "text/event-stream" => self.read_stream(response).await,
                "application/json" => self.read_whole(response).await,
                other => Err(self.not_ours(other.to_owned(), response).await),
            }
        };
        timeout(total, exchange).await.unwrap_or_else(|_| Err(self.too_slow("no complete reply", total)))
    }

    /// Asks what models there are.
    pub(crate) async fn models(&self) -> Result<ModelList, ChatError> {
        let response = self.send(self.http.get(self.url(&["models"])), self.options.timeouts.first).await?;
        let body = self.read_body(response).await?;
        serde_json::from_slice(&body)
            .map_err(|error| ChatError::broken(format!("{} lists its models in no known form: {error}", self.place())))
    }

    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    async fn send(&self, request: RequestBuilder, first: Duration) -> Result<Response, ChatError> {
        let request = match &self.key {
            Some(key) => request.header(AUTHORIZATION, bearer(key)?),
            None => request,
        };
        let response = match timeout(first, request.send()).await {
            Err(_) => return Err(self.too_slow("no beginning of a reply", first)),
            Ok(Err(error)) => return Err(self.unsent(error)),
            Ok(Ok(response)) => response,
        };
        if response.status().is_success() { Ok(response) } else { Err(self.failed(response).await) }
    }

    async fn read_stream(&self, response: Response) -> Result<Draft, ChatError> {
        let mut events = Box::pin(SseStream::from_bytes_stream(self.pieces(response)));
        let mut draft = Draft::default();
        while let Some(event) = events.next().await {
            let event = match event {
                Ok(event) => event,
                // The server hung up without the usual last words, but it had said all.
                Err(_) if draft.is_finished() => break,
                Err(error) => return Err(self.unread(error)),
            };
            match event.data.as_deref() {
                // llama.cpp sends a null now and then.
                None | Some("" | "null") => {}
                Some("[DONE]") => return Ok(draft),
                Some(data) => self.add(&mut draft, data.as_bytes())?,
            }
        }
        if draft.is_finished() {
            Ok(draft)
        } else {
            Err(ChatError::transient(format!("{} cut the reply off in the middle", self.place())))
        }
    }

    async fn read_whole(&self, response: Response) -> Result<Draft, ChatError> {
        let body = self.read_body(response).await?;
        let mut draft = Draft::default();
        self.add(&mut draft, &body)?;
        Ok(draft)
    }

    fn add(&self, draft: &mut Draft, data: &[u8]) -> Result<(), ChatError> {
        let chunk: Chunk = serde_json::from_slice(data).map_err(|error| {
            let text = self.clean(&String::from_utf8_lossy(data));
            ChatError::broken(format!("{} sent what is no reply ({error}): {}", self.place(), failure::quote(&text)))
        })?;
        if let Some(error) = chunk.error.as_ref().filter(|error| !error.is_null()) {
            return Err(failure::from_object(error, |text| self.clean(text)));
        }
        draft.add(chunk)
    }

    async fn read_body(&self, response: Response) -> Result<Vec<u8>, ChatError> {
        let mut pieces = Box::pin(self.pieces(response));
        let mut body = Vec::new();
        while let Some(piece) = pieces.next().await {
            body.extend_from_slice(&piece.map_err(|error| self.lost(&error))?);
        }
        Ok(body)
    }

    /// The bytes of a response as they come, none later than the idle time and none beyond the greatest size.
    fn pieces(&self, response: Response) -> impl Stream<Item = Result<Bytes, Lost>> + use<> {
        let (idle, most) = (self.options.timeouts.idle, self.options.max_response_bytes);
        futures::stream::unfold(Some((response, 0_usize)), move |state| async move {
            let (mut response, read) = state?;
            match timeout(idle, response.chunk()).await {
                Err(_) => Some((Err(Lost::Stalled(idle)), None)),
                Ok(Err(error)) => Some((Err(Lost::Cut(chain(&error.without_url()))), None)),
                Ok(Ok(None)) => None,
                Ok(Ok(Some(piece))) if read + piece.len() > most => Some((Err(Lost::TooLong(most)), None)),
                Ok(Ok(Some(piece))) => {
                    let read = read + piece.len();
                    Some((Ok(piece), Some((response, read))))
                }
            }
        })
    }

    async fn failed(&self, response: Response) -> ChatError {
        let (status, headers) = (response.status(), response.headers().clone());
        let body = self.beginning(response).await;
        failure::from_response(status, &headers, &body)
    }

    async fn not_ours(&self, kind: String, response: Response) -> ChatError {
        let body = self.beginning(response).await;
        let kind = if kind.is_empty() { "no content type" } else { &kind };
        ChatError::broken(format!(
            "{} answered with {kind} where JSON was expected: {}",
            self.place(),
            failure::quote(&body)
        ))
    }

    /// The beginning of a response that is only looked at to say what went wrong.
    async fn beginning(&self, response: Response) -> String {
        let mut pieces = Box::pin(self.pieces(response));
        let mut body = Vec::new();
        while let Some(Ok(piece)) = pieces.next().await {
            body.extend_from_slice(&piece);
            if body.len() > MOST_OF_A_FAILURE {
                body.truncate(MOST_OF_A_FAILURE);
                break;
            }
        }
        self.clean(&String::from_utf8_lossy(&body))
    }

    fn unsent(&self, error: reqwest::Error) -> ChatError {
        let (is_ours, is_connect) = (error.is_builder(), error.is_connect());
        let reason = self.clean(&chain(&error.without_url()));
        match (is_ours, is_connect) {
            (true, _) => ChatError::invalid(format!("no request to {} can be made: {reason}", self.place())),
            (_, true) => ChatError::transient(format!("{} cannot be reached: {reason}", self.place())),
            _ => ChatError::transient(format!("{} did not answer: {reason}", self.place())),
        }
    }

    fn unread(&self, error: sse_stream::Error) -> ChatError {
        match error {
            sse_stream::Error::Body(error) => match error.downcast::<Lost>() {
                Ok(lost) => self.lost(&lost),
                Err(error) => ChatError::transient(self.clean(&error.to_string())),
            },
            other => {
                ChatError::broken(format!("{} sent a stream of events that cannot be read: {other}", self.place()))
            }
        }
    }

    fn lost(&self, lost: &Lost) -> ChatError {
        let reason = self.clean(&format!("{}: {lost}", self.place()));
        match lost {
            Lost::TooLong(_) => ChatError::broken(reason),
            Lost::Stalled(_) | Lost::Cut(_) => ChatError::transient(reason),
        }
    }

    fn too_slow(&self, what: &str, limit: Duration) -> ChatError {
        ChatError::transient(format!("{what} from {} within {:.1} s", self.place(), limit.as_secs_f64()))
    }

    /// A text from outside without the key.
    fn clean(&self, text: &str) -> String {
        self.key.as_ref().map_or_else(|| text.to_owned(), |key| key.redact(text))
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("place", &self.place())
            .field("key", &self.key)
            .field("options", &self.options)
            .finish()
    }
}

/// Why the rest of a response is not there.
#[derive(Debug, thiserror::Error)]
enum Lost {
    #[error("nothing more came for {:.1} s", .0.as_secs_f64())]
    Stalled(Duration),
    #[error("the connection was cut: {0}")]
    Cut(String),
    #[error("the response is longer than {0} bytes; raise max_response_bytes if it should be")]
    TooLong(usize),
}

fn base_url(text: &str) -> Result<Url, ChatError> {
    let wrong = |why: String| {
        ChatError::invalid(format!("the base URL is no use: {why}; it looks like http://localhost:8000/v1"))
    };
    let url = Url::parse(text.trim()).map_err(|error| wrong(error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong(format!("its scheme is {}, not http or https", url.scheme())));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("it holds a user or a password, which logs would show; give a key instead".to_owned()));
    }
    Ok(url)
}

fn bearer(key: &Key) -> Result<HeaderValue, ChatError> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", key.expose())).map_err(|_| {
        ChatError::invalid("the key has characters that a header cannot carry; check it for line breaks")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn headers(options: &Options) -> Result<HeaderMap, ChatError> {
    let mut headers = HeaderMap::new();
    for (name, value) in &options.headers {
        let wrong = || ChatError::invalid(format!("{name:?} cannot be sent as a header; check its name and its value"));
        let name = HeaderName::try_from(name).map_err(|_| wrong())?;
        headers.insert(name, HeaderValue::try_from(value).map_err(|_| wrong())?);
    }
    Ok(headers)
}

fn content_type(response: &Response) -> &str {
    let value = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}

/// What an error says, with what caused it.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
