//! Puts documents into an index and takes them out.

use std::collections::HashSet;
use std::fmt;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use offseeker_durable::WriterLock;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use tantivy::{Index, TantivyDocument, TantivyError};

use super::Settings;
use super::analyzer::Analyzer;
use super::fields::{Fields, Prepared};
use super::snapshot::{Commit, Snapshot, opening};
use crate::writer_lock::lock;
use crate::{Corpus, CorpusError, Document, IndexError, Progress};

/// How many documents of a corpus are read before they are split into terms together.
const BATCH: usize = 512;

/// How many bytes of text are read before they are split into terms together.
const BATCH_BYTES: usize = 8 << 20;

/// After how many documents a long corpus is committed on the way.
const COMMIT_EVERY: u64 = 1_000_000;

/// The longest address or id, in bytes.
const LONGEST_NAME: usize = 8 << 10;

/// What an index is written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriterOptions {
    /// How many threads write; nought stands for one a core, but no more than eight.
    pub threads: usize,
    /// How much memory they may use together, in bytes; at least 15 MB a thread.
    pub memory: usize,
}

impl Default for WriterOptions {
    fn default() -> Self {
        Self { threads: 0, memory: 256 << 20 }
    }
}

/// Puts documents into an index and takes them out.
///
/// Nothing is there for others before [`commit`](Self::commit), and everything that was committed stays, whatever
/// happens to the process or the machine. There is one writer at a time; it is free again when it is dropped, and when
/// its process dies. It blocks: in async code it belongs on a thread of its own.
pub struct IndexWriter {
    folder: PathBuf,
    fields: Fields,
    inner: tantivy::IndexWriter,
    index: Index,
    settings: Settings,
    analyzer: Analyzer,
    committed: Snapshot,
    /// Hashes of the addresses that were put in and not committed yet.
    fresh: HashSet<u64>,
    history: blake3::Hasher,
    sequence: u64,
    changed: bool,
    _lock: WriterLock,
}

impl fmt::Debug for IndexWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IndexWriter")
            .field("folder", &self.folder)
            .field("changed", &self.changed)
            .finish_non_exhaustive()
    }
}

impl IndexWriter {
    /// The index is opened under the lock, so that it knows all files that there are.
    pub(super) fn open(
        folder: &Path,
        settings: Settings,
        options: WriterOptions,
        open: impl FnOnce() -> Result<Index, IndexError>,
    ) -> Result<Self, IndexError> {
        let lock = lock(folder)?;
        let index = open()?;
        let threads = match options.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from).min(8),
            threads => threads,
        };
        let inner = index.writer_with_num_threads(threads, options.memory).map_err(|error| writing(folder, error))?;
        remove_leftovers(folder, &inner)?;
        let committed = Snapshot::open(folder, settings, &index)?;
        let sequence = committed.commit.sequence;
        let mut writer = Self {
            folder: folder.to_owned(),
            fields: Fields::new(),
            inner,
            index,
            settings,
            analyzer: Analyzer::new(settings.language),
            committed,
            fresh: HashSet::new(),
            history: blake3::Hasher::new(),
            sequence,
            changed: false,
            _lock: lock,
        };
        writer.begin_history();
        Ok(writer)
    }

    /// Puts a document in; one that has the same address is replaced.
    pub fn add(&mut self, document: impl Into<Document>) -> Result<(), IndexError> {
        let prepared = prepare(document.into(), &mut self.analyzer);
        self.put(prepared)
    }

    /// Takes the document at an address out, if there is one.
    pub fn delete(&mut self, url: &str) -> Result<(), IndexError> {
        self.note(&["delete", url]);
        self.replace(url)?;
        self.changed = true;
        Ok(())
    }

    /// Puts all documents of a corpus in, and says from time to time how far it is.
    ///
    /// Of more than a million documents each million is committed on the way, so that a build that was stopped need not
    /// begin again: what is put in again replaces what is there. The last ones wait for [`commit`](Self::commit).
    pub fn add_all(&mut self, corpus: &mut Corpus, mut progress: impl FnMut(&Progress)) -> Result<(), IndexError> {
        let mut since_commit = 0;
        loop {
            let (batch, end) = read_batch(corpus);
            since_commit += batch.len() as u64;
            let language = self.settings.language;
            let prepared: Vec<Prepared> = batch
                .into_par_iter()
                .map_init(|| Analyzer::new(language), |analyzer, document| prepare(document, analyzer))
                .collect();
            for prepared in prepared {
                self.put(prepared)?;
            }
            progress(&corpus.progress());
            match end {
                Some(Err(error)) => return Err(error.into()),
                Some(Ok(())) => return Ok(()),
                None if since_commit >= COMMIT_EVERY => {
                    self.commit()?;
                    since_commit = 0;
                }
                None => {}
            }
        }
    }

    /// Makes everything that was done last: from now on it is found, and no crash takes it away.
    pub fn commit(&mut self) -> Result<(), IndexError> {
        if !self.changed {
            return Ok(());
        }
        let commit = Commit { history: self.history.finalize().to_hex()[..32].to_owned(), sequence: self.sequence };
        let failed = |error| writing(&self.folder, error);
        let mut prepared = self.inner.prepare_commit().map_err(failed)?;
        prepared.set_payload(&serde_json::to_string(&commit).expect("a commit is JSON"));
        prepared.commit().map_err(failed)?;
        // The name of the new state is on the disk when the folder is.
        offseeker_durable::sync_folder(&self.folder).map_err(|error| IndexError::io(&self.folder, error))?;
        self.committed = Snapshot::open(&self.folder, self.settings, &self.index)?;
        self.fresh.clear();
        self.changed = false;
        self.begin_history();
        Ok(())
    }

    /// Commits, and waits until the parts of the index are merged as far as is worth while.
    pub fn finish(mut self) -> Result<(), IndexError> {
        self.commit()?;
        let Self { folder, inner, _lock, .. } = self;
        inner.wait_merging_threads().map_err(|error| writing(&folder, error))
    }

    fn put(&mut self, prepared: Prepared) -> Result<(), IndexError> {
        let Document { id, page } = &prepared.document;
        check_name(&page.url, "its address", &page.url)?;
        check_name(&page.url, "its id", id.as_deref().unwrap_or("-"))?;
        let (url, known) = (page.url.clone(), serde_json::to_string(&prepared.document));
        self.note(&["add", &known.expect("strings are JSON")]);
        self.replace(&url)?;
        self.fresh.insert(hash(&url));
        let stored: TantivyDocument = self.fields.stored(prepared, self.sequence);
        self.inner.add_document(stored).map_err(|error| writing(&self.folder, error))?;
        self.sequence += 1;
        self.changed = true;
        Ok(())
    }

    /// Takes out what is at an address, where something may be.
    fn replace(&mut self, url: &str) -> Result<(), IndexError> {
        if self.fresh.contains(&hash(url)) || (self.committed.documents > 0 && self.committed.has(url)?) {
            self.inner.delete_term(self.fields.url_term(url));
        }
        Ok(())
    }

    fn note(&mut self, parts: &[&str]) {
        for part in parts {
            self.history.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
        }
    }

    fn begin_history(&mut self) {
        self.history = blake3::Hasher::new();
        self.history.update(self.committed.commit.history.as_bytes());
    }
}

