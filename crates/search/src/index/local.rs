//! A full-text index on disk.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use offseeker_durable::WriterLock;
use offseeker_pages::{Library, Page, PageError};
use serde::{Deserialize, Serialize};
use tantivy::directory::MmapDirectory;
use tantivy::{Index, IndexSettings};
use tokio::task::spawn_blocking;

use super::analyzer::Analyzer;
use super::fields::Fields;
use super::passage::passage;
use super::snapshot::{Key, Shared, Snapshot, guarded, opening};
use super::{IndexWriter, Settings, WriterOptions};
use crate::{Document, Hit, IndexError, Query, SearchBackend, SearchError};

/// The file that says what the folder is.
const ABOUT: &str = "offseeker.json";

/// The file with which an index begins to be one.
const META: &str = "meta.json";

/// The format that this version reads and writes.
const FORMAT: u32 = 1;

/// How many analyzers are kept for the queries to come, with the words that they remember.
const ANALYZERS: usize = 16;

#[derive(Debug, Serialize, Deserialize)]
struct About {
    format: u32,
    settings: Settings,
}

/// A full-text index on disk: ranks by BM25 and gives the pages.
///
/// It is as the last commit before it was opened left it, until [`refresh`](Self::refresh). Documents are read from disk
/// when they are shown. A query is plain words: no character of it has a meaning, and of more than a thousand different
/// terms those that say most count. Of two documents that fit equally well, the one that was put in first comes first.
///
/// ```
/// use offseeker_pages::{Library, Page};
/// use offseeker_search::{LocalIndex, Query, SearchBackend, Settings, WriterOptions};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path().join("index");
/// let mut index = LocalIndex::create(&folder, Settings::default())?;
///
/// let mut writer = index.writer(WriterOptions::default())?;
/// writer.add(Page::new("https://karlin.example/mill", "Karlin mill", "It stands on the Orsa."))?;
/// writer.commit()?;
/// index.refresh()?;
///
/// let hits = index.search(&Query::new("which mills stand on the Orsa?")).await?;
/// assert_eq!(hits[0].title, "Karlin mill");
/// assert_eq!(index.get(&hits[0].url).await?.text, "It stands on the Orsa.");
/// # Ok(())
/// # }
/// ```
pub struct LocalIndex {
    folder: PathBuf,
    index: Index,
    snapshot: Shared,
    analyzers: Arc<Mutex<Vec<Analyzer>>>,
    name: String,
}

impl fmt::Debug for LocalIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalIndex").field("folder", &self.folder).field("name", &self.name).finish_non_exhaustive()
    }
}

impl LocalIndex {
    /// Makes an index in a folder, which is made when it is missing and empty when it is there.
    pub fn create(folder: impl AsRef<Path>, settings: Settings) -> Result<Self, IndexError> {
        let folder = folder.as_ref();
        settings.check()?;
        fs::create_dir_all(folder).map_err(|error| IndexError::io(folder, error))?;
        check_free(folder)?;
        // The settings come first: what has settings and no more was never finished, and is made again.
        let about = serde_json::to_vec_pretty(&About { format: FORMAT, settings }).expect("settings are JSON");
        offseeker_durable::write(&folder.join(ABOUT), &about).map_err(|error| IndexError::io(folder, error))?;
        let directory = MmapDirectory::open(folder).map_err(|error| IndexError::io(folder, error))?;
        let created = Index::create(directory, Fields::schema(), IndexSettings::default());
        created.map_err(|error| opening(folder, &error))?;
        Self::open(folder)
    }

