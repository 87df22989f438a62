//! Conversations with nothing but roles and texts: calls, reasoning and results stand in tags.

use offseeker_trajectory::{Message, Role, ToolCall};
use serde_json::{Value, json};

use super::RowError;
use super::message::arguments;

/// A conversation with nothing but roles and texts.
///
/// What a server returned apart from the text is put into the tags `<think>` and `<tool_call>`; what a tool answered
/// is said by the user in `<tool_response>`, the answers to one turn in one message.
pub(super) fn written(messages: &[Message]) -> Value {
    let mut said: Vec<(Role, String)> = Vec::new();
    let mut after_tool = false;
    for message in messages {
        let is_tool = message.role == Role::Tool;
        let (role, text) = (if is_tool { Role::User } else { message.role }, text(message));
        match said.last_mut() {
            Some((_, before)) if is_tool && after_tool => {
                before.push('\n');
                before.push_str(&text);
            }
            _ => said.push((role, text)),
        }
        after_tool = is_tool;
    }
    said.into_iter().map(|(role, text)| json!({"role": role.as_str(), "content": text})).collect()
}

/// The text of a message, with all else that it holds in tags.
pub(super) fn text(message: &Message) -> String {
    if message.role == Role::Tool {
        return format!("<tool_response>\n{}\n</tool_response>", message.content);
    }
    let mut text = thought(message);
    text.push_str(&message.content);
    for call in &message.tool_calls {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str("<tool_call>\n");
        text.push_str(&bare_call(call).to_string());
        text.push_str("\n</tool_call>");
    }
    text
}

/// The reasoning of a message in its tags, with the white space that templates put around it; nothing without one.
pub(super) fn thought(message: &Message) -> String {
    message.reasoning.as_ref().map(|reasoning| format!("<think>\n{reasoning}\n</think>\n\n")).unwrap_or_default()
}

/// Takes the reasoning off the beginning of a text.
pub(super) fn without_thought(text: &str) -> (Option<&str>, &str) {
    match text.strip_prefix("<think>\n").and_then(|rest| rest.split_once("\n</think>\n\n")) {
        Some((thought, rest)) => (Some(thought), rest),
        None => (None, text),
    }
}

/// A call with its arguments as an object.
pub(super) fn bare_call(call: &ToolCall) -> Value {
    json!({"name": call.name, "arguments": arguments(call)})
}

/// The turns of the model.
pub(super) fn turns(messages: &[Message]) -> usize {
    messages.iter().filter(|message| message.role == Role::Assistant).count()
}

/// Says that a conversation without messages cannot be written.
pub(super) fn something(messages: &[Message]) -> Result<(), RowError> {
    if messages.is_empty() { Err(RowError::Nothing { reason: "nothing was said" }) } else { Ok(()) }
}