/// Reads a part of a corpus; how it ended, where it did.
#[allow(clippy::type_complexity)]
fn read_batch(corpus: &mut Corpus) -> (Vec<Document>, Option<Result<(), CorpusError>>) {
    let (mut batch, mut bytes) = (Vec::new(), 0);
    while batch.len() < BATCH && bytes < BATCH_BYTES {
        match corpus.next() {
            Some(Ok(document)) => {
                bytes += document.page.text.len();
                batch.push(document);
            }
            Some(Err(error)) => return (batch, Some(Err(error))),
            None => return (batch, Some(Ok(()))),
        }
    }
    (batch, None)
}

fn prepare(document: Document, analyzer: &mut Analyzer) -> Prepared {
    let heading = analyzer.joined(&document.page.title);
    let text = analyzer.joined(&document.page.text);
    Prepared { document, heading, text }
}

fn check_name(url: &str, which: &str, name: &str) -> Result<(), IndexError> {
    let reason = match name.len() {
        0 => format!("{which} is empty"),
        length if length > LONGEST_NAME => format!("{which} has {length} bytes; {LONGEST_NAME} is the most"),
        _ => return Ok(()),
    };
    let what = format!("the document {:?}", url.chars().take(100).collect::<String>());
    Err(IndexError::InvalidDocument { what, reason })
}

fn hash(url: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    url.hash(&mut hasher);
    hasher.finish()
}

/// Removes what a writer that was killed left half written: it would be in the way of what is written next. Only the
/// one writer does this, so nothing of it is in use.
fn remove_leftovers(folder: &Path, inner: &tantivy::IndexWriter) -> Result<(), IndexError> {
    for entry in fs::read_dir(folder).map_err(|error| IndexError::io(folder, error))?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(".tmp") {
            let _ = fs::remove_file(entry.path());
        }
    }
    inner.garbage_collect_files().wait().map_err(|error| writing(folder, error))?;
    Ok(())
}

fn writing(folder: &Path, error: TantivyError) -> IndexError {
    match error {
        TantivyError::InvalidArgument(reason) => IndexError::setting("memory", reason),
        other => opening(folder, &other),
    }
}
