//! Event files, as `TensorBoard` reads them.
//!
//! A file is a row of records, each with its length and the checksums of both; a record is an `Event` of protobuf: when,
//! at which step, and a `Summary` of named numbers. The few bytes of both are written here by hand.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use offseeker_durable::Draft;

use super::Metrics;
use crate::TrainError;

/// What the name of the file begins with; `TensorBoard` looks for it.
const NAME: &str = "events.out.tfevents.offseeker";

/// An event file of rows, in a folder of its own.
///
/// The file is made of the rows alone, and made anew where a run goes on, so that steps which the run takes twice are in it
/// once.
///
/// ```
/// use offseeker_trainer::metrics::{Metrics, TensorBoard};
///
/// # let folder = tempfile::tempdir()?;
/// let rows = [Metrics { step: 1, loss: 0.7, ..Metrics::default() }];
/// let mut board = TensorBoard::create(&folder.path().join("board"), &rows)?;
/// board.append(&Metrics { step: 2, loss: 0.6, ..Metrics::default() })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct TensorBoard {
    path: PathBuf,
    file: File,
}

impl TensorBoard {
    /// Writes rows into a folder, which is made where it is not there, in place of those that were.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn create(folder: &Path, rows: &[Metrics]) -> Result<Self, TrainError> {
        std::fs::create_dir_all(folder).map_err(TrainError::io(folder))?;
        let path = folder.join(NAME);
        let write = || {
            let mut draft = Draft::beside(&path)?;
            let begun = rows.first().map_or(0.0, |row| row.time);
            draft.write_all(&record(&version(begun)))?;
            for row in rows {
                draft.write_all(&record(&event(row)))?;
            }
            draft.publish(&path)?;
            File::options().append(true).open(&path)
        };
        let file = write().map_err(TrainError::io(&path))?;
        Ok(Self { path, file })
    }

    /// Appends a row.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn append(&mut self, row: &Metrics) -> Result<(), TrainError> {
        self.file.write_all(&record(&event(row))).map_err(TrainError::io(&self.path))
    }
}

/// The first event of a file: which version of events it holds.
fn version(time: f64) -> Vec<u8> {
    let mut event = Vec::new();
    double(&mut event, 1, time);
    bytes(&mut event, 3, b"brain.Event:2");
    event
}

fn event(row: &Metrics) -> Vec<u8> {
    summary_event(row.time, row.step, row.values())
}

fn summary_event(time: f64, step: u64, values: impl IntoIterator<Item = (String, f64)>) -> Vec<u8> {
    let mut summary = Vec::new();
    for (name, value) in values {
        let mut named = Vec::new();
        bytes(&mut named, 1, name.as_bytes());
        float(&mut named, 2, value as f32);
        bytes(&mut summary, 1, &named);
    }
    let mut event = Vec::new();
    double(&mut event, 1, time);
    tag(&mut event, 2, 0);
    varint(&mut event, step);
    bytes(&mut event, 5, &summary);
    event
}

/// A record: its length, the checksum of that, what it holds, the checksum of that.
fn record(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    let checks = [masked(crc32c(&length)), masked(crc32c(data))].map(u32::to_le_bytes);
    [&length[..], &checks[0], data, &checks[1]].concat()
}

/// A checksum as records have it, so that the checksum of a record that holds checksums is no weaker.
fn masked(checksum: u32) -> u32 {
    checksum.rotate_right(15).wrapping_add(0xa282_ead8)
}

/// The checksum of Castagnoli.
fn crc32c(data: &[u8]) -> u32 {
    const TABLE: [u32; 256] = table();
    !data.iter().fold(!0, |sum, byte| TABLE[((sum ^ u32::from(*byte)) & 0xff) as usize] ^ (sum >> 8))
}

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut sum, mut bit) = (byte as u32, 0);
        while bit < 8 {
            sum = if sum & 1 == 1 { (sum >> 1) ^ 0x82f6_3b78 } else { sum >> 1 };
            bit += 1;
        }
        table[byte] = sum;
        byte += 1;
    }
    table
}

fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// The number of a field and how its value is written: 0 as a varint, 1 as eight bytes, 2 with its length, 5 as four
/// bytes.
fn tag(out: &mut Vec<u8>, field: u64, kind: u64) {
    varint(out, field << 3 | kind);
}

fn double(out: &mut Vec<u8>, field: u64, value: f64) {
    tag(out, field, 1);
    out.extend(value.to_le_bytes());
}

fn float(out: &mut Vec<u8>, field: u64, value: f32) {
    tag(out, field, 5);
    out.extend(value.to_le_bytes());
}

fn bytes(out: &mut Vec<u8>, field: u64, value: &[u8]) {
    tag(out, field, 2);
    varint(out, value.len() as u64);
    out.extend(value);
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
