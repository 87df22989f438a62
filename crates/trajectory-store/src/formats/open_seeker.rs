//! OpenSeeker's results: the fields of the data set, and `final_response`, `full_traj`, `trace`, `finish_reason`.
//!
//! `full_traj` is the conversation as the model's template renders it; `trace` lists what the model said and what the
//! tools answered, and nothing that others said. A row is read from its trace, after what the rendered text begins with;
//! from the rendered text alone where it has no trace. What is written there is rendered in the manner of ChatML, which
//! is not byte for byte what the template does.

use std::fmt::Write as _;

use offseeker_trajectory::{Limit, Message, Role, StopReason, ToolCall, Trajectory};
use serde_json::{Value, json};

use super::conversation::{self, Conversation};
use super::fields::{Fields, object, text};
use super::offseeker_result::{first_answer, question};
use super::open_researcher::seconds;
use super::{Branches, RowError, kept, message, stop, tagged};

pub(super) const NAME: &str = "open_seeker";

/// Characters that OpenSeeker takes for a token.
const CHARACTERS_A_TOKEN: usize = 4;

pub(super) fn write(trajectory: &Trajectory, branches: Branches) -> Result<Vec<Value>, RowError> {
    let row = |conversation: Conversation| {
        let rendered = rendered(&conversation.messages);
        let characters = rendered.chars().count();
        let row = json!({
            "query": trajectory.question.text,
            "answer": first_answer(&trajectory.question),
            "final_response": trajectory.answer.as_deref().unwrap_or_default(),
            "tool_calls": results(&conversation.messages),
            "elapsed_seconds": seconds(trajectory),
            "context_chars": characters,
            "context_est_tokens": (characters / CHARACTERS_A_TOKEN).max(1),
            "full_traj": rendered,
            "trace": trace(&conversation.messages),
            "finish_reason": trajectory.stop.as_ref().map(finish_reason),
        });
        kept::with(trajectory, NAME, row)
    };
    Ok(Conversation::all_or_empty(trajectory, branches)?.into_iter().map(row).collect())
}

fn results(messages: &[Message]) -> usize {
    messages.iter().filter(|message| message.role == Role::Tool).count()
}

fn rendered(messages: &[Message]) -> String {
    messages.iter().fold(String::new(), |mut rendered, message| {
        let role = if message.role == Role::Tool { Role::User } else { message.role };
        let _ = writeln!(rendered, "<|im_start|>{role}\n{}<|im_end|>", tagged::text(message));
        rendered
    })
}

/// What the model said and what the tools answered, each step with the number of the model's turn.
fn trace(messages: &[Message]) -> Value {
    let mut turn = 0;
    let mut steps = Vec::new();
    for message in messages {
        let content = match message.role {
            Role::Assistant => {
                turn += 1;
                steps.push(json!({"step": turn, "type": "model_message", "content": said(message)}));
                continue;
            }
            Role::Tool => json!({"tool_name": message.name, "tool_response": message.content}),
            Role::System | Role::User => continue,
        };
        steps.push(json!({"step": turn, "type": "tool_response", "content": content}));
    }
    Value::Array(steps)
}

fn said(message: &Message) -> Value {
    let calls: Value = message.tool_calls.iter().map(|call| json!({"function": tagged::bare_call(call)})).collect();
    let reasoning = message.reasoning.as_deref().unwrap_or_default();
    json!({"reasoning_content": reasoning, "content": message.content, "tool_calls": calls})
}

fn finish_reason(reason: &StopReason) -> String {
    match reason {
        StopReason::Answered => "answer".to_owned(),
        StopReason::Limit { which: Limit::Calls } => "tool_count_limit_no_tool_or_answer".to_owned(),
        other => stop::word(other),
    }
}

fn stop_reason(finish: &str) -> Option<StopReason> {
    match finish {
        "answer" => Some(StopReason::Answered),
        "tool_count_limit_no_tool_or_answer" | "no_final_answer_after_tools_disabled" => {
            Some(StopReason::Limit { which: Limit::Calls })
        }
        other => stop::read(other),
    }
}

