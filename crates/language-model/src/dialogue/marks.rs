//! Finds the spellings of special tokens in a rendered text that came from the messages and not from the template.

use std::ops::Range;

use offseeker_trajectory::{Message, ToolSpec};
use serde_json::Value;

use crate::Tokenizer;

/// Characters that mean nothing by agreement; the first that is nowhere in the dialogue is the mark.
const MARKS: std::ops::RangeInclusive<char> = '\u{f000}'..='\u{f8ff}';

/// A dialogue in which every spelling of a special token is broken up by a mark after its first character.
pub(super) struct Marked {
    mark: char,
    pub(super) messages: Vec<Message>,
    pub(super) tools: Vec<ToolSpec>,
    /// The first message that holds such a spelling; for a tool, the first of all.
    pub(super) first: usize,
}

impl Marked {
    /// Breaks the spellings up, or nothing where there are none.
    pub(super) fn of(messages: &[Message], tools: &[ToolSpec], tokenizer: &Tokenizer) -> Option<Self> {
        let holds = |text: &str| tokenizer.specials().any(|(token, _)| text.contains(token));
        let first = messages.iter().position(|message| texts(message).any(holds));
        let in_tools =
            tools.iter().any(|tool| holds(&tool.name) || holds(&tool.description) || any(&tool.parameters, &holds));
        let first = if in_tools { Some(first.unwrap_or(0)) } else { first }?;
        let mark = MARKS.into_iter().find(|&mark| {
            let holds = |text: &str| text.contains(mark);
            let in_tools =
                tools.iter().any(|tool| holds(&tool.name) || holds(&tool.description) || any(&tool.parameters, &holds));
            !in_tools && !messages.iter().any(|message| texts(message).any(holds))
        })?;
        let broken = |text: &str| broken(text, mark, tokenizer);
        let messages = messages.iter().map(|message| map_message(message, &broken)).collect();
        let tools = tools.iter().map(|tool| ToolSpec {
            name: broken(&tool.name),
            description: broken(&tool.description),
            parameters: map(&tool.parameters, &broken),
        });
        Some(Self { mark, messages, tools: tools.collect(), first })
    }

    /// Where the spellings stand in the plain rendering, or nothing where the template did not pass them through.
    pub(super) fn places(&self, marked: &str, plain: &str, tokenizer: &Tokenizer) -> Option<Vec<Range<usize>>> {
        let mut places = Vec::new();
        let mut rest = plain;
        for (at, piece) in marked.split(self.mark).enumerate() {
            if at > 0 {
                let done = plain.len() - rest.len();
                let start = plain[..done].char_indices().next_back()?.0;
                let spelled = tokenizer.specials().filter(|(token, _)| plain[start..].starts_with(token));
                // One that the template spelled otherwise is text without more ado.
                places.extend(spelled.map(|(token, _)| start..start + token.len()).max_by_key(ExactSizeIterator::len));
            }
            rest = rest.strip_prefix(piece)?;
        }
        rest.is_empty().then_some(places)
    }
}

fn broken(text: &str, mark: char, tokenizer: &Tokenizer) -> String {
    let mut starts: Vec<usize> =
        tokenizer.specials().flat_map(|(token, _)| text.match_indices(token).map(|(at, _)| at)).collect();
    starts.sort_unstable();
    starts.dedup();
    let mut out = String::with_capacity(text.len() + starts.len() * mark.len_utf8());
    let mut done = 0;
    for start in starts {
        let after = start + text[start..].chars().next().map_or(0, char::len_utf8);
        out.push_str(&text[done..after]);
        out.push(mark);
        done = after;
    }
    out + &text[done..]
}

fn texts(message: &Message) -> impl Iterator<Item = &str> {
    let calls = message.tool_calls.iter().flat_map(|call| [&call.id, &call.name, &call.arguments]);
    let others = [&message.reasoning, &message.tool_call_id, &message.name].into_iter().flatten();
    [&message.content].into_iter().chain(others).chain(calls).map(String::as_str)
}

fn map_message(message: &Message, change: &impl Fn(&str) -> String) -> Message {
    let mut message = message.clone();
    let calls = message.tool_calls.iter_mut().flat_map(|call| [&mut call.id, &mut call.name, &mut call.arguments]);
    let others = [&mut message.reasoning, &mut message.tool_call_id, &mut message.name].into_iter().flatten();
    for text in [&mut message.content].into_iter().chain(others).chain(calls) {
        *text = change(text);
    }
    message
}

fn any(value: &Value, holds: &impl Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => holds(text),
        Value::Array(items) => items.iter().any(|item| any(item, holds)),
        Value::Object(fields) => fields.iter().any(|(key, value)| holds(key) || any(value, holds)),
        _ => false,
    }
}

fn map(value: &Value, change: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(change(text)),
        Value::Array(items) => items.iter().map(|item| map(item, change)).collect(),
        Value::Object(fields) => fields.iter().map(|(key, value)| (change(key), map(value, change))).collect(),
        other => other.clone(),
    }
}
