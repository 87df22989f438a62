//! Messages and tools as the protocol spells them.

use offseeker_trajectory::{Message, Role, ToolCall, ToolSpec};
use serde_json::{Map, Value};

use super::body::shown;
use super::failure::Failure;

/// Reads a message; `at` is its number.
pub(super) fn read(at: usize, wire: &Value) -> Result<Message, Failure> {
    let wrong = |field: &str, what: String| Failure::field(format!("messages[{at}].{field}"), what);
    let fields = wire.as_object().ok_or_else(|| Failure::field(format!("messages[{at}]"), "is no object"))?;
    let role = match fields.get("role").and_then(Value::as_str) {
        Some("system" | "developer") => Role::System,
        Some("user") => Role::User,
        Some("assistant") => Role::Assistant,
        Some("tool") => Role::Tool,
        other => return Err(wrong("role", format!("is {other:?}; it is system, user, assistant or tool"))),
    };
    let text = |field: &str| match fields.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(wrong(field, format!("is {}; it is a text", shown(other)))),
    };
    let content = content(fields).map_err(|what| wrong("content", what))?;
    let calls = match fields.get("tool_calls") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(calls)) => {
            let read = calls.iter().enumerate().map(|(call, wire)| {
                let what = "is no call of a function with a name and arguments";
                self::call(wire).ok_or_else(|| wrong(&format!("tool_calls[{call}]"), what.to_owned()))
            });
            read.collect::<Result<_, _>>()?
        }
        Some(other) => return Err(wrong("tool_calls", format!("is {}; it is a list", shown(other)))),
    };
    if content.is_none() && calls.is_empty() && role != Role::Assistant {
        return Err(wrong("content", "is missing".to_owned()));
    }
    Ok(Message {
        reasoning: text("reasoning_content")?.or(text("reasoning")?),
        tool_calls: calls,
        tool_call_id: text("tool_call_id")?,
        name: text("name")?,
        ..Message::new(role, content.unwrap_or_default())
    })
}

/// A text, or a list of parts that are texts.
fn content(fields: &Map<String, Value>) -> Result<Option<String>, String> {
    match fields.get("content") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Array(parts)) => {
            let text = |part: &Value| match part["type"].as_str() {
                Some("text") => part["text"].as_str().map(str::to_owned),
                _ => None,
            };
            let texts = parts.iter().map(|part| text(part).ok_or_else(|| "has a part that is no text".to_owned()));
            texts.collect::<Result<Vec<_>, _>>().map(|texts| Some(texts.concat()))
        }
        Some(other) => Err(format!("is {}; it is a text or a list of parts", shown(other))),
    }
}

fn call(wire: &Value) -> Option<ToolCall> {
    let function = wire.get("function")?;
    let id = wire.get("id").and_then(Value::as_str).unwrap_or_default();
    Some(ToolCall::new(id, function.get("name")?.as_str()?, function.get("arguments")?.as_str()?))
}

/// Reads a tool; `at` is its number.
pub(super) fn tool(at: usize, wire: &Value) -> Result<ToolSpec, Failure> {
    let wrong = |what: &str| Failure::field(format!("tools[{at}]"), what);
    if wire["type"].as_str().is_some_and(|kind| kind != "function") {
        return Err(wrong("is of another type than `function`"));
    }
    let function = wire.get("function").ok_or_else(|| wrong("has no `function`"))?;
    let name = function["name"].as_str().filter(|name| !name.is_empty()).ok_or_else(|| wrong("has no name"))?;
    let description = function["description"].as_str().unwrap_or_default();
    let nothing = || serde_json::json!({"type": "object", "properties": {}});
    let parameters = function.get("parameters").filter(|it| !it.is_null()).cloned().unwrap_or_else(nothing);
    Ok(ToolSpec::new(name, description, parameters))
}
