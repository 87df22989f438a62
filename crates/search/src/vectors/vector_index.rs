//! Vectors on disk, and those of them that are nearest to another.

use std::cmp::Ordering;
use std::fmt;
use std::fs::{self, File};
use std::ops::Range;
use std::path::{Path, PathBuf};

use half::f16;
use half::slice::HalfFloatSliceExt;
use memmap2::Mmap;
use offseeker_durable::WriterLock;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSlice;
use serde::{Deserialize, Serialize};

use super::rows::Rows;
use super::{Embedder, VectorWriter};
use crate::IndexError;

#[cfg(target_endian = "big")]
compile_error!("vectors are kept with the least byte first; this machine would read them wrongly");

/// The file that says what was committed.
pub(super) const ABOUT: &str = "vectors.json";

/// The file with the vectors.
pub(super) const VECTORS: &str = "vectors.f16";

/// The file that says what each vector belongs to.
pub(super) const ROWS: &str = "rows.log";

/// The format that this version reads and writes.
const FORMAT: u32 = 1;

/// The most numbers that a vector may have.
const MOST_DIMENSIONS: usize = 1 << 14;

/// How many rows a thread looks at before it asks for more.
const AT_ONCE: usize = 2048;

/// What was committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct About {
    format: u32,
    pub(super) embedder: String,
    pub(super) dimensions: usize,
    pub(super) rows: u64,
    pub(super) log_bytes: u64,
    /// A hash of all that was ever put in and taken out, in order.
    pub(super) history: String,
}

/// Vectors on disk: 16-bit numbers, each vector of length one, read in full for each query by all cores.
///
/// That is exact, and quick enough up to about a million vectors. The index is as the last commit before it was opened
/// left it. A document may have several vectors, one for each passage; the best of them counts. What was replaced or
/// taken out is never found again; its bytes stay until the index is made again.
pub struct VectorIndex {
    folder: PathBuf,
    about: About,
    rows: Rows,
    vectors: Option<Mmap>,
    log: Option<Mmap>,
    name: String,
}

impl fmt::Debug for VectorIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VectorIndex").field("folder", &self.folder).field("about", &self.about).finish_non_exhaustive()
    }
}

/// A document that is near.
#[derive(Debug, Clone, PartialEq)]
pub struct Near {
    /// Its address.
    pub url: String,
    /// Its best passage, in bytes of its text.
    pub span: Range<usize>,
    /// The cosine of the angle between the two.
    pub score: f32,
}

impl VectorIndex {
    /// Makes an index for the vectors of an embedder, in a folder that is missing or empty.
    pub fn create(folder: impl AsRef<Path>, embedder: &(impl Embedder + ?Sized)) -> Result<Self, IndexError> {
        let folder = folder.as_ref();
        let dimensions = embedder.dimensions();
        if dimensions == 0 || dimensions > MOST_DIMENSIONS {
            let reason = format!("it is {dimensions}; it lies between 1 and {MOST_DIMENSIONS}");
            return Err(IndexError::setting("dimensions", reason));
        }
        fs::create_dir_all(folder).map_err(|error| IndexError::io(folder, error))?;
        check_free(folder)?;
        for name in [VECTORS, ROWS] {
            File::create(folder.join(name)).map_err(|error| IndexError::io(folder, error))?;
        }
        let embedder = embedder.name().to_owned();
        let history = String::new();
        About { format: FORMAT, embedder, dimensions, rows: 0, log_bytes: 0, history }.write(folder)?;
        Self::open(folder)
    }

