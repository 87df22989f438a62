//! Documents from files: JSON lines, Parquet, a folder of texts.

mod document;
mod error;
mod folder;
mod jsonl;
#[cfg(feature = "parquet")]
mod parquet;
mod progress;
mod row;

#[cfg(test)]
mod tests;

use std::path::Path;

pub use document::Document;
pub use error::CorpusError;
pub use folder::{TextFile, text_files};
pub use progress::Progress;

use folder::Folder;
use jsonl::Jsonl;

/// The largest line, row or file that is read where nobody says another, in bytes.
pub const LARGEST_DOCUMENT: usize = 64 << 20;

/// Documents from files, one after the other; never more than a few of them are in memory.
///
/// A row, of JSON lines or Parquet, is read by the names of its fields:
///
/// | field | what it is |
/// | --- | --- |
/// | `url` | the address; where it is missing, `doc:` and the id |
/// | `text` | the text; or `contents`, as Search-R1 and Pyserini have it: its first line is the title if it is quoted |
/// | `title`, `date` | may be missing |
/// | `docid`, `id` or `_id` | may be missing; a string or a whole number |
///
/// Of a folder every file that ends in `.txt`, `.text`, `.md`, `.markdown`, `.html`, `.htm` or `.xhtml` is a document,
/// in the order of their names. Hidden files and links are left out.
///
/// The first bad line is an error that says which line and field it is, and the end. With
/// [`skipping_bad`](Self::skipping_bad) bad lines are counted instead. A file that cannot be read is an error always.
///
/// ```
/// use offseeker_search::Corpus;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("corpus.jsonl");
/// std::fs::write(&path, r#"{"url": "https://karlin.example/mill", "text": "It stands on the Orsa."}"#)?;
/// for document in Corpus::open(&path)? {
///     assert_eq!(document?.page.text, "It stands on the Orsa.");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Corpus {
    source: Source,
    largest: usize,
    skips_bad: bool,
    skipped: u64,
    documents: u64,
    ended: bool,
}

#[derive(Debug)]
enum Source {
    Jsonl(Jsonl),
    Folder(Folder),
    #[cfg(feature = "parquet")]
    Parquet(parquet::Parquet),
}

impl Corpus {
    /// Opens a folder of texts, or a file of rows by the end of its name: `.jsonl`, `.ndjson`, `.parquet`.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, CorpusError> {
        let path = path.as_ref();
        if path.is_dir() {
            return Self::folder(path);
        }
        let suffix = path.extension().and_then(|suffix| suffix.to_str()).unwrap_or_default().to_ascii_lowercase();
        match suffix.as_str() {
            "jsonl" | "ndjson" => Self::jsonl(path),
            #[cfg(feature = "parquet")]
            "parquet" => Self::parquet(path),
            _ if path.exists() => Err(CorpusError::UnknownFormat { path: path.to_owned() }),
            _ => Err(CorpusError::unreadable(path, "there is no such file")),
        }
    }

    /// Opens a file with one JSON object a line.
    pub fn jsonl(path: impl AsRef<Path>) -> Result<Self, CorpusError> {
        Jsonl::open(path.as_ref()).map(|file| Self::of(Source::Jsonl(file)))
    }

    /// Opens a Parquet file.
    #[cfg(feature = "parquet")]
    pub fn parquet(path: impl AsRef<Path>) -> Result<Self, CorpusError> {
        parquet::Parquet::open(path.as_ref()).map(|file| Self::of(Source::Parquet(file)))
    }

    /// Opens a folder of texts, with the folders in it.
    pub fn folder(path: impl AsRef<Path>) -> Result<Self, CorpusError> {
        Folder::open(path.as_ref()).map(|folder| Self::of(Source::Folder(folder)))
    }

    fn of(source: Source) -> Self {
        Self { source, largest: LARGEST_DOCUMENT, skips_bad: false, skipped: 0, documents: 0, ended: false }
    }

    /// Counts bad lines and files instead of ending at the first.
    #[must_use]
    pub fn skipping_bad(mut self) -> Self {
        self.skips_bad = true;
        self
    }

    /// Takes a line, row or file of more than so many bytes for bad; [`LARGEST_DOCUMENT`] where nobody says it.
    #[must_use]
    pub fn largest(mut self, bytes: usize) -> Self {
        self.largest = bytes;
        self
    }

    /// How many bad lines and files were skipped so far.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// How far the corpus has been read.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let (bytes, total_bytes) = match &self.source {
            Source::Jsonl(file) => (file.bytes(), file.total_bytes()),
            Source::Folder(folder) => (folder.bytes(), Some(folder.total_bytes())),
            #[cfg(feature = "parquet")]
            Source::Parquet(file) => (file.bytes(), Some(file.total_bytes())),
        };
        Progress { documents: self.documents, skipped: self.skipped, bytes, total_bytes }
    }
}

impl Iterator for Corpus {
    type Item = Result<Document, CorpusError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            let read = match &mut self.source {
                Source::Jsonl(file) => file.read(self.largest),
                Source::Folder(folder) => folder.read(self.largest),
                #[cfg(feature = "parquet")]
                Source::Parquet(file) => file.read(self.largest),
            };
            match read {
                Some(Ok(document)) => {
                    self.documents += 1;
                    return Some(Ok(document));
                }
                Some(Err(error)) if self.skips_bad && error.is_of_one_document() => {
                    tracing::debug!(%error, "a document is skipped");
                    self.skipped += 1;
                }
                Some(Err(error)) => {
                    self.ended = true;
                    return Some(Err(error));
                }
                None => self.ended = true,
            }
        }
        None
    }
}
