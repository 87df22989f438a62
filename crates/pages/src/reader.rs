//! Reads bytes as a page.

use crate::sniff::{Kind, sniff};
use crate::{Page, PageError, charset, html, json, prose};

/// What is known of bytes besides themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hints {
    /// Where they come from; links are made whole by it.
    pub url: String,
    /// What they are said to be: `text/html; charset=utf-8`.
    pub content_type: Option<String>,
}

impl Hints {
    /// Bytes from this address, of which no more is known.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), content_type: None }
    }

    /// Adds what they are said to be.
    #[must_use]
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }
}

/// Reads bytes as pages, within limits.
///
/// ```
/// use offseeker_pages::{Hints, Reader};
///
/// let html = "<title>Karlin mill</title><p>It stands on the <a href=/orsa>Orsa</a>.";
/// let page = Reader::default().read(html.as_bytes(), &Hints::new("https://karlin.example/mill"))?;
///
/// assert_eq!((page.title.as_str(), page.text.as_str()), ("Karlin mill", "It stands on the Orsa."));
/// assert_eq!(page.links[0].url, "https://karlin.example/orsa");
/// # Ok::<(), offseeker_pages::PageError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// The largest page, in bytes; what is larger is not read at all. 16 MiB.
    pub largest: usize,
    /// How deep the tags of HTML may be nested; what is deeper is read as the text between the tags. 256.
    pub deepest: usize,
    /// How many nodes the tree of HTML may have; what has more is read as the text between the tags. 500,000.
    pub most_nodes: usize,
    /// How PDF files are read.
    #[cfg(feature = "pdf")]
    pub pdf: crate::PdfOptions,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            largest: 16 << 20,
            deepest: 256,
            most_nodes: 500_000,
            #[cfg(feature = "pdf")]
            pdf: crate::PdfOptions::default(),
        }
    }
}

impl Reader {
    /// Reads bytes as a page: HTML, Markdown, plain text, JSON, and PDF with the feature `pdf`.
    ///
    /// What they are is told by themselves first, then by what they are said to be. Fails with
    /// [`PageError::Unreadable`] where they are nothing that can be read, and says what they are.
    pub fn read(&self, bytes: &[u8], hints: &Hints) -> Result<Page, PageError> {
        let url = hints.url.as_str();
        let unreadable = |reason: String| PageError::Unreadable { url: url.to_owned(), reason };
        if bytes.len() > self.largest {
            let (length, largest) = (bytes.len(), self.largest);
            return Err(unreadable(format!("it has {length} bytes, more than the {largest} that are read")));
        }
        let content_type = hints.content_type.as_deref();
        let kind = sniff(bytes, content_type, url).map_err(unreadable)?;
        if kind == Kind::Pdf {
            return self.read_pdf(bytes, url);
        }
        let hidden = |charset| format!("its charset {charset} is not read: it hides what is written in it");
        let text = charset::decode(bytes, content_type, kind == Kind::Html).map_err(hidden).map_err(unreadable)?;
        Ok(match kind {
            Kind::Html => {
                let page = html::read(&text, url, self);
                if page.text.is_empty() {
                    return Err(unreadable("it is a page without text; it may need scripts to show any".to_owned()));
                }
                page
            }
            Kind::Markdown => prose::markdown(&text, url),
            Kind::Json => Page::new(url, "", json::laid_out(&text).unwrap_or_else(|| prose::plain(&text, url).text)),
            Kind::Plain | Kind::Pdf => prose::plain(&text, url),
        })
    }

    #[cfg(feature = "pdf")]
    fn read_pdf(&self, bytes: &[u8], url: &str) -> Result<Page, PageError> {
        crate::pdf::read(bytes, url, &self.pdf)
    }

    #[cfg(not(feature = "pdf"))]
    fn read_pdf(&self, _bytes: &[u8], url: &str) -> Result<Page, PageError> {
        let reason = "it is a PDF file, and this program was built without the feature `pdf`".to_owned();
        Err(PageError::Unreadable { url: url.to_owned(), reason })
    }
}

/// Reads bytes as a page, within the limits that a [`Reader`] has by itself.
pub fn read(bytes: &[u8], hints: &Hints) -> Result<Page, PageError> {
    Reader::default().read(bytes, hints)
}
