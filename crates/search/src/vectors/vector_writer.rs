//! Puts vectors into an index and takes them out.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use half::f16;
use half::slice::HalfFloatSliceExt;
use offseeker_durable::WriterLock;
use offseeker_pages::Page;

use super::rows::{LONGEST_URL, Rows, write_forget, write_row};
use super::vector_index::{About, ROWS, VECTORS, unit};
use super::{Embedder, Purpose, VectorIndex, passages};
use crate::writer_lock::lock;
use crate::{Corpus, CorpusError, IndexError, Progress, SearchError};

/// How many passages are given to the embedder at once.
const BATCH: usize = 64;

/// After how many vectors a long corpus is committed on the way.
const COMMIT_EVERY: usize = 100_000;

/// A passage of a document, with its vector.
#[derive(Debug, Clone, PartialEq)]
pub struct Passage {
    /// Where it is in the text of the document, in bytes.
    pub span: Range<usize>,
    /// Its vector, of any length but nought.
    pub vector: Vec<f32>,
}

/// Puts vectors into an index and takes them out.
///
/// Nothing is there for others before [`commit`](Self::commit), and everything that was committed stays, whatever
/// happens to the process or the machine. There is one writer at a time; it is free again when it is dropped, and when
/// its process dies.
#[derive(Debug)]
pub struct VectorWriter {
    folder: PathBuf,
    about: About,
    /// How many rows, and how many bytes of the log, were committed.
    committed: (u64, u64),
    vectors: BufWriter<File>,
    rows: BufWriter<File>,
    known: HashSet<String>,
    history: blake3::Hasher,
    _lock: WriterLock,
}

impl VectorWriter {
    pub(super) fn open(folder: &Path) -> Result<Self, IndexError> {
        let lock = lock(folder)?;
        let about = About::read(folder)?;
        let known = known(folder, &about)?;
        let vectors = end_of(folder, VECTORS, about.vector_bytes())?;
        let rows = end_of(folder, ROWS, about.log_bytes)?;
        let mut history = blake3::Hasher::new();
        history.update(about.history.as_bytes());
        let committed = (about.rows, about.log_bytes);
        Ok(Self { folder: folder.to_owned(), about, committed, vectors, rows, known, history, _lock: lock })
    }

    /// Puts a document in, by the vectors of its passages; one that has the same address is replaced.
    pub fn put(&mut self, url: &str, passages: &[Passage]) -> Result<(), IndexError> {
        let wrong = |reason: String| IndexError::InvalidDocument { what: format!("the document {url:?}"), reason };
        if url.is_empty() || url.len() > LONGEST_URL {
            let reason = format!("its address has {} bytes; it has between 1 and {LONGEST_URL}", url.len());
            let what = format!("the document {:?}", url.chars().take(100).collect::<String>());
            return Err(IndexError::InvalidDocument { what, reason });
        }
        if self.about.rows + passages.len() as u64 > u64::from(u32::MAX) {
            return Err(wrong(format!("the index would have more than {} vectors", u32::MAX)));
        }
        // Everything is checked before anything is written.
        let units = passages.iter().map(|passage| unit(&passage.vector, self.about.dimensions));
        let units: Vec<Vec<f32>> =
            units.collect::<Result<_, _>>().map_err(|why| wrong(format!("its vector: {why}")))?;
        self.delete(url)?;
        let mut log = Vec::new();
        let mut halves = vec![f16::ZERO; self.about.dimensions];
        for (passage, unit) in passages.iter().zip(&units) {
            write_row(&mut log, url, &passage.span);
            halves.convert_from_f32_slice(unit);
            let bytes: &[u8] = bytemuck::cast_slice(&halves);
            self.history.update(bytes);
            self.vectors.write_all(bytes).map_err(|error| IndexError::io(&self.folder, error))?;
        }
        self.log(&log)?;
        self.about.rows += passages.len() as u64;
        if !passages.is_empty() {
            self.known.insert(url.to_owned());
        }
        Ok(())
    }

    /// Takes the document at an address out, if there is one.
    pub fn delete(&mut self, url: &str) -> Result<(), IndexError> {
        if self.known.remove(url) {
            let mut log = Vec::new();
            write_forget(&mut log, url);
            self.log(&log)?;
        }
        Ok(())
    }

