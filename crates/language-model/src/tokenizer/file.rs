//! Reading a file of a model's folder, bounded and as UTF-8.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde_json::Value;

use super::TokenizerError;

/// The text of a file, or nothing where there is no such file.
pub(crate) fn text_of(file: &Path, most: u64) -> Result<Option<String>, TokenizerError> {
    let failed = |source| TokenizerError::Read { file: file.to_owned(), source };
    let open = match File::open(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(failed)?,
    };
    let mut bytes = Vec::new();
    open.take(most + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > most {
        return Err(TokenizerError::TooLarge { file: file.to_owned(), most });
    }
    let text = String::from_utf8(bytes)
        .map_err(|error| TokenizerError::NotUtf8 { file: file.to_owned(), at: error.utf8_error().valid_up_to() })?;
    Ok(Some(text))
}

/// The JSON in a file, or nothing where there is no such file.
pub(crate) fn json_of(file: &Path, most: u64) -> Result<Option<Value>, TokenizerError> {
    let Some(text) = text_of(file, most)? else { return Ok(None) };
    parse(file, &text).map(Some)
}

/// Reads JSON, and says where it breaks off.
pub(crate) fn parse(file: &Path, text: &str) -> Result<Value, TokenizerError> {
    serde_json::from_str(text).map_err(|error| TokenizerError::Malformed {
        file: file.to_owned(),
        place: format!("line {}, column {}", error.line(), error.column()),
        reason: error.to_string(),
    })
}
