//! A message as OpenAI's protocol spells it.

use offseeker_trajectory::{Message, Role, ToolCall};
use serde_json::{Map, Value, json};

use super::RowError;
use super::fields::{Fields, kind, object, text};

/// A message as OpenAI's protocol spells it, with the reasoning as `reasoning_content`.
pub(super) fn written(message: &Message) -> Value {
    let mut fields = Map::new();
    fields.insert("role".to_owned(), json!(message.role.as_str()));
    fields.insert("content".to_owned(), json!(message.content));
    if let Some(reasoning) = &message.reasoning {
        fields.insert("reasoning_content".to_owned(), json!(reasoning));
    }
    if !message.tool_calls.is_empty() {
        fields.insert("tool_calls".to_owned(), message.tool_calls.iter().map(call_written).collect());
    }
    if let Some(id) = &message.tool_call_id {
        fields.insert("tool_call_id".to_owned(), json!(id));
    }
    if let Some(name) = &message.name {
        fields.insert("name".to_owned(), json!(name));
    }
    Value::Object(fields)
}

/// Messages as OpenAI's protocol spells them.
pub(super) fn all_written(messages: &[Message]) -> Value {
    messages.iter().map(written).collect()
}

fn call_written(call: &ToolCall) -> Value {
    json!({"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}})
}

/// Reads a message; `field` says where it stands.
pub(super) fn read(value: Value, field: &str) -> Result<Message, RowError> {
    let mut fields = object(value, field)?;
    let within = |name: &str| format!("{field}.{name}");
    let role = fields.take("role").ok_or_else(|| RowError::missing(&within("role")))?;
    let role = role_read(&text(role, &within("role"))?, &within("role"))?;
    let content =
        fields.take("content").map_or_else(|| Ok(String::new()), |value| content(value, &within("content")))?;
    let mut part = |name: &str| fields.take(name).map(|value| text(value, &within(name))).transpose();
    let reasoning = match part("reasoning_content")? {
        None => part("reasoning")?,
        found => found,
    };
    let (tool_call_id, name) = (part("tool_call_id")?, part("name")?);
    let tool_calls = calls(&mut fields, &within("tool_calls"))?;
    Ok(Message { role, content, reasoning, tool_calls, tool_call_id, name })
}

fn role_read(role: &str, field: &str) -> Result<Role, RowError> {
    match role {
        "system" | "developer" => Ok(Role::System),
        "user" => Ok(Role::User),
        "assistant" => Ok(Role::Assistant),
        "tool" | "function" => Ok(Role::Tool),
        other => {
            Err(RowError::field(field, format!("is {other:?}, not one of `system`, `user`, `assistant` and `tool`")))
        }
    }
}

/// A text, or a list of parts that are texts.
fn content(value: Value, field: &str) -> Result<String, RowError> {
    let Value::Array(parts) = value else { return text(value, field) };
    let part = |(at, part): (usize, Value)| {
        let field = format!("{field}[{at}]");
        let found = object(part, &field)?.take("text");
        text(found.ok_or_else(|| RowError::field(&field, "is a part without a text"))?, &format!("{field}.text"))
    };
    parts.into_iter().enumerate().map(part).collect()
}

fn calls(fields: &mut Fields, field: &str) -> Result<Vec<ToolCall>, RowError> {
    match fields.take("tool_calls") {
        None => Ok(Vec::new()),
        Some(Value::Array(calls)) => {
            calls.into_iter().enumerate().map(|(at, call)| call_read(call, &format!("{field}[{at}]"))).collect()
        }
        Some(other) => Err(RowError::field(field, format!("is {}, not a list", kind(&other)))),
    }
}

/// Reads a call: `{id, function: {name, arguments}}`, or `{name, arguments}` alone.
pub(super) fn call_read(value: Value, field: &str) -> Result<ToolCall, RowError> {
    let mut fields = object(value, field)?;
    let id = fields.take("id").map_or_else(|| Ok(String::new()), |id| text(id, &format!("{field}.id")))?;
    let mut function = match fields.take("function") {
        Some(function) => object(function, &format!("{field}.function"))?,
        None => fields,
    };
    let name = function.take("name").ok_or_else(|| RowError::missing(&format!("{field}.name")))?;
    let arguments = match function.take("arguments") {
        None => String::new(),
        Some(Value::String(arguments)) => arguments,
        Some(object) => object.to_string(),
    };
    Ok(ToolCall::new(id, text(name, &format!("{field}.name"))?, arguments))
}

/// The arguments of a call as a value; those that are no JSON as a text.
pub(super) fn arguments(call: &ToolCall) -> Value {
    serde_json::from_str(&call.arguments).unwrap_or_else(|_| json!(call.arguments))
}