    /// Cuts the documents of a corpus into passages of at most so many characters, and puts them in with their vectors.
    ///
    /// A passage is given to the embedder with the title before it. After each hundred thousand vectors what there is
    /// is committed, so that work that was stopped need not begin again; the last ones wait for
    /// [`commit`](Self::commit).
    pub async fn add_all(
        &mut self,
        corpus: &mut Corpus,
        embedder: &(impl Embedder + ?Sized),
        longest: usize,
        mut progress: impl FnMut(&Progress) + Send,
    ) -> Result<(), SearchError> {
        let broken = |error: &dyn ToString| SearchError::broken(embedder.name(), error.to_string());
        VectorIndex::open(&self.folder).and_then(|index| index.check(embedder)).map_err(|error| broken(&error))?;
        let mut since_commit = 0;
        loop {
            let (batch, ended) = read_batch(corpus, longest).map_err(|error| broken(&error))?;
            let vectors = embed_all(&batch, embedder).await?;
            since_commit += vectors.len();
            let mut vectors = vectors.into_iter();
            for Cut { page, spans } in batch {
                let passages = spans.into_iter().zip(&mut vectors).map(|(span, vector)| Passage { span, vector });
                self.put(&page.url, &passages.collect::<Vec<_>>()).map_err(|error| broken(&error))?;
            }
            progress(&corpus.progress());
            if ended {
                return Ok(());
            }
            if since_commit >= COMMIT_EVERY {
                self.commit().map_err(|error| broken(&error))?;
                since_commit = 0;
            }
        }
    }

    /// Makes everything that was done last: from now on it is found, and no crash takes it away.
    pub fn commit(&mut self) -> Result<(), IndexError> {
        for file in [&mut self.vectors, &mut self.rows] {
            let synced = file.flush().and_then(|()| file.get_ref().sync_all());
            synced.map_err(|error| IndexError::io(&self.folder, error))?;
        }
        if (self.about.rows, self.about.log_bytes) != self.committed {
            self.about.history = self.history.finalize().to_hex()[..32].to_owned();
            self.about.write(&self.folder)?;
            self.committed = (self.about.rows, self.about.log_bytes);
            self.history = blake3::Hasher::new();
            self.history.update(self.about.history.as_bytes());
        }
        Ok(())
    }

    fn log(&mut self, entries: &[u8]) -> Result<(), IndexError> {
        self.history.update(entries);
        self.rows.write_all(entries).map_err(|error| IndexError::io(&self.folder, error))?;
        self.about.log_bytes += entries.len() as u64;
        Ok(())
    }
}

/// A page with the spans of its passages.
struct Cut {
    page: Page,
    spans: Vec<Range<usize>>,
}

/// Reads documents until they have enough passages; true at the end of the corpus.
fn read_batch(corpus: &mut Corpus, longest: usize) -> Result<(Vec<Cut>, bool), CorpusError> {
    let (mut batch, mut count) = (Vec::new(), 0);
    while count < BATCH {
        let Some(document) = corpus.next() else { return Ok((batch, true)) };
        let page = document?.page;
        let spans = passages(&page.text, longest);
        count += spans.len();
        batch.push(Cut { page, spans });
    }
    Ok((batch, false))
}

/// The vectors of all passages, one after the other.
async fn embed_all(batch: &[Cut], embedder: &(impl Embedder + ?Sized)) -> Result<Vec<Vec<f32>>, SearchError> {
    let text =
        |page: &Page, span: &Range<usize>| format!("{}\n{}", page.title, &page.text[span.clone()]).trim().to_owned();
    let texts: Vec<String> =
        batch.iter().flat_map(|Cut { page, spans }| spans.iter().map(|span| text(page, span))).collect();
    let mut vectors = Vec::with_capacity(texts.len());
    for some in texts.chunks(BATCH) {
        let some: Vec<&str> = some.iter().map(String::as_str).collect();
        let given = embedder.embed(&some, Purpose::Passage).await?;
        if given.len() != some.len() {
            let reason = format!("it gave {} vectors for {} texts", given.len(), some.len());
            return Err(SearchError::broken(embedder.name(), reason));
        }
        vectors.extend(given);
    }
    Ok(vectors)
}

/// The addresses that have rows.
fn known(folder: &Path, about: &About) -> Result<HashSet<String>, IndexError> {
    let log = fs::read(folder.join(ROWS)).map_err(|error| IndexError::damaged(folder, format!("{ROWS}: {error}")))?;
    let committed = usize::try_from(about.log_bytes).ok().and_then(|bytes| log.get(..bytes));
    let log = committed.ok_or_else(|| IndexError::damaged(folder, format!("{ROWS} is shorter than it was")))?;
    let rows = Rows::read(log).map_err(|reason| IndexError::damaged(folder, format!("{ROWS}: {reason}")))?;
    let living = (0..rows.len()).filter(|row| rows.document(*row).is_some());
    Ok(living.map(|row| rows.at(row, log).0.to_owned()).collect())
}

/// A file that is written behind its committed part; what a writer that was killed left there goes.
fn end_of(folder: &Path, name: &str, bytes: u64) -> Result<BufWriter<File>, IndexError> {
    let open = || {
        let mut file = File::options().write(true).open(folder.join(name))?;
        if file.metadata()?.len() < bytes {
            return Err(std::io::Error::other(format!("{name} is shorter than it was")));
        }
        file.set_len(bytes)?;
        file.seek(SeekFrom::Start(bytes))?;
        Ok(BufWriter::new(file))
    };
    open().map_err(|error: std::io::Error| match error.raw_os_error() {
        Some(_) => IndexError::io(folder, error),
        None => IndexError::damaged(folder, error),
    })
}
