//! A model that does what the last message tells it, so that what carries it can be checked exactly.

use std::time::Duration;

use offseeker_trajectory::{Limit, Message, Role, SampledTokens, ToolCall, Usage};
use serde_json::json;

use crate::{ChatError, Finish, Reply, Request, Sampling, Scripted};

/// The most words that `length` writes.
const MOST_WORDS: usize = 4096;

/// A model that does what the last message of the user tells it.
///
/// | the message | the reply |
/// | --- | --- |
/// | `call NAME JSON` | a native call of the tool `NAME` with the arguments `JSON`, taken as they are |
/// | `think TEXT` | the reasoning `TEXT` and the text `thought` |
/// | `stop TEXT` | `TEXT` up to the first of the request's stop strings |
/// | `length N` | `N` words, at most 4,096, and [`Finish::Length`] |
/// | `fail KIND` | the [`ChatError`] of that [kind](ChatError::kind) |
/// | `tools` | the names of the tools that the request offers |
/// | `roles` | who speaks in the conversation, message by message |
/// | `sampling` | temperature, `top_p`, `max_tokens` and seed as JSON |
/// | anything else | the same text |
///
/// Its tokens are bytes, its usage counts them, and every message but the last is in its cache.
#[must_use]
pub fn echo() -> Scripted {
    Scripted::by(|request| answer(request).map(|(message, finish)| complete(request, message, finish))).named("echo")
}

fn answer(request: Request<'_>) -> Result<(Message, Finish), ChatError> {
    let asked = request.messages.iter().rev().find(|message| message.role == Role::User);
    let text = asked.map(|message| message.content.as_str()).ok_or_else(|| ChatError::invalid("no user speaks"))?;
    let (command, rest) = text.split_once(' ').unwrap_or((text, ""));
    let done = Finish::Stop { on: None };
    Ok(match command {
        "call" => (call(rest)?, Finish::ToolCalls),
        "think" => (Message { reasoning: Some(rest.to_owned()), ..Message::assistant("thought") }, done),
        "stop" => stopped(rest, &request.sampling.stop),
        "length" => (Message::assistant(words(rest)?), Finish::Length),
        "fail" => return Err(failure(rest)),
        "tools" => (Message::assistant(joined(request.tools.iter().map(|tool| tool.name.as_str()))), done),
        "roles" => (Message::assistant(joined(request.messages.iter().map(|message| message.role.as_str()))), done),
        "sampling" => (Message::assistant(numbers(request.sampling)), done),
        _ => (Message::assistant(text), done),
    })
}

fn call(rest: &str) -> Result<Message, ChatError> {
    let (name, arguments) = rest.split_once(' ').ok_or_else(|| ChatError::invalid("call wants a name and JSON"))?;
    Ok(Message { tool_calls: vec![ToolCall::new("call-1", name, arguments)], ..Message::assistant("") })
}

fn stopped(text: &str, stops: &[String]) -> (Message, Finish) {
    let places = stops.iter().filter(|stop| !stop.is_empty()).filter_map(|stop| Some((text.find(stop)?, stop)));
    match places.min_by_key(|(at, _)| *at) {
        Some((at, stop)) => (Message::assistant(&text[..at]), Finish::Stop { on: Some(stop.clone()) }),
        None => (Message::assistant(text), Finish::Stop { on: None }),
    }
}

fn words(number: &str) -> Result<String, ChatError> {
    let number: usize = number.parse().map_err(|_| ChatError::invalid("length wants a number"))?;
    if number > MOST_WORDS {
        return Err(ChatError::invalid(format!("length goes up to {MOST_WORDS}")));
    }
    Ok(vec!["word"; number].join(" "))
}

fn joined<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    parts.collect::<Vec<_>>().join(" ")
}

fn numbers(sampling: &Sampling) -> String {
    let Sampling { temperature, top_p, max_tokens, seed, .. } = sampling;
    json!({"temperature": temperature, "top_p": top_p, "max_tokens": max_tokens, "seed": seed}).to_string()
}

fn failure(kind: &str) -> ChatError {
    let reason = format!("it was told to fail: {kind}");
    match kind {
        "transient" => ChatError::Transient { reason },
        "rate_limited" => ChatError::RateLimited { reason, retry_after: Some(Duration::from_secs(1)) },
        "context_too_long" => ChatError::ContextTooLong { reason, limit: Some(8), used: Some(9) },
        "refused" => ChatError::Refused { reason },
        "unauthorized" => ChatError::Unauthorized { reason },
        "budget" => ChatError::Budget { which: Limit::Tokens, spent: 9, allowed: 8 },
        "not_recorded" => ChatError::NotRecorded { key: "none".to_owned() },
        "broken" => ChatError::Broken { reason },
        _ => ChatError::InvalidRequest { reason },
    }
}

fn complete(request: Request<'_>, message: Message, finish: Finish) -> Reply {
    let count = |text: &str| text.len() as u64;
    let said = |messages: &[Message]| messages.iter().map(|message| count(&message.content)).sum();
    let reasoning_tokens = message.reasoning.as_deref().map_or(0, count);
    let usage = Usage {
        requests: 1,
        prompt_tokens: said(request.messages),
        cached_tokens: request.messages.split_last().map_or(0, |(_, before)| said(before)),
        completion_tokens: count(&message.content) + reasoning_tokens,
        reasoning_tokens,
        cost_microusd: 0,
    };
    let sampled = sampled(&message.content, request.sampling);
    Reply { finish, usage, sampled, ..Reply::new(message) }
}

/// The bytes of the text as tokens, each a little less likely than the one before.
fn sampled(text: &str, sampling: &Sampling) -> Option<SampledTokens> {
    let ids = text.bytes().map(u32::from).take_while(|_| sampling.token_ids).collect();
    let logprobs = (0..text.len()).map(|at| (at % 64) as f32 * -0.125).take_while(|_| sampling.logprobs).collect();
    (sampling.token_ids || sampling.logprobs)
        .then(|| SampledTokens::new(ids, logprobs).expect("both lists have an entry for each byte"))
}
