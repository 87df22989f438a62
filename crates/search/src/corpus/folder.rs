//! Documents from a folder of texts.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use offseeker_pages::{Hints, Page, PageError, Reader};
use url::Url;

use super::{CorpusError, Document};

/// What the names of texts end in.
const SUFFIXES: [&str; 7] = ["txt", "text", "md", "markdown", "html", "htm", "xhtml"];

/// How deep folders may lie in each other.
const DEEPEST: usize = 64;

/// A text in a folder, before it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its address: `file:///home/ada/notes/mill.md`.
    pub url: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// When it was last changed, where the system knows it.
    pub modified: Option<SystemTime>,
}

impl TextFile {
    /// Reads the file, if it has no more than so many bytes.
    pub fn read(&self, largest: usize) -> Result<Document, CorpusError> {
        let file = File::open(&self.path).map_err(|error| CorpusError::unreadable(&self.path, error))?;
        let mut bytes = Vec::new();
        let read = file.take(largest as u64 + 1).read_to_end(&mut bytes);
        if read.map_err(|error| CorpusError::unreadable(&self.path, error))? > largest {
            return Err(CorpusError::TooLarge { path: self.path.clone(), line: 1, limit: largest });
        }
        let mut page = page(&self.path, &self.url, &bytes, largest)?;
        if page.title.trim().is_empty() {
            page.title = stem(&self.path);
        }
        Ok(Document::new(page))
    }
}

/// The texts in a folder and the folders in it, in the order of their names; hidden files and links are left out.
pub fn text_files(folder: impl AsRef<Path>) -> Result<Vec<TextFile>, CorpusError> {
    let folder = folder.as_ref();
    let root = folder.canonicalize().map_err(|error| CorpusError::unreadable(folder, error))?;
    let mut files = Vec::new();
    walk(&root, 0, &mut files)?;
    files.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(files)
}

fn walk(folder: &Path, depth: usize, files: &mut Vec<TextFile>) -> Result<(), CorpusError> {
    if depth > DEEPEST {
        let reason = format!("folders lie in each other more than {DEEPEST} deep");
        return Err(CorpusError::unreadable(folder, reason));
    }
    let failed = |error: std::io::Error| CorpusError::unreadable(folder, error);
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(failed)?);
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if kind.is_dir() {
            walk(&path, depth + 1, files)?;
        } else if kind.is_file() && is_text(&path) {
            let known = entry.metadata().map_err(failed)?;
            let url = Url::from_file_path(&path).expect("what lies in a canonical folder has a whole path").to_string();
            files.push(TextFile { path, url, bytes: known.len(), modified: known.modified().ok() });
        }
    }
    Ok(())
}

fn is_text(path: &Path) -> bool {
    let suffix = path.extension().and_then(|suffix| suffix.to_str()).unwrap_or_default();
    SUFFIXES.iter().any(|known| suffix.eq_ignore_ascii_case(known))
}

/// What there is to read in a file. What is in it tells what it is, and the end of its name where that does not.
fn page(path: &Path, url: &str, bytes: &[u8], largest: usize) -> Result<Page, CorpusError> {
    let suffix = path.extension().and_then(|suffix| suffix.to_str()).unwrap_or_default().to_ascii_lowercase();
    let content_type = match suffix.as_str() {
        "html" | "htm" => "text/html",
        "xhtml" => "application/xhtml+xml",
        "md" | "markdown" => "text/markdown",
        _ => "text/plain",
    };
    let reader = Reader { largest, ..Reader::default() };
    reader.read(bytes, &Hints::new(url).content_type(content_type)).map_err(|error| {
        let reason = match error {
            PageError::Unreadable { reason, .. } => reason,
            other => other.to_string(),
        };
        CorpusError::NoText { path: path.to_owned(), reason }
    })
}

fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The texts of a folder, one after the other.
#[derive(Debug)]
pub(super) struct Folder {
    files: VecDeque<TextFile>,
    bytes: u64,
    total_bytes: u64,
}

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Self, CorpusError> {
        let files = text_files(path)?;
        let total_bytes = files.iter().map(|file| file.bytes).sum();
        Ok(Self { files: files.into(), bytes: 0, total_bytes })
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn total_bytes(&self) -> u64 {
        self.total_bytes
    }

    pub(super) fn read(&mut self, largest: usize) -> Option<Result<Document, CorpusError>> {
        let file = self.files.pop_front()?;
        self.bytes += file.bytes;
        Some(file.read(largest))
    }
}
