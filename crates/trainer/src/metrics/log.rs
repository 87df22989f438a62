//! The file of rows: one line a step, on the disk before the next step ends.

use std::io::Write;
use std::path::{Path, PathBuf};

use offseeker_durable::{Draft, Log, LogError};

use super::Metrics;
use crate::TrainError;

/// No row is longer.
const LONGEST: usize = 1 << 20;

/// A file of rows as JSON lines, one a step.
///
/// What a kill left of the last line is cut off when the file is opened. A run that goes on from a checkpoint opens it
/// with the checkpoint's step: rows of later steps are taken away, and come again as if the run had never stopped.
///
/// ```
/// use offseeker_trainer::metrics::{Metrics, MetricsLog};
///
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("metrics.jsonl");
/// let (mut log, rows) = MetricsLog::open(&path, 0)?;
/// assert!(rows.is_empty());
/// for step in 1..=5 {
///     log.append(&Metrics { step, ..Metrics::default() })?;
/// }
///
/// let (_, rows) = MetricsLog::open(&path, 3)?; // the checkpoint was written after step 3
/// assert_eq!(rows.last().map(|row| row.step), Some(3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct MetricsLog {
    path: PathBuf,
    log: Log,
    last: u64,
}

impl MetricsLog {
    /// Opens the file or begins it, with the rows up to a step; later ones are taken away at once or not at all.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or written, when a line is no row, or steps do not grow.
    pub fn open(path: &Path, up_to_step: u64) -> Result<(Self, Vec<Metrics>), TrainError> {
        let (log, mut rows) = open(path)?;
        let kept = rows.partition_point(|row| row.step <= up_to_step);
        let log = if kept < rows.len() {
            drop(log);
            rows.truncate(kept);
            keep_lines(path, kept)?;
            open(path)?.0
        } else {
            log
        };
        let last = rows.last().map_or(0, |row| row.step);
        Ok((Self { path: path.to_owned(), log, last }, rows))
    }

    /// Appends a row, which is on the disk then.
    ///
    /// # Errors
    ///
    /// When its step is not after the last, or the system refuses.
    pub fn append(&mut self, row: &Metrics) -> Result<(), TrainError> {
        if row.step <= self.last {
            let what = format!("has step {} already; step {} does not come after it", self.last, row.step);
            return Err(TrainError::Mismatch { place: self.path.clone(), what });
        }
        let mut line = serde_json::to_vec(row).expect("a row is JSON");
        line.push(b'\n');
        self.log.append(&line).map_err(TrainError::io(&self.path))?;
        self.last = row.step;
        Ok(())
    }
}

/// Reads the rows of a file, without the last line where it has no end.
///
/// # Errors
///
/// When there is no file, it cannot be read, a line is no row, or steps do not grow.
pub fn read_metrics(path: &Path) -> Result<Vec<Metrics>, TrainError> {
    let file = std::fs::File::open(path).map_err(TrainError::io(path))?;
    let mut rows = Rows::default();
    let mut lines = std::io::BufReader::new(file);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let mut limited = std::io::Read::take(&mut lines, LONGEST as u64 + 1);
        std::io::BufRead::read_until(&mut limited, b'\n', &mut line).map_err(TrainError::io(path))?;
        let Some(text) = line.strip_suffix(b"\n") else {
            if line.len() > LONGEST {
                return Err(damaged(path, number, "is too long for a row"));
            }
            break;
        };
        rows.add(text).map_err(|what| damaged(path, number, &what))?;
    }
    Ok(rows.0)
}

fn open(path: &Path) -> Result<(Log, Vec<Metrics>), TrainError> {
    let mut rows = Rows::default();
    let log = Log::open(path, LONGEST, |line| rows.add(line.text));
    let log = log.map_err(|error| match error {
        LogError::Io(source) => TrainError::Io { file: path.to_owned(), source },
        LogError::Damaged { line, reason } => damaged(path, line, &reason),
    })?;
    Ok((log, rows.0))
}

fn damaged(path: &Path, line: u64, what: &str) -> TrainError {
    let what = format!("line {line}: {what}; mend the line or move the file away");
    TrainError::Damaged { file: path.to_owned(), what }
}

#[derive(Default)]
struct Rows(Vec<Metrics>);

impl Rows {
    fn add(&mut self, line: &[u8]) -> Result<(), String> {
        let row: Metrics = serde_json::from_slice(line).map_err(|error| format!("is no row: {error}"))?;
        match self.0.last() {
            Some(last) if row.step <= last.step => Err(format!("step {} comes after step {}", row.step, last.step)),
            _ => {
                self.0.push(row);
                Ok(())
            }
        }
    }
}

/// Puts a file in its place that has its first lines alone.
fn keep_lines(path: &Path, lines: usize) -> Result<(), TrainError> {
    let text = std::fs::read(path).map_err(TrainError::io(path))?;
    let mut draft = Draft::beside(path).map_err(TrainError::io(path))?;
    for line in text.split_inclusive(|byte| *byte == b'\n').take(lines) {
        draft.write_all(line).map_err(TrainError::io(path))?;
    }
    draft.publish(path).map_err(TrainError::io(path))
}
