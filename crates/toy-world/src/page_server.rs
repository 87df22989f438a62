//! Serves the pages of a world over HTTP on this machine, with the faults of the web where they are wanted.

use std::collections::HashSet;
use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use offseeker_pages::Page;
use tokio::net::TcpListener;

use crate::World;
use crate::draw::Draw;

/// How often a server does what servers on the web do. All are nought where nobody says so. Which pages it happens to
/// follows from the seed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Faults {
    /// What they are drawn from.
    pub seed: u64,
    /// The share of pages that come late.
    pub slow: f64,
    /// How late.
    pub delay: Duration,
    /// The share of pages that fail with status 500 when they are first asked for.
    pub failing: f64,
    /// The share of pages that are gone, with status 404.
    pub gone: f64,
    /// The share of pages that have moved to another address, which the server leads on to.
    pub moved: f64,
}

/// Serves the pages of a world over HTTP on this machine.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
///
/// use offseeker_toy_world::{Faults, PageServer, World, WorldOptions};
///
/// let world = Arc::new(World::new(WorldOptions::default())?);
/// let server = PageServer::bind(world, Faults { failing: 0.1, ..Faults::default() }).await?;
/// println!("{}SteamNithi", server.base());
/// server.run(std::future::pending()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct PageServer {
    listener: TcpListener,
    address: SocketAddr,
    shop: Arc<Shop>,
}

#[derive(Debug)]
struct Shop {
    world: Arc<World>,
    faults: Faults,
    /// The pages that were asked for and failed. There are no more of them than there are pages.
    failed: Mutex<HashSet<String>>,
}

impl PageServer {
    /// Takes a free port of this machine.
    ///
    /// # Errors
    ///
    /// When none can be had.
    pub async fn bind(world: Arc<World>, faults: Faults) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, shop: Arc::new(Shop { world, faults, failed: Mutex::default() }) })
    }

    /// Where it is.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What the addresses of its pages begin with; see [`World::at`].
    #[must_use]
    pub fn base(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Serves until `stop` is over; then answers what is under way, and ends.
    ///
    /// # Errors
    ///
    /// When the port is lost.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
        let router = Router::new().route("/{*path}", get(serve)).with_state(self.shop);
        axum::serve(self.listener, router).with_graceful_shutdown(stop).await
    }
}

/// What the address of a page that has moved begins with.
const MOVED: &str = "moved/";

async fn serve(State(shop): State<Arc<Shop>>, Path(path): Path<String>) -> Response {
    let (path, has_moved) = path.strip_prefix(MOVED).map_or((path.as_str(), false), |path| (path, true));
    let Some(page) = shop.world.page(&format!("{}{path}", shop.world.options().base)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let faults = shop.faults;
    let draw = Draw::new(faults.seed).of(path);
    if draw.happens(0, faults.slow) {
        tokio::time::sleep(faults.delay).await;
    }
    if draw.happens(1, faults.gone) {
        return StatusCode::NOT_FOUND.into_response();
    }
    if draw.happens(2, faults.failing)
        && shop.failed.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned())
    {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    if draw.happens(3, faults.moved) && !has_moved {
        return (StatusCode::FOUND, [(header::LOCATION, format!("/{MOVED}{}", encoded(path)))]).into_response();
    }
    Html(html(&shop.world, &page)).into_response()
}

/// A page as HTML, with links where it names other pages. There is nothing in it that HTML would take for something else.
fn html(world: &World, page: &Page) -> String {
    let mut text = page.text.clone();
    for link in page.links.iter().filter(|link| link.text != page.title) {
        if let Some(path) = link.url.strip_prefix(world.options().base.as_str()) {
            text = text.replace(&link.text, &format!("<a href=\"/{}\">{}</a>", encoded(path), link.text));
        }
    }
    let language = page.language.as_deref().unwrap_or_default();
    let title = &page.title;
    format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\
         <body><main><p>{text}</p></main></body></html>"
    )
}

/// A path as an address spells it.
fn encoded(path: &str) -> String {
    path.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("a string takes everything");
        }
        encoded
    })
}
