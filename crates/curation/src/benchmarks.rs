//! Reads the texts of benchmarks, so that nothing like them is learnt from.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use offseeker_durable::{LineError, Lines};
use offseeker_resemblance::KnownTexts;
use serde_json::Value;

use crate::CurationError;

/// The longest line that is read, in bytes.
const LONGEST_LINE: usize = 16 << 20;

/// The texts of a file, one to a line.
///
/// # Errors
///
/// When the file cannot be read, or a line is too long or no text, by file and line.
pub fn read_lines(path: impl AsRef<Path>) -> Result<KnownTexts, CurationError> {
    read(path.as_ref(), |line| Ok(line.to_owned()))
}

/// The texts in one field of the objects of a file, one object to a line.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("exam.jsonl");
/// # std::fs::write(&path, "{\"question\": \"Which river does the mill stand on?\"}\n")?;
/// let known = offseeker_curation::benchmarks::read_field(&path, "question")?;
/// assert_eq!(known.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// When the file cannot be read, or a line is no object with such a field, by file and line.
pub fn read_field(path: impl AsRef<Path>, field: &str) -> Result<KnownTexts, CurationError> {
    read(path.as_ref(), |line| {
        let row: Value = serde_json::from_str(line).map_err(|error| format!("it is no JSON: {error}"))?;
        match row.get(field) {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(_) => Err(format!("its field `{field}` is no text")),
            None => Err(format!("it has no field `{field}`; name the one that holds the question")),
        }
    })
}

fn read(path: &Path, text: impl Fn(&str) -> Result<String, String>) -> Result<KnownTexts, CurationError> {
    let io = |error: std::io::Error| CurationError::Io { path: path.to_owned(), reason: error.to_string() };
    let mut lines = Lines::new(BufReader::new(File::open(path).map_err(io)?), LONGEST_LINE);
    let mut known = KnownTexts::default();
    loop {
        let read = match lines.text() {
            Ok(None) => return Ok(known),
            Ok(Some(line)) => match std::str::from_utf8(line) {
                Ok(line) => text(line),
                Err(_) => Err("it is no UTF-8".to_owned()),
            },
            Err(LineError::Io(error)) => return Err(io(error)),
            Err(LineError::TooLong) => Err(format!("it has more than {LONGEST_LINE} bytes")),
        };
        let line = lines.number();
        known.extend([read.map_err(|reason| CurationError::Line { path: path.to_owned(), line, reason })?]);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_and_what_is_wrong_is_told_by_file_and_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let lines = file("exam.txt", "Who built the mill?\n\n卡林磨坊位于哪条河上？\n".as_bytes());
        assert_eq!(read_lines(&lines).unwrap().len(), 2);
        let fails = |path: &Path, field: &str, expected: &str| {
            let failed = read_field(path, field).unwrap_err().to_string();
            assert!(failed.contains(expected), "{failed}");
        };
        let rows = file("exam.jsonl", b"{\"q\": \"Who?\"}\n\n{\"q\": 7}\n");
        fails(&rows, "q", "exam.jsonl:3: its field `q` is no text");
        fails(&rows, "question", "exam.jsonl:1: it has no field `question`");
        fails(&lines, "q", "exam.txt:1: it is no JSON");
        fails(&folder.path().join("none"), "q", "cannot be read");
        fails(&file("bytes", b"\xff\xfe\n"), "q", "bytes:1: it is no UTF-8");
    }
}