    /// Opens an index.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, IndexError> {
        let folder = folder.as_ref();
        let about = about(folder)?;
        if !folder.join(META).is_file() {
            return Err(IndexError::NotAnIndex { folder: folder.to_owned() });
        }
        let index = opened(folder)?;
        let snapshot = Arc::new(Snapshot::open(folder, about.settings, &index)?);
        let name = name(&snapshot);
        Ok(Self { folder: folder.to_owned(), index, snapshot, analyzers: Arc::default(), name })
    }

    /// Opens an index that has these settings, or makes one.
    pub fn open_or_create(folder: impl AsRef<Path>, settings: Settings) -> Result<Self, IndexError> {
        let folder = folder.as_ref();
        match Self::open(folder) {
            Err(IndexError::NotAnIndex { .. }) => Self::create(folder, settings),
            Err(error) => Err(error),
            Ok(index) => match index.settings().difference(&settings) {
                None => Ok(index),
                Some((setting, kept, asked)) => {
                    let (folder, setting) = (folder.to_owned(), setting.to_owned());
                    Err(IndexError::OtherSettings { folder, setting, kept, asked })
                }
            },
        }
    }

    /// How the index reads and ranks.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.snapshot.settings
    }

    /// How many documents it has.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.snapshot.len()
    }

    /// Whether it has no document.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Begins to write; an error where somebody else writes.
    pub fn writer(&self, options: WriterOptions) -> Result<IndexWriter, IndexError> {
        IndexWriter::open(&self.folder, *self.settings(), options, || opened(&self.folder))
    }

    /// Turns to what was committed since, by this process or another; false where nothing was.
    pub fn refresh(&mut self) -> Result<bool, IndexError> {
        let snapshot = Snapshot::open(&self.folder, *self.settings(), &self.index)?;
        let changed = snapshot.commit != self.snapshot.commit;
        self.snapshot = Arc::new(snapshot);
        self.name = name(&self.snapshot);
        Ok(changed)
    }

    /// Reads every file of the index and checks it against its checksum.
    pub fn verify(&self) -> Result<(), IndexError> {
        let damaged = self.index.validate_checksum().map_err(|error| opening(&self.folder, &error))?;
        match damaged.iter().min() {
            None => Ok(()),
            Some(file) => {
                Err(IndexError::damaged(&self.folder, format!("the file {} has another checksum", file.display())))
            }
        }
    }

    /// The document that its corpus calls so; of several, any.
    pub async fn get_by_id(&self, id: &str) -> Result<Document, PageError> {
        self.document(Key::Id, id.to_owned()).await
    }

    /// Answers a query on this thread.
    pub fn find(&self, query: &Query) -> Result<Vec<Hit>, IndexError> {
        let mut analyzer = lock(&self.analyzers).pop().unwrap_or_else(|| Analyzer::new(self.settings().language));
        let hits = guarded(&self.folder, || hits(&self.snapshot, query, &mut analyzer));
        let mut analyzers = lock(&self.analyzers);
        if analyzers.len() < ANALYZERS {
            analyzers.push(analyzer);
        }
        hits
    }

    async fn document(&self, by: Key, value: String) -> Result<Document, PageError> {
        let (snapshot, asked) = (Arc::clone(&self.snapshot), value.clone());
        let folder = self.folder.clone();
        let found = spawn_blocking(move || guarded(&folder, || snapshot.document_by(by, &value))).await;
        match found.map_err(|error| PageError::broken(error.to_string()))? {
            Ok(Some(document)) => Ok(document),
            Ok(None) => Err(PageError::not_found(asked)),
            Err(error) => Err(PageError::broken(error.to_string())),
        }
    }

    /// The same index, for another thread.
    fn shared(&self) -> Self {
        Self {
            folder: self.folder.clone(),
            index: self.index.clone(),
            snapshot: Arc::clone(&self.snapshot),
            analyzers: Arc::clone(&self.analyzers),
            name: String::new(),
        }
    }
}

#[async_trait]
impl SearchBackend for LocalIndex {
    fn name(&self) -> &str {
        &self.name
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, SearchError> {
        let (shared, query) = (self.shared(), query.clone());
        let broken = |error: String| SearchError::broken(&self.name, error);
        let found = spawn_blocking(move || shared.find(&query)).await.map_err(|error| broken(error.to_string()))?;
        found.map_err(|error| broken(error.to_string()))
    }
}

#[async_trait]
impl Library for LocalIndex {
    fn name(&self) -> &str {
        &self.name
    }

