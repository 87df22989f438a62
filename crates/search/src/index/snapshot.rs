//! An index as one commit left it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tantivy::directory::error::OpenReadError;
use tantivy::fastfield::Column;
use tantivy::{DocAddress, DocId, Index, ReloadPolicy, Searcher, SegmentReader, TantivyDocument, TantivyError};

use super::Settings;
use super::fields::{CONTENT_LENGTH, Fields, HEADING_LENGTH, SEQUENCE};
use crate::{Document, IndexError};

/// How many blocks of stored documents are kept unpacked, for each segment; a block is 16 kB or one document.
const BLOCKS: usize = 32;

/// What a commit says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Commit {
    /// A hash of all that was ever put in and taken out, in order.
    pub(super) history: String,
    /// How many documents were ever put in.
    pub(super) sequence: u64,
}

/// An index as one commit left it. Documents and postings stay on disk; in memory are four bytes a document.
pub(super) struct Snapshot {
    pub(super) settings: Settings,
    pub(super) fields: Fields,
    pub(super) commit: Commit,
    pub(super) segments: Vec<Segment>,
    pub(super) documents: u64,
    searcher: Searcher,
    folder: PathBuf,
}

/// A part of an index.
pub(super) struct Segment {
    pub(super) reader: SegmentReader,
    /// For each document what a repeated word is damped by: `k1 (1 - b + b length / average)`.
    pub(super) damping: Vec<f32>,
    sequence: Column<u64>,
}

impl Segment {
    /// The how manieth document it is that was ever put in.
    pub(super) fn sequence(&self, doc: DocId) -> u64 {
        self.sequence.values.get_val(doc)
    }
}

impl Snapshot {
    pub(super) fn open(folder: &Path, settings: Settings, index: &Index) -> Result<Self, IndexError> {
        guarded(folder, || Self::read(folder, settings, index))
    }

    fn read(folder: &Path, settings: Settings, index: &Index) -> Result<Self, IndexError> {
        let failed = |error: TantivyError| opening(folder, &error);
        let payload = index.load_metas().map_err(failed)?.payload;
        let commit = match payload {
            Some(payload) => serde_json::from_str(&payload)
                .map_err(|error| IndexError::damaged(folder, format!("meta.json: {error}")))?,
            None => Commit::default(),
        };
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).doc_store_cache_num_blocks(BLOCKS);
        let reader: tantivy::IndexReader = reader.try_into().map_err(failed)?;
        let searcher = reader.searcher();
        let segments = segments(&searcher, &settings).map_err(failed)?;
        let documents = searcher.segment_readers().iter().map(|segment| u64::from(segment.max_doc())).sum();
        Ok(Self { settings, fields: Fields::new(), commit, segments, documents, searcher, folder: folder.to_owned() })
    }

    /// How many documents can be found.
    pub(super) fn len(&self) -> u64 {
        self.searcher.num_docs()
    }

    pub(super) fn has(&self, url: &str) -> Result<bool, IndexError> {
        self.find(self.fields.url, url).map(|found| found.is_some())
    }

    /// The document that has this in a field that is kept whole.
    pub(super) fn document_by(&self, by: Key, value: &str) -> Result<Option<Document>, IndexError> {
        let field = match by {
            Key::Url => self.fields.url,
            Key::Id => self.fields.id,
        };
        self.find(field, value)?.map(|address| self.document(address)).transpose()
    }

    pub(super) fn document(&self, address: DocAddress) -> Result<Document, IndexError> {
        let stored: TantivyDocument = self.searcher.doc(address).map_err(|error| opening(&self.folder, &error))?;
        Ok(self.fields.document(&stored))
    }

    pub(super) fn io(&self, error: &std::io::Error) -> IndexError {
        IndexError::io(&self.folder, error)
    }

    pub(super) fn failed(&self, error: &TantivyError) -> IndexError {
        opening(&self.folder, error)
    }

    fn find(&self, field: tantivy::schema::Field, value: &str) -> Result<Option<DocAddress>, IndexError> {
        let term = tantivy::Term::from_field_text(field, value);
        for (place, segment) in self.segments.iter().enumerate() {
            let index = segment.reader.inverted_index(field).map_err(|error| self.failed(&error))?;
            let found = index.read_block_postings(&term, tantivy::schema::IndexRecordOption::Basic);
            let Some(mut postings) = found.map_err(|error| self.io(&error))? else { continue };
            while !postings.docs().is_empty() {
                if let Some(doc) = postings.docs().iter().find(|doc| !segment.reader.is_deleted(**doc)) {
                    return Ok(Some(DocAddress::new(u32::try_from(place).expect("segments are few"), *doc)));
                }
                postings.advance();
            }
        }
        Ok(None)
    }
}

