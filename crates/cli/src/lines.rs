//! Files of JSON lines.

use std::path::Path;

use offseeker_trajectory_store::formats::LineReader;
use serde::de::DeserializeOwned;

use crate::failure::Failure;

/// Reads a file of JSON lines. `what` says what a line is, for errors.
pub(crate) fn read<T: DeserializeOwned>(file: &Path, what: &str) -> Result<Vec<T>, Failure> {
    std::fs::metadata(file).map_err(Failure::io(file))?;
    let mut all = Vec::new();
    for line in LineReader::open(file)? {
        let (number, text) = line?;
        if text.trim().is_empty() {
            continue;
        }
        let read = serde_json::from_str(&text).map_err(|error| {
            Failure::new(format!("{}:{number}: this is no {what}: {error}", file.display()))
                .hint("mend the line or take it out; nothing was made")
        });
        all.push(read?);
    }
    if all.is_empty() {
        return Err(Failure::new(format!("{} has no line; each line is a {what}", file.display())));
    }
    Ok(all)
}
