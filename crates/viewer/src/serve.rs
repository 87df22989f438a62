//! Serves a page on this machine, to browsers that ask for this machine.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;

use crate::ViewError;

/// The largest file that is served.
const LARGEST: u64 = 2 << 30;

/// Serves a page that was written, to browsers on this machine alone.
///
/// A request has to name this machine as its host, so that no page of the web can have its own name lead here and read the
/// answer.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use std::path::Path;
///
/// use offseeker_viewer::PageServer;
///
/// let server = PageServer::bind(Path::new("run.html"), 0).await?;
/// println!("{}", server.address());
/// server.run(std::future::pending()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct PageServer {
    listener: TcpListener,
    address: SocketAddr,
    page: Bytes,
}

impl PageServer {
    /// Reads a page, and takes a port of this machine; with port 0, any that is free.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or is too large, or the port cannot be had.
    pub async fn bind(path: &Path, port: u16) -> Result<Self, ViewError> {
        let io = ViewError::io(path);
        let bytes = tokio::fs::metadata(path).await.map_err(&io)?.len();
        if bytes > LARGEST {
            let what = format!("it has {bytes} bytes, more than {LARGEST}; open it as a file");
            return Err(io(std::io::Error::other(what)));
        }
        let page = Bytes::from(tokio::fs::read(path).await.map_err(&io)?);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        let taken = |source| ViewError::Port { port, source };
        let listener = listener.map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        Ok(Self { listener, address, page })
    }

    /// The address of the page: `http://127.0.0.1:8000/`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Serves until `stop` is over; then answers what is under way, and ends.
    ///
    /// # Errors
    ///
    /// When the port is lost.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
        let router = Router::new()
            .route("/", get(page))
            .with_state(self.page)
            .layer(middleware::from_fn_with_state(self.address.port(), for_this_machine));
        axum::serve(self.listener, router).with_graceful_shutdown(stop).await
    }
}

async fn page(State(page): State<Bytes>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        // The rest of its policy stands in the page itself, which names its own program.
        (header::CONTENT_SECURITY_POLICY, "frame-ancestors 'none'"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, page).into_response()
}

/// Lets a request through that names this machine as its host.
async fn for_this_machine(State(port): State<u16>, request: Request, next: Next) -> Response {
    if names_this_machine(request.headers(), port) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "this page is for browsers on its own machine, by the address that was shown\n")
            .into_response()
    }
}

fn names_this_machine(headers: &HeaderMap, port: u16) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let name = host.and_then(|host| host.strip_suffix(&format!(":{port}")).or(Some(host).filter(|_| port == 80)));
    matches!(name, Some("127.0.0.1" | "localhost"))
}