/// Which name a document is asked for by.
#[derive(Debug, Clone, Copy)]
pub(super) enum Key {
    Url,
    Id,
}

fn segments(searcher: &Searcher, settings: &Settings) -> tantivy::Result<Vec<Segment>> {
    let lengths: Vec<Vec<f32>> =
        searcher.segment_readers().iter().map(|reader| lengths(reader, settings)).collect::<tantivy::Result<_>>()?;
    let average = average(&lengths);
    let damping = |length: f32| settings.k1 * (1.0 - settings.b + settings.b * length / average);
    let segment = |(reader, lengths): (&SegmentReader, Vec<f32>)| {
        let sequence = reader.fast_fields().u64(SEQUENCE)?;
        Ok(Segment { reader: reader.clone(), damping: lengths.into_iter().map(damping).collect(), sequence })
    };
    searcher.segment_readers().iter().zip(lengths).map(segment).collect()
}

/// How long each document of a segment is, as its title and text count.
#[allow(clippy::cast_precision_loss)]
fn lengths(reader: &SegmentReader, settings: &Settings) -> tantivy::Result<Vec<f32>> {
    let all = |name: &str| -> tantivy::Result<Vec<u64>> {
        let mut values = vec![0; reader.max_doc() as usize];
        reader.fast_fields().u64(name)?.values.get_range(0, &mut values);
        Ok(values)
    };
    let content = all(CONTENT_LENGTH)?;
    if settings.title == settings.text {
        return Ok(content.into_iter().map(|length| settings.text * length as f32).collect());
    }
    let weighed = |(content, heading): (u64, u64)| {
        settings.text * content as f32 + (settings.title - settings.text) * heading as f32
    };
    Ok(content.into_iter().zip(all(HEADING_LENGTH)?).map(weighed).collect())
}

/// The average length; one where there is nothing, since something is divided by it.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
fn average(lengths: &[Vec<f32>]) -> f32 {
    let total: f64 = lengths.iter().flatten().map(|length| f64::from(*length)).sum();
    let count: usize = lengths.iter().map(Vec::len).sum();
    if total > 0.0 { (total / count as f64) as f32 } else { 1.0 }
}

/// What it means that an index that should be whole cannot be read.
pub(super) fn opening(folder: &Path, error: &TantivyError) -> IndexError {
    match error {
        TantivyError::LockFailure(..) => IndexError::Busy { folder: folder.to_owned() },
        TantivyError::IncompatibleIndex(found)
        | TantivyError::OpenReadError(OpenReadError::IncompatibleIndex(found)) => {
            IndexError::OtherVersion { folder: folder.to_owned(), reason: format!("{found:?}") }
        }
        TantivyError::OpenReadError(OpenReadError::FileDoesNotExist(file)) => {
            IndexError::damaged(folder, format!("the file {} is missing", file.display()))
        }
        TantivyError::OpenReadError(OpenReadError::IoError { io_error, filepath })
            if io_error.raw_os_error().is_none() =>
        {
            IndexError::damaged(folder, format!("the file {}: {io_error}", filepath.display()))
        }
        TantivyError::DataCorruption(found) => IndexError::damaged(folder, format!("{found:?}")),
        TantivyError::IoError(error) if error.raw_os_error().is_none() => IndexError::damaged(folder, error),
        TantivyError::FieldNotFound(_) | TantivyError::SchemaError(_) | TantivyError::DeserializeError(_) => {
            IndexError::damaged(folder, error)
        }
        other => IndexError::io(folder, other),
    }
}

/// Reads of an index. What is damaged inside a file shows only when it is read, and then as a panic below us.
pub(super) fn guarded<T>(folder: &Path, read: impl FnOnce() -> Result<T, IndexError>) -> Result<T, IndexError> {
    let caught = catch_unwind(AssertUnwindSafe(read));
    caught.unwrap_or_else(|_| Err(IndexError::damaged(folder, "what is in a file makes no sense")))
}

/// Snapshots are shared between those that search.
pub(super) type Shared = Arc<Snapshot>;