pub(super) fn read(mut row: Fields) -> Result<Trajectory, RowError> {
    let (id, asked) = (row.id()?, row.text("query")?);
    let rendered = row.text_if_any("full_traj").unwrap_or_default();
    let mut messages = of_rendered(&rendered);
    let steps = if row.get("trace").is_some_and(Value::is_array) { row.list("trace")? } else { Vec::new() };
    if !steps.is_empty() {
        let said_before = messages.iter().position(|message| message.role == Role::Assistant);
        messages.truncate(said_before.unwrap_or_default());
        if messages.is_empty() {
            messages.push(Message::user(asked.clone()));
        }
        for (at, step) in steps.into_iter().enumerate() {
            messages.extend(read_step(step, &format!("trace[{at}]"))?);
        }
    }
    let mut trajectory = Trajectory::new(question(asked, row.text_if_any("answer")), 0);
    trajectory.id = id;
    trajectory.answer = row.text_if_any("final_response").filter(|answer| !answer.is_empty());
    if let Some(told) = row.get("finish_reason").and_then(Value::as_str).map(str::to_owned) {
        trajectory.stop = stop_reason(&told);
        if trajectory.stop.as_ref().is_some_and(|reason| finish_reason(reason) == told) {
            row.take("finish_reason");
        }
    }
    conversation::push(&mut trajectory, messages)?;
    kept::keep(&mut trajectory, NAME, row.rest());
    Ok(trajectory)
}

/// The messages of a text in the manner of ChatML; what stands outside of its marks is not one.
fn of_rendered(rendered: &str) -> Vec<Message> {
    let message = |part: &str| {
        let (role, rest) = part.split_once('\n')?;
        let content = rest.split_once("<|im_end|>").map_or(rest, |(content, _)| content);
        let role = match role.trim() {
            "system" => Role::System,
            "user" => Role::User,
            "assistant" => Role::Assistant,
            "tool" => Role::Tool,
            _ => return None,
        };
        Some(Message::new(role, content))
    };
    rendered.split("<|im_start|>").skip(1).filter_map(message).collect()
}

/// A step of a trace as a message; a call alone is in the model's message already.
fn read_step(step: Value, field: &str) -> Result<Option<Message>, RowError> {
    let mut step = object(step, field)?;
    let kind = text(step.take("type").ok_or_else(|| RowError::missing(&format!("{field}.type")))?, field)?;
    let within = format!("{field}.content");
    let mut content = object(step.take("content").ok_or_else(|| RowError::missing(&within))?, &within)?;
    let mut part = |name: &str| content.take(name).map(|value| text(value, &format!("{within}.{name}"))).transpose();
    match kind.as_str() {
        "model_message" => {
            let reasoning = part("reasoning_content")?.filter(|reasoning| !reasoning.is_empty());
            let said = part("content")?.unwrap_or_default();
            let calls =
                content.take("tool_calls").map_or_else(|| Ok(Vec::new()), |calls| read_calls(calls, &within))?;
            Ok(Some(Message { reasoning, tool_calls: calls, ..Message::assistant(said) }))
        }
        "tool_response" => {
            // An answer to what could not be read as a call stands in `content`.
            let said = match part("tool_response")? {
                None => part("content")?,
                found => found,
            };
            Ok(Some(Message { name: part("tool_name")?, ..Message::new(Role::Tool, said.unwrap_or_default()) }))
        }
        _ => Ok(None),
    }
}

fn read_calls(calls: Value, field: &str) -> Result<Vec<ToolCall>, RowError> {
    let field = format!("{field}.tool_calls");
    let Value::Array(calls) = calls else { return Err(RowError::field(&field, "is not a list")) };
    calls.into_iter().enumerate().map(|(at, call)| message::call_read(call, &format!("{field}[{at}]"))).collect()
}
