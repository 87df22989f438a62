//! The calls of a turn, and one spelling for those that mean the same.

use std::borrow::Cow;

use offseeker_resemblance::hash;
use offseeker_trajectory::{Node, Sampled, ToolCall, canonical_json};
use serde_json::Value;

/// The calls of a turn: those that were read out of it; else those that stand beside its text; else those in
/// `<tool_call>` tags, as attempts from elsewhere have them.
pub(crate) fn calls_of<'a>(node: &'a Node, sampled: &'a Sampled) -> Cow<'a, [ToolCall]> {
    if !sampled.calls.is_empty() {
        return Cow::Borrowed(&sampled.calls);
    }
    if !node.message.tool_calls.is_empty() {
        return Cow::Borrowed(&node.message.tool_calls);
    }
    Cow::Owned(tagged(&node.message.content))
}

fn tagged(text: &str) -> Vec<ToolCall> {
    let parts = text.split("<tool_call>").skip(1).filter_map(|part| part.split_once("</tool_call>"));
    parts.filter_map(|(call, _)| read(call.trim())).collect()
}

fn read(call: &str) -> Option<ToolCall> {
    let call: Value = serde_json::from_str(call).ok()?;
    let arguments = match call.get("arguments") {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => String::new(),
    };
    Some(ToolCall::new("", call.get("name")?.as_str()?, arguments))
}

/// The number of a call: the same for the same tool and arguments, however they are spelled.
pub(crate) fn number_of(call: &ToolCall) -> u64 {
    let value = serde_json::from_str::<Value>(&call.arguments).ok();
    let spelled = value.and_then(|value| canonical_json(&value).ok());
    hash(&format!("{}\n{}", call.name, spelled.as_deref().unwrap_or(&call.arguments)))
}
