//! `ShareGPT` as LLaMA-Factory reads it: `{conversations: [{from, value}], system, tools}`.
//!
//! LLaMA-Factory wants `human` or `observation` in turn with `gpt` or `function_call`, the former first, and drops a
//! row that keeps another order. So a row is made to keep it, or refused with the place that breaks it:
//!
//! - several observations in a row become one, with the tags between them that LLaMA-Factory itself puts there;
//! - several messages of the user in a row become one, with an empty line between them;
//! - messages after the model's last reply are left out, because nothing is learnt from them;
//! - a message of the user after an observation, or the other way round, is refused, and so are two replies in a row,
//!   instructions in the middle, and text beside calls: LLaMA-Factory reads a call as JSON, after reasoning in tags, and
//!   nothing else.

use offseeker_trajectory::{Message, Pair, Role, ToolCall, Trajectory};
use serde_json::{Map, Value, json};

use super::conversation::Conversation;
use super::fields::{Fields, object, text};
use super::{Branches, RowError, kept, message, openai, tagged, tool, trl};

pub(super) const NAME: &str = "sharegpt";

/// What LLaMA-Factory puts between the results of several calls.
const BETWEEN_RESULTS: &str = "\n</tool_response>\n<tool_response>\n";

/// One turn: who speaks, and what.
struct Turn {
    from: &'static str,
    value: String,
}

impl Turn {
    fn is_reply(&self) -> bool {
        matches!(self.from, "gpt" | "function_call")
    }

    fn written(&self) -> Value {
        json!({"from": self.from, "value": self.value})
    }
}

pub(super) fn write(trajectory: &Trajectory, branches: Branches) -> Result<Vec<Value>, RowError> {
    let row = |conversation: &Conversation| Ok(kept::with(trajectory, NAME, Value::Object(fields(conversation)?)));
    Conversation::all_or_empty(trajectory, branches)?.iter().map(row).collect()
}

/// The fields of a row to imitate: as many turns of the model as of the others.
pub(super) fn fields(conversation: &Conversation) -> Result<Map<String, Value>, RowError> {
    let (system, mut turns) = turns(&conversation.messages)?;
    if turns.last().is_some_and(|turn| !turn.is_reply()) {
        turns.pop();
    }
    if turns.is_empty() {
        return Err(RowError::Nothing { reason: "the model says nothing" });
    }
    Ok(row(&turns, &system, conversation))
}

/// The fields of a row to prefer by: one reply on each side, which is all that LLaMA-Factory has room for.
pub(super) fn pair_fields(pair: &Pair) -> Result<Map<String, Value>, RowError> {
    let (prompt, chosen, rejected) = trl::sides(pair)?;
    let (system, turns) = turns(&prompt.messages)?;
    if turns.last().is_none_or(Turn::is_reply) {
        let reason =
            "the attempts part where it is not the model's turn; LLaMA-Factory compares one reply with another";
        return Err(RowError::Nothing { reason });
    }
    let mut row = row(&turns, &system, &prompt);
    for (side, messages) in [("chosen", chosen), ("rejected", rejected)] {
        let [message] = &messages[..] else {
            let what = "more than one message on a side, or none";
            return Err(RowError::NoPlace { position: prompt.messages.len(), what });
        };
        row.insert(side.to_owned(), turn(prompt.messages.len(), message)?.written());
    }
    Ok(row)
}

fn row(turns: &[Turn], system: &str, conversation: &Conversation) -> Map<String, Value> {
    let tools: Vec<Value> = conversation.tools.iter().map(tool::bare).collect();
    let tools = if tools.is_empty() { String::new() } else { Value::Array(tools).to_string() };
    let mut row = Map::new();
    row.insert("conversations".to_owned(), turns.iter().map(Turn::written).collect());
    row.insert("system".to_owned(), json!(system));
    row.insert("tools".to_owned(), json!(tools));
    row
}

/// The instructions, and the turns in the order that LLaMA-Factory wants.
fn turns(messages: &[Message]) -> Result<(String, Vec<Turn>), RowError> {
    let system = messages.first().filter(|message| message.role == Role::System);
    let mut turns: Vec<Turn> = Vec::new();
    for (position, message) in messages.iter().enumerate().skip(usize::from(system.is_some())) {
        let turn = turn(position, message)?;
        match turns.last_mut() {
            None if turn.is_reply() => {
                return Err(RowError::Order { position, found: turn.from, expected: "`human` or `observation`" });
            }
            Some(before) if before.is_reply() == turn.is_reply() => join(before, &turn, position)?,
            _ => turns.push(turn),
        }
    }
    Ok((system.map(|message| message.content.clone()).unwrap_or_default(), turns))
}

fn join(before: &mut Turn, turn: &Turn, position: usize) -> Result<(), RowError> {
    let between = match (before.from, turn.from) {
        ("observation", "observation") => BETWEEN_RESULTS,
        ("human", "human") => "\n\n",
        (_, found) if turn.is_reply() => {
            return Err(RowError::Order { position, found, expected: "`human` or `observation`" });
        }
        (_, found) => return Err(RowError::Order { position, found, expected: "`gpt` or `function_call`" }),
    };
    before.value.push_str(between);
    before.value.push_str(&turn.value);
    Ok(())
}

