//! Answers as JSON: whole, or as a stream of events.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;

use axum::Json;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::future::try_join_all;
use futures::stream::{BoxStream, SelectAll, StreamExt, select_all, unfold};
use offseeker_chat::{ChatError, Finish};
use offseeker_trajectory::Usage;
use serde_json::{Value, json};

use super::answer::{Answer, Bit, Ended, Step};
use super::asked::Asked;
use super::failure::Failure;
use super::split::Delta;
use super::{Served, Server, now};

/// What an answer is written on.
#[derive(Clone)]
pub(super) struct Form {
    is_chat: bool,
    logprobs: bool,
    token_ids: bool,
    include_usage: bool,
    /// How many choices share a prompt, which counts once.
    choices: usize,
    id: String,
    created: u64,
    server: Server,
}

impl Form {
    pub(super) fn new(server: &Server, is_chat: bool, asked: &Asked) -> Self {
        let prefix = if is_chat { "chatcmpl" } else { "cmpl" };
        Self {
            is_chat,
            logprobs: asked.sampling.logprobs,
            token_ids: asked.sampling.token_ids,
            include_usage: asked.include_usage,
            choices: asked.choices as usize,
            id: format!("{prefix}-{:016x}", rand::random::<u64>()),
            created: now(),
            server: server.clone(),
        }
    }

    /// Answers with everything at once.
    pub(super) async fn whole(self, answers: Vec<Answer>) -> Result<Response, Failure> {
        let prompts: Vec<Vec<u32>> = answers.iter().map(|answer| answer.prompt.clone()).collect();
        let all = try_join_all(answers.into_iter().map(Answer::all)).await?;
        let usage = self.usage(all.iter().map(|(_, ended)| ended.usage).enumerate());
        let choices = all.iter().zip(&prompts).enumerate().map(|(index, ((bit, ended), prompt))| {
            let mut choice = self.choice(index, bit, Some(ended));
            if self.is_chat {
                choice["message"] = self.message(&bit.delta, index);
            }
            if self.token_ids && !self.is_chat {
                choice["prompt_token_ids"] = json!(prompt);
            }
            choice
        });
        let mut object = self.object(false, &choices.collect::<Vec<_>>());
        object["usage"] = usage;
        if self.token_ids && self.is_chat {
            object["prompt_token_ids"] = json!(prompts.first());
        }
        Ok(Json(object).into_response())
    }

    /// Answers as it comes.
    pub(super) fn stream(self, answers: Vec<Answer>) -> Response {
        let mut ready = VecDeque::new();
        if self.is_chat {
            for index in 0..answers.len() {
                let begin = json!({
                    "index": index, "delta": {"role": "assistant", "content": ""}, "logprobs": null, "finish_reason": null,
                });
                ready.push_back(self.object(true, &[begin]).to_string());
            }
        }
        let choices = answers.into_iter().enumerate().map(|(index, answer)| steps(index, answer));
        let writer =
            Writer { steps: Some(select_all(choices)), form: self, ready, usages: Vec::new(), called: BTreeMap::new() };
        let events = unfold(writer, |mut writer| async {
            let data = writer.next().await?;
            Some((Ok::<_, Infallible>(Event::default().data(data)), writer))
        });
        Sse::new(events).keep_alive(KeepAlive::default()).into_response()
    }

    fn object(&self, is_chunk: bool, choices: &[Value]) -> Value {
        let object = match (self.is_chat, is_chunk) {
            (true, true) => "chat.completion.chunk",
            (true, false) => "chat.completion",
            (false, _) => "text_completion",
        };
        json!({
            "id": self.id, "object": object, "created": self.created, "model": self.server.name(), "choices": choices,
        })
    }

    /// A choice, but for what a chat says.
    fn choice(&self, index: usize, bit: &Bit, ended: Option<&Ended>) -> Value {
        let mut choice = json!({"index": index, "logprobs": null, "finish_reason": null});
        if !self.is_chat {
            choice["text"] = json!(bit.delta.content);
        }
        if self.logprobs && !bit.logprobs.is_empty() {
            choice["logprobs"] = self.logprobs(bit);
        }
        if self.token_ids {
            choice["token_ids"] = json!(bit.ids);
        }
        if let Some(ended) = ended {
            let (reason, on) = finish(&ended.finish);
            choice["finish_reason"] = json!(reason);
            choice["stop_reason"] = json!(on);
        }
        choice
    }

    /// Log-probabilities: a list of entries for a chat, parallel lists for a bare completion.
    fn logprobs(&self, bit: &Bit) -> Value {
        let token = |at: usize| match (&self.server.model, bit.ids.get(at)) {
            (Served::Local(model), Some(id)) => model.renderer().tokenizer().bytes_of(*id).unwrap_or_default().to_vec(),
            _ => Vec::new(),
        };
        let tokens = bit.logprobs.iter().enumerate().map(|(at, logprob)| (token(at), logprob));
        if self.is_chat {
            let entry = |(bytes, logprob): (Vec<u8>, &f32)| {
                let text = String::from_utf8_lossy(&bytes);
                json!({"token": text, "logprob": logprob, "bytes": bytes, "top_logprobs": []})
            };
            return json!({"content": tokens.map(entry).collect::<Vec<_>>()});
        }
        let texts: Vec<String> = tokens.map(|(bytes, _)| String::from_utf8_lossy(&bytes).into_owned()).collect();
        json!({"tokens": texts, "token_logprobs": bit.logprobs, "top_logprobs": null, "text_offset": null})
    }

