//! A reply in the making: pieces of a response put together.

use offseeker_trajectory::{Message, SampledTokens, ToolCall, Usage};
use serde_json::Value;

use super::Price;
use super::chunk::{CallDelta, Choice, Chunk, Counts, Delta, Logprobs};
use crate::estimate::tokens_of;
use crate::{ChatError, Finish, Reply};

/// The most calls that one message may hold.
const MOST_CALLS: usize = 256;

/// A reply in the making.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    text: String,
    reasoning: String,
    refusal: String,
    calls: Vec<ToolCall>,
    ids: Vec<u32>,
    logprobs: Vec<f32>,
    finish: Option<String>,
    stopped_on: Option<String>,
    counts: Option<Counts>,
    model: Option<String>,
    begun: bool,
}

impl Draft {
    /// Adds a piece.
    pub(crate) fn add(&mut self, chunk: Chunk) -> Result<(), ChatError> {
        self.model = self.model.take().or(chunk.model);
        // Some servers send what is used so far with each piece; the last one counts.
        self.counts = chunk.usage.or(self.counts);
        match chunk.choices.into_iter().find(|choice| choice.index == 0) {
            Some(choice) => self.add_choice(choice),
            None => Ok(()),
        }
    }

    /// Whether the server has said why the message ends.
    pub(crate) fn is_finished(&self) -> bool {
        self.finish.is_some()
    }

    fn add_choice(&mut self, choice: Choice) -> Result<(), ChatError> {
        self.begun = true;
        self.text.push_str(choice.text.as_deref().unwrap_or_default());
        self.ids.extend(choice.token_ids.unwrap_or_default());
        self.finish = choice.finish_reason.or(self.finish.take());
        if let Some(Value::String(stop)) = choice.stop_reason {
            self.stopped_on = Some(stop);
        }
        if let Some(logprobs) = choice.logprobs {
            self.add_logprobs(logprobs);
        }
        match choice.delta {
            Some(delta) => self.add_delta(delta),
            None => Ok(()),
        }
    }

    fn add_delta(&mut self, delta: Delta) -> Result<(), ChatError> {
        self.text.push_str(delta.content.as_deref().unwrap_or_default());
        // A server that sends both names sends the same text under both.
        let reasoning = delta.reasoning_content.filter(|text| !text.is_empty()).or(delta.reasoning);
        self.reasoning.push_str(reasoning.as_deref().unwrap_or_default());
        self.refusal.push_str(delta.refusal.as_deref().unwrap_or_default());
        delta.tool_calls.into_iter().flatten().try_for_each(|call| self.add_call(call))
    }

    fn add_call(&mut self, delta: CallDelta) -> Result<(), ChatError> {
        let at = self.place_of(&delta);
        if at >= MOST_CALLS {
            return Err(ChatError::broken(format!("the message has more than {MOST_CALLS} calls")));
        }
        while self.calls.len() <= at {
            self.calls.push(ToolCall::new("", "", ""));
        }
        let call = &mut self.calls[at];
        if call.id.is_empty() {
            call.id = delta.id.unwrap_or_default();
        }
        let Some(function) = delta.function else { return Ok(()) };
        if call.name.is_empty() {
            call.name = function.name.unwrap_or_default();
        }
        match function.arguments {
            Some(Value::String(piece)) => call.arguments.push_str(&piece),
            Some(Value::Null) | None => {}
            Some(object) => call.arguments.push_str(&object.to_string()),
        }
        Ok(())
    }

    /// The place of the call that a piece belongs to; without a number a new id begins a new call.
    fn place_of(&self, delta: &CallDelta) -> usize {
        let last = self.calls.len().saturating_sub(1);
        delta.index.unwrap_or_else(|| match (&delta.id, self.calls.last()) {
            (Some(id), Some(call)) if !id.is_empty() && *id != call.id => last + 1,
            _ => last,
        })
    }

    fn add_logprobs(&mut self, logprobs: Logprobs) {
        for entry in logprobs.content.into_iter().flatten() {
            self.logprobs.push(as_f32(entry.logprob));
            self.ids.extend(entry.id.or_else(|| spelled_id(&entry.token)));
        }
        self.logprobs.extend(logprobs.token_logprobs.into_iter().flatten().map(as_f32));
        self.ids.extend(logprobs.tokens.iter().flatten().filter_map(|token| spelled_id(token)));
    }