fn turn(position: usize, message: &Message) -> Result<Turn, RowError> {
    let (from, value) = match message.role {
        Role::System => {
            return Err(RowError::Order { position, found: "system", expected: "no more than one, at the beginning" });
        }
        Role::User => ("human", message.content.clone()),
        Role::Tool => ("observation", message.content.clone()),
        Role::Assistant if message.tool_calls.is_empty() => ("gpt", tagged::thought(message) + &message.content),
        Role::Assistant if thinks_in_tags(message) => {
            return Err(RowError::NoPlace { position, what: "reasoning that ends its own tag, beside calls" });
        }
        Role::Assistant if message.content.trim().is_empty() => {
            ("function_call", tagged::thought(message) + &calls(message))
        }
        Role::Assistant => return Err(RowError::NoPlace { position, what: "text beside calls" }),
    };
    Ok(Turn { from, value })
}

/// Whether the reasoning would be taken to end before it does, and the rest of it for a call.
fn thinks_in_tags(message: &Message) -> bool {
    message.reasoning.as_ref().is_some_and(|reasoning| reasoning.contains("</think>"))
}

/// One call as an object, several as a list.
fn calls(message: &Message) -> String {
    match &message.tool_calls[..] {
        [call] => tagged::bare_call(call).to_string(),
        calls => calls.iter().map(tagged::bare_call).collect::<Value>().to_string(),
    }
}

pub(super) fn read(mut row: Fields) -> Result<Trajectory, RowError> {
    let id = row.id()?;
    let mut trajectory = openai::of_conversation(conversation(&mut row)?)?;
    trajectory.id = id;
    kept::keep(&mut trajectory, NAME, row.rest());
    Ok(trajectory)
}

/// The conversation of a row.
pub(super) fn conversation(row: &mut Fields) -> Result<Conversation, RowError> {
    let mut messages = Vec::new();
    if let Some(system) = row.maybe_text("system")?.filter(|system| !system.is_empty()) {
        messages.push(Message::system(system));
    }
    for (at, turn) in row.list("conversations")?.into_iter().enumerate() {
        read_turn(turn, &format!("conversations[{at}]"), &mut messages)?;
    }
    Ok(Conversation { messages, tools: row.tools("tools")? })
}

/// Reads a row to prefer by: the prompt and both replies.
pub(super) fn read_pair(row: &mut Fields) -> Result<(Conversation, Vec<Message>, Vec<Message>), RowError> {
    let mut side = |field: &str| {
        let mut messages = Vec::new();
        read_turn(row.take(field).ok_or_else(|| RowError::missing(field))?, field, &mut messages)?;
        Ok(messages)
    };
    let (chosen, rejected) = (side("chosen")?, side("rejected")?);
    Ok((conversation(row)?, chosen, rejected))
}

fn read_turn(turn: Value, field: &str, messages: &mut Vec<Message>) -> Result<(), RowError> {
    let mut turn = object(turn, field)?;
    let mut part = |name: &str| {
        let within = format!("{field}.{name}");
        text(turn.take(name).ok_or_else(|| RowError::missing(&within))?, &within)
    };
    let (from, value) = (part("from")?, part("value")?);
    match from.as_str() {
        "system" => messages.push(Message::system(value)),
        "human" | "user" => messages.push(Message::user(value)),
        "gpt" | "assistant" => messages.push(Message::assistant(value)),
        "function_call" => messages.push(read_calls(&value, &format!("{field}.value"))?),
        "observation" | "tool" => read_results(&value, messages),
        other => {
            let known = "not one of `human`, `gpt`, `function_call`, `observation` and `system`";
            return Err(RowError::field(&format!("{field}.from"), format!("is {other:?}, {known}")));
        }
    }
    Ok(())
}

fn read_calls(value: &str, field: &str) -> Result<Message, RowError> {
    let (reasoning, calls) = tagged::without_thought(value);
    let calls = match serde_json::from_str(calls) {
        Ok(Value::Array(calls)) => calls,
        Ok(call) => vec![call],
        Err(error) => return Err(RowError::field(field, format!("holds no JSON where a call should be: {error}"))),
    };
    let calls: Result<Vec<ToolCall>, RowError> =
        calls.into_iter().enumerate().map(|(at, call)| message::call_read(call, &format!("{field}[{at}]"))).collect();
    Ok(Message { reasoning: reasoning.map(str::to_owned), tool_calls: calls?, ..Message::assistant("") })
}

/// The results of one turn: as many as there were calls, where they can be told apart.
fn read_results(value: &str, messages: &mut Vec<Message>) {
    let calls = messages.last().map(|message| message.tool_calls.as_slice()).unwrap_or_default();
    let parts: Vec<&str> = value.split(BETWEEN_RESULTS).collect();
    let result = |(content, call): (&str, Option<&ToolCall>)| Message {
        name: call.map(|call| call.name.clone()),
        ..Message::new(Role::Tool, content)
    };
    let results: Vec<Message> = if parts.len() == calls.len() {
        parts.into_iter().zip(calls.iter().map(Some)).map(result).collect()
    } else {
        vec![result((value, None))]
    };
    messages.extend(results);
}