    fn message(&self, delta: &Delta, choice: usize) -> Value {
        let mut message = json!({"role": "assistant", "content": delta.content});
        if !delta.reasoning.is_empty() {
            message["reasoning_content"] = json!(delta.reasoning);
        }
        if !delta.calls.is_empty() {
            message["tool_calls"] = self.calls(delta, choice, 0);
            if delta.content.is_empty() {
                message["content"] = Value::Null;
            }
        }
        message
    }

    /// What a piece adds to a message; `called` is how many calls there were before.
    fn delta(&self, delta: &Delta, choice: usize, called: usize) -> Value {
        let mut said = json!({});
        for (field, text) in [("reasoning_content", &delta.reasoning), ("content", &delta.content)] {
            if !text.is_empty() {
                said[field] = json!(text);
            }
        }
        if !delta.calls.is_empty() {
            said["tool_calls"] = self.calls(delta, choice, called);
        }
        said
    }

    fn calls(&self, delta: &Delta, choice: usize, called: usize) -> Value {
        let calls = delta.calls.iter().enumerate().map(|(at, call)| {
            let at = called + at;
            // A dialect has no ids; the answer of a tool has to refer to one.
            let id = if call.id.is_empty() { format!("call_{}_{choice}_{at}", self.id) } else { call.id.clone() };
            json!({
                "index": at, "id": id, "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            })
        });
        calls.collect()
    }

    /// What all choices cost; a prompt that several share counts once.
    fn usage(&self, usages: impl Iterator<Item = (usize, Usage)>) -> Value {
        let mut all = Usage::default();
        for (index, mut usage) in usages {
            if index % self.choices != 0 {
                (usage.prompt_tokens, usage.cached_tokens) = (0, 0);
            }
            all += usage;
        }
        json!({
            "prompt_tokens": all.prompt_tokens,
            "completion_tokens": all.completion_tokens,
            "total_tokens": all.total_tokens(),
            "prompt_tokens_details": {"cached_tokens": all.cached_tokens},
            "completion_tokens_details": {"reasoning_tokens": all.reasoning_tokens},
        })
    }
}

/// What a choice says, or why it breaks off.
type Said = (usize, Result<Step, ChatError>);

fn steps(index: usize, answer: Answer) -> BoxStream<'static, Said> {
    let steps = unfold(Some(answer), move |answer| async move {
        let mut answer = answer?;
        let step = answer.next().await;
        let rest = matches!(step, Ok(Step::More(_))).then_some(answer);
        Some(((index, step), rest))
    });
    steps.boxed()
}

/// Writes the events of a stream.
struct Writer {
    form: Form,
    /// None once the last event is ready.
    steps: Option<SelectAll<BoxStream<'static, Said>>>,
    ready: VecDeque<String>,
    /// Of the choices that are over.
    usages: Vec<(usize, Usage)>,
    /// How many calls each choice made.
    called: BTreeMap<usize, usize>,
}

impl Writer {
    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            let Some(said) = self.steps.as_mut()?.next().await else {
                self.end();
                continue;
            };
            match said {
                (index, Ok(Step::More(bit))) => self.write(index, &bit, None),
                (index, Ok(Step::End(bit, ended))) => {
                    self.write(index, &bit, Some(&ended));
                    self.usages.push((index, ended.usage));
                }
                (_, Err(error)) => {
                    self.ready.push_back(Failure::from(error).object().to_string());
                    self.steps = None;
                }
            }
        }
    }

    fn write(&mut self, index: usize, bit: &Bit, ended: Option<&Ended>) {
        let tells = (self.form.logprobs && !bit.logprobs.is_empty()) || (self.form.token_ids && !bit.ids.is_empty());
        if bit.delta.is_nothing() && !tells && ended.is_none() {
            return;
        }
        let mut choice = self.form.choice(index, bit, ended);
        if self.form.is_chat {
            let called = self.called.entry(index).or_default();
            choice["delta"] = self.form.delta(&bit.delta, index, *called);
            *called += bit.delta.calls.len();
        }
        self.ready.push_back(self.form.object(true, &[choice]).to_string());
    }

    fn end(&mut self) {
        if self.form.include_usage {
            let mut object = self.form.object(true, &[]);
            object["usage"] = self.form.usage(self.usages.iter().copied());
            self.ready.push_back(object.to_string());
        }
        self.ready.push_back("[DONE]".to_owned());
        self.steps = None;
    }
}

/// Why it ends, and the stop string.
fn finish(finish: &Finish) -> (&str, Option<&str>) {
    match finish {
        Finish::Stop { on } => ("stop", on.as_deref()),
        Finish::Length => ("length", None),
        Finish::ToolCalls => ("tool_calls", None),
        Finish::Filtered => ("content_filter", None),
        Finish::Other { reason } => (reason, None),
        _ => ("stop", None),
    }
}
