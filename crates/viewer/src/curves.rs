//! What a training measured at its steps, read from the file of its metrics.

mod thin;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use offseeker_durable::{LineError, Lines};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ViewError;
use thin::thinned;

/// No row of metrics is longer.
const LONGEST_ROW: usize = 1 << 20;

/// No file has more rows that are looked at.
const MOST_ROWS: usize = 10_000_000;

/// The most names that the rows of a file may have together.
const MOST_NAMES: usize = 1_000;

/// What a training measured at its steps.
///
/// ```
/// use offseeker_viewer::Curves;
///
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("metrics.jsonl");
/// std::fs::write(&path, "{\"step\":1,\"loss\":2.5}\n{\"step\":2,\"loss\":1.5,\"evaluation\":{\"held_out_loss\":1.8}}\n")?;
/// let curves = Curves::read("SFT", &path)?;
/// assert_eq!(curves.series["loss"].points, [(1, Some(2.5)), (2, Some(1.5))]);
/// assert_eq!(curves.series["evaluation/held_out_loss"].points.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Curves {
    /// The training.
    pub name: String,
    /// How many steps were read.
    pub rows: u64,
    /// The curves by the names of what was measured.
    pub series: BTreeMap<String, Series>,
}

/// One curve.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Series {
    /// Steps and what was measured; none where that was no number.
    pub points: Vec<(u64, Option<f64>)>,
    /// How many there were before some were left out, so that the page stays small: of neighbours the lowest and the
    /// highest stay.
    pub measured: u64,
}

impl Curves {
    /// Reads a file of metrics as the trainer writes it: JSON lines, each an object with a `step`, numbers by their names,
    /// and `evaluation`, an object of more of them. Where a run wrote a step again, the later row counts.
    ///
    /// A last line without an end is what a kill left, and is passed over.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or a line is no such row.
    pub fn read(name: impl Into<String>, path: &Path) -> Result<Self, ViewError> {
        let file = File::open(path).map_err(ViewError::io(path))?;
        let is_whole = ends_in_line(path).map_err(ViewError::io(path))?;
        let mut lines = Lines::new(BufReader::new(file), LONGEST_ROW);
        let mut rows = Rows::default();
        let mut unread: Option<ViewError> = None;
        loop {
            let text = match lines.text() {
                Ok(Some(text)) => text,
                Ok(None) => break,
                Err(LineError::Io(source)) => return Err(ViewError::io(path)(source)),
                Err(LineError::TooLong) => {
                    return Err(ViewError::damaged(path, lines.number(), "it is too long for a row"));
                }
            };
            // What could not be read was not the last line after all.
            if let Some(error) = unread.take() {
                return Err(error);
            }
            if let Err(what) = rows.add(text) {
                unread = Some(ViewError::damaged(path, lines.number(), what));
            }
        }
        match unread {
            Some(error) if is_whole => Err(error),
            _ => Ok(rows.curves(name.into())),
        }
    }

    /// The curves of values by name.
    #[must_use]
    pub fn new(name: impl Into<String>, series: impl IntoIterator<Item = (String, Vec<(u64, f64)>)>) -> Self {
        let mut rows = Rows::default();
        for (series, points) in series {
            for (step, value) in points {
                rows.values.entry(series.clone()).or_default().insert(step, Some(value).filter(|it| it.is_finite()));
            }
        }
        rows.count = rows.values.values().map(BTreeMap::len).max().unwrap_or_default() as u64;
        rows.curves(name.into())
    }
}

/// Whether a file ends where a line does.
fn ends_in_line(path: &Path) -> std::io::Result<bool> {
    use std::io::{Read, Seek, SeekFrom};
    let mut file = File::open(path)?;
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// The rows of a file by what they measure.
#[derive(Debug, Default)]
struct Rows {
    count: u64,
    values: BTreeMap<String, BTreeMap<u64, Option<f64>>>,
}

impl Rows {
    fn add(&mut self, line: &[u8]) -> Result<(), String> {
        let row: Map<String, Value> = serde_json::from_slice(line).map_err(|error| format!("it is no row: {error}"))?;
        let step = row.get("step").and_then(Value::as_u64).ok_or("it has no number `step`")?;
        if self.count as usize >= MOST_ROWS {
            return Err(format!("there are more than {MOST_ROWS} rows"));
        }
        self.count += 1;
        for (name, value) in &row {
            match value {
                _ if name == "step" => {}
                Value::Object(more) => {
                    for (inner, value) in more {
                        self.put(format!("{name}/{inner}"), step, value)?;
                    }
                }
                value => self.put(name.clone(), step, value)?,
            }
        }
        Ok(())
    }

    fn put(&mut self, name: String, step: u64, value: &Value) -> Result<(), String> {
        let number = match value {
            Value::Number(number) => number.as_f64(),
            // JSON has no word for these.
            Value::String(text) if ["NaN", "inf", "-inf"].contains(&text.as_str()) => None,
            _ => return Ok(()),
        };
        if self.values.len() >= MOST_NAMES && !self.values.contains_key(&name) {
            return Err(format!("the rows have more than {MOST_NAMES} names"));
        }
        self.values.entry(name).or_default().insert(step, number);
        Ok(())
    }

    fn curves(self, name: String) -> Curves {
        let series = self.values.into_iter().map(|(name, values)| {
            let measured = values.len() as u64;
            (name, Series { points: thinned(values.into_iter().collect()), measured })
        });
        Curves { name, rows: self.count, series: series.collect() }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
