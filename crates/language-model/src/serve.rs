//! Serves a model over HTTP in the protocol of OpenAI, with the additions of vLLM that training data needs.
//!
//! | path | what it does |
//! | --- | --- |
//! | `POST /v1/chat/completions` | continues a conversation, with tools, whole or as a stream of events |
//! | `POST /v1/completions` | continues a prompt of text or tokens; of a [`LocalModel`] only |
//! | `GET /v1/models` | names the model |
//! | `POST /tokenize` | the tokens of a prompt or of a conversation; of a [`LocalModel`] only |
//! | `GET /health` | says that the server is there, and what the model is doing |
//!
//! What cannot be answered is `{"error": {"message", "type", "param", "code"}}` with a status that says whether to ask
//! again.

mod answer;
mod asked;
mod body;
mod chat;
mod completions;
mod failure;
mod message;
mod split;
mod streamed;
mod tokenize;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Method, Uri};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use offseeker_chat::ChatModel;
use offseeker_chat::dialect::Dialect;
use offseeker_remote::Key;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::LocalModel;
use failure::Failure;

/// The largest request that is read where nobody says otherwise: 16 MiB.
const LARGEST: usize = 16 << 20;

/// A model, to be served over HTTP.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use std::path::Path;
/// use std::sync::Arc;
///
/// use offseeker_language_model::serve::Server;
/// use offseeker_language_model::{LocalModel, LocalOptions};
///
/// let model = LocalModel::load(Path::new("Qwen3-0.6B"), LocalOptions::default())?;
/// let server = Server::local(Arc::new(model)).bind("127.0.0.1:8000").await?;
/// println!("http://{}/v1", server.address());
/// server.run(async { drop(tokio::signal::ctrl_c().await) }).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Server {
    model: Served,
    key: Option<Key>,
    largest: usize,
}

/// What is served.
#[derive(Clone, Debug)]
enum Served {
    Local(Arc<LocalModel>),
    /// Any model, and the dialect in which its text is read, if it is to be read.
    Any(Arc<dyn ChatModel>, Option<Box<Dialect>>),
}

/// A server that has its port.
#[derive(Debug)]
pub struct Bound {
    server: Server,
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Serves a model that runs here. Its text is read in the dialect of its renderer: reasoning comes apart from the
    /// rest, and so do calls where tools are offered.
    #[must_use]
    pub fn local(model: Arc<LocalModel>) -> Self {
        Self { model: Served::Local(model), key: None, largest: LARGEST }
    }

    /// Serves any model, whose messages are passed on as they are. There are no bare completions.
    #[must_use]
    pub fn any(model: Arc<dyn ChatModel>) -> Self {
        Self { model: Served::Any(model, None), key: None, largest: LARGEST }
    }

    /// Reads the text of any model in a dialect; that of a local model is read in its renderer's.
    #[must_use]
    pub fn speaking(self, dialect: Dialect) -> Self {
        let model = match self.model {
            Served::Any(model, _) => Served::Any(model, Some(Box::new(dialect))),
            local @ Served::Local(_) => local,
        };
        Self { model, ..self }
    }

    /// Answers only those who send this key, as `Authorization: Bearer KEY`. Without one, who reaches the port may ask.
    #[must_use]
    pub fn key(self, key: Key) -> Self {
        Self { key: Some(key), ..self }
    }

    /// Reads requests of at most so many bytes.
    #[must_use]
    pub fn largest_request(self, bytes: usize) -> Self {
        Self { largest: bytes, ..self }
    }

    /// Takes a port, such as `127.0.0.1:8000`; with port 0, any that is free.
    ///
    /// # Errors
    ///
    /// When the port cannot be had.
    pub async fn bind(self, address: &str) -> std::io::Result<Bound> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Bound { server: self, listener, address })
    }

    fn router(self) -> Router {
        let largest = self.largest;
        Router::new()
            .route("/v1/chat/completions", post(chat::chat))
            .route("/v1/completions", post(completions::completions))
            .route("/v1/models", get(models))
            .route("/tokenize", post(tokenize::tokenize))
            .layer(middleware::from_fn_with_state(self.clone(), with_key))
            .route("/health", get(health))
            .fallback(nowhere)
            .method_not_allowed_fallback(nowhere)
            .layer(DefaultBodyLimit::max(largest))
            .with_state(self)
    }

    fn name(&self) -> &str {
        match &self.model {
            Served::Local(model) => model.name(),
            Served::Any(model, _) => model.name(),
        }
    }

    /// The model that runs here, for what no other can do.
    fn the_local(&self) -> Result<&LocalModel, Failure> {
        match &self.model {
            Served::Local(model) => Ok(model),
            Served::Any(..) => Err(Failure::not_found("the model that is served only continues conversations")),
        }
    }

    fn check_name(&self, asked: Option<&str>) -> Result<(), Failure> {
        match asked {
            Some(asked) if asked != self.name() => Err(Failure::no_such_model(asked, self.name())),
            _ => Ok(()),
        }
    }
}

impl Bound {
    /// Where the server is.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` is over; then answers what is under way, and ends.
    ///
    /// # Errors
    ///
    /// When the port is lost.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
        axum::serve(self.listener, self.server.router()).with_graceful_shutdown(stop).await
    }
}

async fn with_key(
    State(server): State<Server>,
    headers: HeaderMap,
    request: Request,
    next: Next,
) -> Result<Response, Failure> {
    if let Some(key) = &server.key {
        let sent = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let sent = sent.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        if !same(sent.trim().as_bytes(), key.expose().as_bytes()) {
            return Err(Failure::unauthorized());
        }
    }
    Ok(next.run(request).await)
}

/// Whether two secrets are the same, in a time that does not tell where they differ.
fn same(one: &[u8], other: &[u8]) -> bool {
    let differ = one.iter().zip(other).fold(0, |differ, (one, other)| differ | (one ^ other));
    one.len() == other.len() && differ == 0
}

async fn nowhere(method: Method, uri: Uri) -> Failure {
    Failure::not_found(&format!("there is no {method} {}", uri.path()))
}

async fn models(State(server): State<Server>) -> Json<Value> {
    let window = match &server.model {
        Served::Local(model) => Some(model.context()),
        Served::Any(..) => None,
    };
    Json(json!({"object": "list", "data": [{
        "id": server.name(), "object": "model", "created": now(), "owned_by": "offseeker", "max_model_len": window,
    }]}))
}

async fn health(State(server): State<Server>) -> Json<Value> {
    let mut said = json!({"status": "ok", "model": server.name()});
    if let Served::Local(model) = &server.model {
        let load = model.load_now();
        said["running"] = load.running.into();
        said["waiting"] = load.waiting.into();
    }
    Json(said)
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
