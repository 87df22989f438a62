//! Serves a backend over HTTP, so that clients of other systems can use it.
//!
//! | path | asked | answered |
//! | --- | --- | --- |
//! | `POST /retrieve` | `{"queries": [...], "topk": 3, "return_scores": true}` | `{"result": [[{"document": {"id", "url", "contents"}, "score"}]]}`, as Search-R1's clients know it; without scores the documents alone |
//! | `POST /search` | `{"query": "...", "topn": 10}` | `{"results": [{"url", "title", "summary"}]}`, as OpenResearcher's clients know it |
//! | `POST /get_content` | `{"url": "..."}` | `{"title", "content"}`, or 404 |
//! | `GET /health` | | `{"status": "ok", "backend": "..."}` |
//!
//! What cannot be answered is `{"detail": "..."}` with a status that says whether to ask again.

mod answer;
mod openresearcher;
mod search_r1;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use offseeker_pages::Library;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::SearchBackend;

/// The largest request that is read: 4 MiB.
const LARGEST: usize = 4 << 20;

/// The most hits that one query may ask for.
pub const MOST_HITS: usize = 1_000;

/// A backend and its pages, to be served over HTTP.
///
/// ```no_run
/// # async fn example() -> std::io::Result<()> {
/// use std::sync::Arc;
///
/// use offseeker_search::InMemory;
/// use offseeker_search::serve::Server;
///
/// let corpus = Arc::new(InMemory::of([]));
/// let server = Server::new(corpus.clone(), corpus).bind("127.0.0.1:8000").await?;
/// println!("http://{}", server.address());
/// server.run(async { drop(tokio::signal::ctrl_c().await) }).await
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Server {
    backend: Arc<dyn SearchBackend>,
    library: Arc<dyn Library>,
}

/// A server that has its port.
#[derive(Debug)]
pub struct Bound {
    server: Server,
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Serves what `backend` finds and `library` holds.
    pub fn new(backend: Arc<dyn SearchBackend>, library: Arc<dyn Library>) -> Self {
        Self { backend, library }
    }

    /// Takes a port, such as `127.0.0.1:8000`; with port 0, any that is free.
    ///
    /// There is no key: who reaches the port may search.
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
        Router::new()
            .route("/retrieve", post(search_r1::retrieve))
            .route("/search", post(openresearcher::search))
            .route("/get_content", post(openresearcher::get_content))
            .route("/health", get(health))
            .layer(DefaultBodyLimit::max(LARGEST))
            .with_state(self)
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

async fn health(State(server): State<Server>) -> Json<Value> {
    Json(json!({"status": "ok", "backend": server.backend.name()}))
}