    /// Opens an index.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, IndexError> {
        let folder = folder.as_ref();
        let about = About::read(folder)?;
        let log = map(folder, ROWS, about.log_bytes)?;
        let vectors = map(folder, VECTORS, about.vector_bytes())?;
        let rows = Rows::read(log.as_deref().unwrap_or_default())
            .map_err(|reason| IndexError::damaged(folder, format!("{ROWS}: {reason}")))?;
        if rows.len() as u64 != about.rows {
            let reason = format!("{ROWS} has {} rows, {ABOUT} says {}", rows.len(), about.rows);
            return Err(IndexError::damaged(folder, reason));
        }
        let hash = blake3::hash(format!("{}\n{}\n{}", about.embedder, about.dimensions, about.history).as_bytes());
        let name = format!("vectors:{}", &hash.to_hex()[..16]);
        Ok(Self { folder: folder.to_owned(), about, rows, vectors, log, name })
    }

    /// What the index is called: another for other content.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whose vectors these are.
    #[must_use]
    pub fn embedder(&self) -> &str {
        &self.about.embedder
    }

    /// How many numbers a vector has.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.about.dimensions
    }

    /// How many documents it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.living()
    }

    /// Whether it has no document.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Begins to write; an error where somebody else writes.
    pub fn writer(&self) -> Result<VectorWriter, IndexError> {
        VectorWriter::open(&self.folder)
    }

    /// An error where these are not the vectors of this embedder.
    pub fn check(&self, embedder: &(impl Embedder + ?Sized)) -> Result<(), IndexError> {
        let other = |setting: &str, kept: String, asked: String| {
            Err(IndexError::OtherSettings { folder: self.folder.clone(), setting: setting.to_owned(), kept, asked })
        };
        if embedder.name() != self.embedder() {
            return other("embedder", self.embedder().to_owned(), embedder.name().to_owned());
        }
        if embedder.dimensions() != self.dimensions() {
            return other("dimensions", self.dimensions().to_string(), embedder.dimensions().to_string());
        }
        Ok(())
    }

    /// The documents that are nearest to a vector, nearest first; of two that are equally near, the one that was put in
    /// first.
    pub fn nearest(&self, vector: &[f32], limit: usize) -> Result<Vec<Near>, IndexError> {
        let query = unit(vector, self.dimensions()).map_err(|reason| IndexError::setting("vector", reason))?;
        let Some(vectors) = self.vectors.as_deref() else { return Ok(Vec::new()) };
        let halves: &[u16] = bytemuck::cast_slice(vectors);
        let parts = halves.par_chunks(AT_ONCE * self.dimensions()).enumerate();
        let best = parts.map(|(part, rows)| self.best(part * AT_ONCE, rows, &query, limit));
        let best = best.reduce(Vec::new, |mut left, right| {
            left.extend(right);
            keep(left, limit)
        });
        let log = self.log.as_deref().unwrap_or_default();
        let near = |Scored { row, score, .. }: Scored| {
            let (url, span) = self.rows.at(row, log);
            Near { url: url.to_owned(), span, score }
        };
        Ok(best.into_iter().map(near).collect())
    }

    /// The best documents of some rows.
    fn best(&self, first: usize, rows: &[u16], query: &[f32], limit: usize) -> Vec<Scored> {
        let mut row_f32 = vec![0.0_f32; query.len()];
        let mut best = Vec::new();
        for (place, row_f16) in rows.chunks_exact(query.len()).enumerate() {
            let Some(document) = self.rows.document(first + place) else { continue };
            bytemuck::cast_slice::<u16, f16>(row_f16).convert_to_f32_slice(&mut row_f32);
            best.push(Scored { row: first + place, document, score: dot(&row_f32, query) });
        }
        keep(best, limit)
    }
}

/// A row with its score.
#[derive(Debug, Clone, Copy)]
struct Scored {
    row: usize,
    document: u32,
    score: f32,
}

impl Scored {
    fn order(&self, other: &Self) -> Ordering {
        other.score.total_cmp(&self.score).then(self.document.cmp(&other.document)).then(self.row.cmp(&other.row))
    }
}

/// The best row of each of the best documents, best first.
fn keep(mut rows: Vec<Scored>, limit: usize) -> Vec<Scored> {
    rows.sort_unstable_by(Scored::order);
    let mut seen = std::collections::HashSet::new();
    rows.retain(|row| seen.len() < limit && seen.insert(row.document));
    rows
}

/// The sum of the products, in lanes that the compiler can keep side by side.
fn dot(left: &[f32], right: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 16];
    let (left_lanes, left_rest) = left.as_chunks::<16>();
    let (right_lanes, right_rest) = right.as_chunks::<16>();
    for (left, right) in left_lanes.iter().zip(right_lanes) {
        for lane in 0..16 {
            sums[lane] += left[lane] * right[lane];
        }
    }
    sums.iter().sum::<f32>() + left_rest.iter().zip(right_rest).map(|(left, right)| left * right).sum::<f32>()
}

