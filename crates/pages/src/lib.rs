//! Pages: bytes from the web, a folder or a corpus become text that a model can read.
//!
//! A [`Page`] is what there is to read at an address. There is one trait, [`Library`]: it gives the page at an
//! address. The web is a library, a search index is one, and so is a [`Shelf`] of pages in memory, so what reads pages
//! never knows whether they come from a corpus or from far away.
//!
//! - [`read`] makes a page of bytes: HTML, Markdown, plain text, JSON, PDF. A [`Reader`] does it within other limits.
//! - `Web` fetches pages from public addresses, politely; `Jina` has them fetched. Both need the feature `web`.
//! - [`chunks`] cuts a long text, [`extract`] chooses from it what fits a query, without a model.
//! - [`Ranking`] ranks a handful of texts in memory.
//!
//! Whatever bytes there are, reading them ends in time with a page or a reason; only PDF files need a process of their
//! own for that (`PdfOptions::worker`).
//!
//! ```
//! use offseeker_pages::{Library, Page, Shelf};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), offseeker_pages::PageError> {
//! let shelf = Shelf::of([Page::new("https://karlin.example/mill", "Karlin mill", "It stands on the Orsa.")]);
//!
//! let page = shelf.get("https://karlin.example/mill").await?;
//! assert_eq!(page.text, "It stands on the Orsa.");
//! assert_eq!(shelf.get("https://karlin.example/castle").await.unwrap_err().kind(), "not_found");
//! # Ok(())
//! # }
//! ```

mod charset;
mod chunks;
mod error;
mod extract;
mod html;
mod json;
mod library;
mod page;
#[cfg(feature = "pdf")]
mod pdf;
mod prose;
mod ranking;
mod reader;
mod shelf;
mod sniff;
#[cfg(feature = "web")]
mod web;

pub use chunks::{CHUNK, OVERLAP, chunks};
pub use error::PageError;
pub use extract::extract;
pub use html::plain;
pub use library::Library;
pub use offseeker_resemblance::{estimate_tokens, is_dense, pairs, words};
pub use page::{Link, Page};
#[cfg(feature = "pdf")]
pub use pdf::{PdfOptions, PdfWorker, serve_pdf, serve_pdf_if_worker};
pub use ranking::Ranking;
pub use reader::{Hints, Reader, read};
pub use shelf::Shelf;
#[cfg(feature = "web")]
pub use web::{Jina, JinaOptions, Politeness, Resolver, Web, WebOptions};
