//! A tool as OpenAI's protocol and its relatives spell it.

use offseeker_trajectory::ToolSpec;
use serde_json::{Value, json};

use super::RowError;
use super::fields::{kind, object, text};

/// A tool as OpenAI's protocol spells it.
pub(super) fn wrapped(tool: &ToolSpec) -> Value {
    json!({"type": "function", "function": bare(tool)})
}

/// A tool without a wrapper.
pub(super) fn bare(tool: &ToolSpec) -> Value {
    json!({"name": tool.name, "description": tool.description, "parameters": tool.parameters})
}

/// Reads a list of tools, or the text of one.
pub(super) fn read_all(value: Value, field: &str) -> Result<Vec<ToolSpec>, RowError> {
    match value {
        Value::Array(tools) => {
            tools.into_iter().enumerate().map(|(at, tool)| read(tool, &format!("{field}[{at}]"))).collect()
        }
        Value::String(list) if list.trim().is_empty() => Ok(Vec::new()),
        Value::String(list) => match serde_json::from_str(&list) {
            Ok(Value::Array(tools)) => read_all(Value::Array(tools), field),
            Ok(other) => Err(RowError::field(field, format!("is a text that holds {}, not a list", kind(&other)))),
            Err(error) => Err(RowError::field(field, format!("is a text that holds no JSON: {error}"))),
        },
        other => Err(RowError::field(field, format!("is {}, not a list", kind(&other)))),
    }
}

fn read(value: Value, field: &str) -> Result<ToolSpec, RowError> {
    let mut tool = object(value, field)?;
    if let Some(function) = tool.take("function") {
        tool = object(function, &format!("{field}.function"))?;
    }
    let mut part = |names: [&str; 2]| {
        let found = names.into_iter().find_map(|name| tool.take(name));
        found.map(|value| text(value, &format!("{field}.{}", names[0]))).transpose()
    };
    let name = part(["name_for_model", "name"])?.ok_or_else(|| RowError::missing(&format!("{field}.name")))?;
    let description = part(["description_for_model", "description"])?.unwrap_or_default();
    Ok(ToolSpec::new(name, description, tool.take("parameters").unwrap_or_else(|| json!({}))))
}