/// The vector of length one that points the same way; why there is none, where there is none.
pub(super) fn unit(vector: &[f32], dimensions: usize) -> Result<Vec<f32>, String> {
    if vector.len() != dimensions {
        return Err(format!("it has {} numbers, not {dimensions}", vector.len()));
    }
    let length = vector.iter().map(|number| f64::from(*number).powi(2)).sum::<f64>().sqrt();
    if !length.is_finite() || length == 0.0 {
        return Err("it points nowhere: all its numbers are nought, or one is none".to_owned());
    }
    #[allow(clippy::cast_possible_truncation)]
    Ok(vector.iter().map(|number| (f64::from(*number) / length) as f32).collect())
}

impl About {
    pub(super) fn read(folder: &Path) -> Result<Self, IndexError> {
        let text = match fs::read(folder.join(ABOUT)) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(IndexError::NotAnIndex { folder: folder.to_owned() });
            }
            Err(error) => return Err(IndexError::io(folder, error)),
        };
        let damaged = |reason: String| IndexError::damaged(folder, format!("{ABOUT}: {reason}"));
        let value: serde_json::Value = serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
        match value.get("format").and_then(serde_json::Value::as_u64) {
            Some(format) if format == u64::from(FORMAT) => {}
            Some(format) => {
                let reason = format!("it is format {format}, and this version reads format {FORMAT}");
                return Err(IndexError::OtherVersion { folder: folder.to_owned(), reason });
            }
            None => return Err(damaged("it names no format".to_owned())),
        }
        let about: Self = serde_json::from_value(value).map_err(|error| damaged(error.to_string()))?;
        if about.dimensions == 0 || about.dimensions > MOST_DIMENSIONS || about.rows > u64::from(u32::MAX) {
            return Err(damaged("its numbers make no sense".to_owned()));
        }
        Ok(about)
    }

    /// Writes it so that it is there whole or not at all, also after the power failed.
    pub(super) fn write(&self, folder: &Path) -> Result<(), IndexError> {
        let text = serde_json::to_vec_pretty(self).expect("strings and numbers are JSON");
        offseeker_durable::write(&folder.join(ABOUT), &text).map_err(|error| IndexError::io(folder, error))
    }

    pub(super) fn vector_bytes(&self) -> u64 {
        self.rows * self.dimensions as u64 * 2
    }
}

/// Maps the committed part of a file; none where it is empty.
#[allow(unsafe_code)]
fn map(folder: &Path, name: &str, bytes: u64) -> Result<Option<Mmap>, IndexError> {
    let file =
        File::open(folder.join(name)).map_err(|error| IndexError::damaged(folder, format!("{name}: {error}")))?;
    let length = file.metadata().map_err(|error| IndexError::io(folder, error))?.len();
    if length < bytes {
        return Err(IndexError::damaged(folder, format!("{name} has {length} bytes, {ABOUT} says {bytes}")));
    }
    if bytes == 0 {
        return Ok(None);
    }
    let length = usize::try_from(bytes).map_err(|error| IndexError::io(folder, error))?;
    // SAFETY: writers only add behind what was committed, and take nothing away before it.
    let mapped = unsafe { memmap2::MmapOptions::new().len(length).map(&file) };
    mapped.map(Some).map_err(|error| IndexError::io(folder, error))
}

fn check_free(folder: &Path) -> Result<(), IndexError> {
    if folder.join(ABOUT).exists() {
        return Err(IndexError::Exists { folder: folder.to_owned() });
    }
    for entry in fs::read_dir(folder).map_err(|error| IndexError::io(folder, error))? {
        let found = entry.map_err(|error| IndexError::io(folder, error))?.file_name().to_string_lossy().into_owned();
        if ![VECTORS, ROWS, WriterLock::FILE].contains(&found.as_str()) && !found.starts_with(".tmp") {
            return Err(IndexError::NotEmpty { folder: folder.to_owned(), found });
        }
    }
    Ok(())
}