    /// The finished reply. `prompt_bytes` is the size of what was asked, for servers that do not count tokens.
    pub(crate) fn into_reply(self, prompt_bytes: usize, price: Option<&Price>) -> Result<Reply, ChatError> {
        if !self.begun {
            return Err(ChatError::broken("the response has no choice in it"));
        }
        if !self.refusal.is_empty() && self.text.is_empty() {
            return Err(ChatError::Refused { reason: super::failure::quote(&self.refusal) });
        }
        let usage = self.usage(prompt_bytes, price);
        let finish = self.finish()?;
        if finish == Finish::Filtered && self.text.is_empty() && self.calls.is_empty() {
            return Err(ChatError::Refused { reason: "the server's filter let nothing through".to_owned() });
        }
        let sampled = self.sampled(usage.completion_tokens)?;
        let mut message = Message::assistant(self.text);
        message.reasoning = Some(self.reasoning).filter(|reasoning| !reasoning.is_empty());
        message.tool_calls = named(self.calls)?;
        Ok(Reply { message, finish, usage, sampled, model: self.model, waited_ms: 0 })
    }

    fn finish(&self) -> Result<Finish, ChatError> {
        Ok(match self.finish.as_deref() {
            Some("stop" | "eos_token" | "stop_sequence") => Finish::Stop { on: self.stopped_on.clone() },
            Some("length") => Finish::Length,
            Some("tool_calls" | "function_call") => Finish::ToolCalls,
            Some("content_filter") => Finish::Filtered,
            Some(broken @ ("abort" | "error")) => {
                return Err(ChatError::transient(format!("the server gave up in the middle of the reply ({broken})")));
            }
            Some(reason) => Finish::Other { reason: reason.to_owned() },
            None => return Err(ChatError::transient("the reply was cut off in the middle")),
        })
    }

    fn usage(&self, prompt_bytes: usize, price: Option<&Price>) -> Usage {
        let counts = self.counts.unwrap_or_default();
        let written: usize = self.text.len()
            + self.reasoning.len()
            + self.calls.iter().map(|call| call.name.len() + call.arguments.len()).sum::<usize>();
        let mut usage = Usage {
            requests: 1,
            prompt_tokens: counts.prompt_tokens.unwrap_or_else(|| tokens_of(prompt_bytes as u64)),
            cached_tokens: counts.prompt_tokens_details.and_then(|details| details.cached_tokens).unwrap_or_default(),
            completion_tokens: counts.completion_tokens.unwrap_or_else(|| tokens_of(written as u64)),
            reasoning_tokens: counts
                .completion_tokens_details
                .and_then(|details| details.reasoning_tokens)
                .unwrap_or_default(),
            cost_microusd: 0,
        };
        usage.cost_microusd = price.map_or(0, |price| price.of(&usage));
        usage
    }

    /// The sampled tokens, if there are any and none is missing.
    ///
    /// A server may swallow tokens: of a tag that it parses, of a letter that takes two of them, of a stop string.
    fn sampled(&self, counted: u64) -> Result<Option<SampledTokens>, ChatError> {
        let is_complete = self.ids.is_empty() || self.counts.is_none() || self.ids.len() as u64 == counted;
        if !is_complete {
            tracing::warn!(
                found = self.ids.len(),
                counted,
                "the server left out some of the sampled tokens; none are kept"
            );
            return Ok(None);
        }
        let is_parallel = self.ids.is_empty() || self.ids.len() == self.logprobs.len();
        let logprobs = if is_parallel { self.logprobs.clone() } else { Vec::new() };
        if self.ids.is_empty() && logprobs.is_empty() {
            return Ok(None);
        }
        SampledTokens::new(self.ids.clone(), logprobs).map(Some).map_err(|error| ChatError::broken(error.to_string()))
    }
}

/// Gives every call an id, because the answer of the tool has to refer to one.
fn named(mut calls: Vec<ToolCall>) -> Result<Vec<ToolCall>, ChatError> {
    for (at, call) in calls.iter_mut().enumerate() {
        if call.name.is_empty() {
            return Err(ChatError::broken(format!("call {at} of the message names no tool")));
        }
        if call.id.is_empty() {
            call.id = format!("call_{at}");
        }
    }
    Ok(calls)
}

// A log-probability needs no more than the precision of the weights.
#[allow(clippy::cast_possible_truncation)]
fn as_f32(logprob: Option<f64>) -> f32 {
    logprob.map_or(f32::MIN, |logprob| logprob as f32)
}

/// The token in `token_id:123`, which is how vLLM spells it on request.
fn spelled_id(token: &str) -> Option<u32> {
    token.strip_prefix("token_id:")?.parse().ok()
}