    async fn get(&self, url: &str) -> Result<Page, PageError> {
        self.document(Key::Url, url.to_owned()).await.map(|document| document.page)
    }
}

fn hits(snapshot: &Snapshot, query: &Query, analyzer: &mut Analyzer) -> Result<Vec<Hit>, IndexError> {
    let mut counts: HashMap<String, u32> = HashMap::new();
    analyzer.terms(&query.text, |_, term| *counts.entry(term.to_owned()).or_default() += 1);
    let terms = snapshot.weigh(counts)?;
    let weights = terms.iter().map(|term| (term.term.as_str(), term.weight)).collect();
    let mut hits = Vec::new();
    for found in snapshot.best(&terms, query.limit)? {
        let Page { url, title, text, date, .. } = snapshot.document(found.address)?.page;
        let snippet = passage(&text, &weights, snapshot.settings.snippet, analyzer);
        hits.push(Hit { url, title, snippet, score: Some(found.score), date });
    }
    Ok(hits)
}

/// The files of an index, whose fields are those of this version.
fn opened(folder: &Path) -> Result<Index, IndexError> {
    guarded(folder, || {
        let mut index = Index::open_in_dir(folder).map_err(|error| opening(folder, &error))?;
        if index.schema() != Fields::schema() {
            return Err(IndexError::damaged(folder, "its fields are not those of an index of this format"));
        }
        index.set_tokenizers(Fields::tokenizers());
        Ok(index)
    })
}

/// Another name for other content and other settings.
fn name(snapshot: &Snapshot) -> String {
    let settings = serde_json::to_vec(&snapshot.settings).expect("settings are JSON");
    let hash = blake3::Hasher::new().update(&settings).update(snapshot.commit.history.as_bytes()).finalize();
    format!("local:{}", &hash.to_hex()[..16])
}

fn about(folder: &Path) -> Result<About, IndexError> {
    let path = folder.join(ABOUT);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(IndexError::NotAnIndex { folder: folder.to_owned() });
        }
        Err(error) => return Err(IndexError::io(folder, error)),
    };
    let damaged = |error: serde_json::Error| IndexError::damaged(folder, format!("{ABOUT}: {error}"));
    let about: serde_json::Value = serde_json::from_slice(&text).map_err(damaged)?;
    match about.get("format").and_then(serde_json::Value::as_u64) {
        Some(format) if format == u64::from(FORMAT) => serde_json::from_value(about).map_err(damaged),
        Some(format) => Err(IndexError::OtherVersion {
            folder: folder.to_owned(),
            reason: format!("it is format {format}, and this version reads format {FORMAT}"),
        }),
        None => Err(IndexError::damaged(folder, format!("{ABOUT} names no format"))),
    }
}

/// Whether an index may be made here: the folder is empty, or making one was broken off.
fn check_free(folder: &Path) -> Result<(), IndexError> {
    let (about, meta) = (folder.join(ABOUT).exists(), folder.join(META).exists());
    if about && meta {
        return Err(IndexError::Exists { folder: folder.to_owned() });
    }
    for entry in fs::read_dir(folder).map_err(|error| IndexError::io(folder, error))? {
        let entry = entry.map_err(|error| IndexError::io(folder, error))?;
        let found = entry.file_name().to_string_lossy().into_owned();
        let ours =
            [".tantivy-", ".managed.json", ".tmp", WriterLock::FILE, ABOUT].iter().any(|ours| found.starts_with(ours));
        if !ours {
            return Err(IndexError::NotEmpty { folder: folder.to_owned(), found });
        }
    }
    Ok(())
}

fn lock(analyzers: &Mutex<Vec<Analyzer>>) -> std::sync::MutexGuard<'_, Vec<Analyzer>> {
    analyzers.lock().unwrap_or_else(PoisonError::into_inner)
}
