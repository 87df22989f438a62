//! What LLaMA-Factory is told of a file of rows.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::FormatError;

/// The file in which LLaMA-Factory looks for its data sets.
const FILE: &str = "dataset_info.json";

/// Enters a file of `ShareGPT` rows into the `dataset_info.json` of its folder, beside what is there already.
///
/// LLaMA-Factory then knows the data set by `name`. With `ranking` its rows are pairs.
///
/// # Errors
///
/// When the folder cannot be written, or there is a `dataset_info.json` that is none.
pub fn write_dataset_info(folder: &Path, name: &str, file: &str, ranking: bool) -> Result<(), FormatError> {
    let path = folder.join(FILE);
    let mut entries = match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice::<Map<String, Value>>(&bytes)
            .map_err(|error| FormatError::io(&path, format!("it is no JSON object: {error}")))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Map::new(),
        Err(error) => return Err(FormatError::io(&path, error)),
    };
    entries.insert(name.to_owned(), entry(file, ranking));
    let text = format!("{:#}\n", Value::Object(entries));
    offseeker_durable::write(&path, text.as_bytes()).map_err(|error| FormatError::io(&path, error))
}

fn entry(file: &str, ranking: bool) -> Value {
    let mut columns = json!({"messages": "conversations", "system": "system", "tools": "tools"});
    let tags = json!({
        "role_tag": "from",
        "content_tag": "value",
        "user_tag": "human",
        "assistant_tag": "gpt",
        "observation_tag": "observation",
        "function_tag": "function_call",
        "system_tag": "system",
    });
    if !ranking {
        return json!({"file_name": file, "formatting": "sharegpt", "columns": columns, "tags": tags});
    }
    columns["chosen"] = json!("chosen");
    columns["rejected"] = json!("rejected");
    json!({"file_name": file, "formatting": "sharegpt", "ranking": true, "columns": columns, "tags": tags})
}
