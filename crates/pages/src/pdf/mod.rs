//! Reads PDF files, which are programs of a kind: with a limit on everything, and in a process of their own if wanted.

mod document;
mod found;
mod thread;
mod worker;

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::found::serve_pdf_if_worker;
pub use self::worker::{PdfWorker, serve_pdf};
use crate::{Page, PageError};

/// How PDF files are read.
///
/// A file is read in a process of its own where [there is a program for it](PdfWorker::find), so that it can do no harm
/// by crashing, hanging or asking for memory.
///
/// Otherwise it is read on a thread with a large stack, whose panics are caught and which is given up when its time is
/// over: it may go on for a while, and at most 16 do. Files that are visibly nested too deep are refused. What a thread
/// cannot hold is memory that the parser asks for, and a stack that overflows all the same because the nesting is packed:
/// both end the program. Where files may come from anyone, see to it that there is a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PdfOptions {
    /// How many pages are read; the text says where it ends before the file does. 1,000.
    pub pages: usize,
    /// How much text is read, in bytes; the text says where it ends before the file does. 8 MiB.
    pub text: usize,
    /// How long a file may take. What was read until then counts, if it is a page at least. 60 seconds.
    pub time: Duration,
    /// The program that reads files in a process of its own; none reads them on a thread of this one. By default the one
    /// that [is found](PdfWorker::find).
    pub worker: Option<PdfWorker>,
}

impl Default for PdfOptions {
    fn default() -> Self {
        Self { pages: 1_000, text: 8 << 20, time: Duration::from_secs(60), worker: PdfWorker::find() }
    }
}

impl PdfOptions {
    /// Has files read by this program, which calls [`serve_pdf`]; `offseeker-pdf` is one.
    #[must_use]
    pub fn worker(mut self, program: impl Into<PathBuf>) -> Self {
        self.worker = Some(PdfWorker::new(program));
        self
    }
}

/// What a file says, or why it cannot be read.
type Read = Result<Contents, Failure>;

/// What a file says.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Contents {
    title: String,
    date: Option<String>,
    language: Option<String>,
    text: String,
}

/// Why a file cannot be read.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Failure {
    /// The file is at fault.
    Unreadable(String),
    /// It took too long.
    Timeout,
    /// Too many other files are being read.
    Busy(String),
    /// Our side is at fault.
    Broken(String),
}

impl Failure {
    fn unreadable(reason: impl Into<String>) -> Self {
        Self::Unreadable(reason.into())
    }
}

/// Reads a PDF file.
pub(crate) fn read(bytes: &[u8], url: &str, options: &PdfOptions) -> Result<Page, PageError> {
    let read = match &options.worker {
        Some(worker) => worker.read(bytes, options),
        None => thread::read(bytes, options),
    };
    let url = url.to_owned();
    match read {
        Ok(Contents { title, date, language, text }) => {
            Ok(Page { url, title, text, date, language, links: Vec::new() })
        }
        Err(Failure::Unreadable(reason)) => Err(PageError::Unreadable { url, reason }),
        Err(Failure::Timeout) => Err(PageError::Timeout { url, limit: options.time }),
        Err(Failure::Busy(reason)) => Err(PageError::Transient { url, reason }),
        Err(Failure::Broken(reason)) => Err(PageError::broken(reason)),
    }
}
