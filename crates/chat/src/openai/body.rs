//! A request on the wire.

use offseeker_trajectory::{Message, Role, ToolSpec};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Server;
use crate::{ChatError, Prompt, Request, Sampling};

/// What a chat request says.
pub(crate) fn chat(model: &str, server: Server, stream: bool, request: Request<'_>) -> Result<Vec<u8>, ChatError> {
    let sampling = request.sampling;
    let body = ChatBody {
        model,
        messages: request.messages.iter().map(|message| WireMessage::new(message, server)).collect(),
        tools: request.tools.iter().map(WireTool::new).collect(),
        rest: Rest::new(stream, sampling),
    };
    let mut more = Map::new();
    if let Some(max_tokens) = sampling.max_tokens {
        more.insert(server.max_tokens_field().to_owned(), max_tokens.into());
    }
    if sampling.logprobs {
        more.insert("logprobs".to_owned(), true.into());
    }
    ask_for_tokens(&mut more, server, sampling);
    written(&body, more, sampling)
}

/// What a request for a bare completion says.
pub(crate) fn completion(
    model: &str,
    server: Server,
    stream: bool,
    prompt: &Prompt,
    sampling: &Sampling,
) -> Result<Vec<u8>, ChatError> {
    let body = CompletionBody { model, prompt, rest: Rest::new(stream, sampling) };
    let mut more = Map::new();
    // The protocol's own default is 16 tokens.
    more.insert("max_tokens".to_owned(), sampling.max_tokens.unwrap_or(DEFAULT_COMPLETION).into());
    if sampling.logprobs {
        more.insert("logprobs".to_owned(), 1.into());
    }
    ask_for_tokens(&mut more, server, sampling);
    written(&body, more, sampling)
}

/// How much a bare completion may write where it is not said.
const DEFAULT_COMPLETION: u32 = 8192;

fn ask_for_tokens(more: &mut Map<String, Value>, server: Server, sampling: &Sampling) {
    if sampling.token_ids && server.returns_token_ids() {
        more.insert("return_token_ids".to_owned(), true.into());
    }
    if sampling.token_ids && server == Server::LlamaCpp && !sampling.logprobs {
        // It names tokens only beside their log-probabilities.
        more.insert("logprobs".to_owned(), true.into());
    }
}

/// The body with the fields that not every server knows; what the caller adds wins over what we say.
fn written(body: &impl Serialize, more: Map<String, Value>, sampling: &Sampling) -> Result<Vec<u8>, ChatError> {
    let failed =
        |error: serde_json::Error| ChatError::invalid(format!("the request cannot be written as JSON: {error}"));
    if more.is_empty() && sampling.extra.is_empty() {
        return serde_json::to_vec(body).map_err(failed);
    }
    let mut value = serde_json::to_value(body).map_err(failed)?;
    if let Value::Object(fields) = &mut value {
        fields.extend(more);
        fields.extend(sampling.extra.clone());
    }
    serde_json::to_vec(&value).map_err(failed)
}

#[derive(Serialize)]
struct ChatBody<'a> {
    model: &'a str,
    messages: Vec<WireMessage<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<WireTool<'a>>,
    #[serde(flatten)]
    rest: Rest<'a>,
}

#[derive(Serialize)]
struct CompletionBody<'a> {
    model: &'a str,
    prompt: &'a Prompt,
    #[serde(flatten)]
    rest: Rest<'a>,
}

#[derive(Serialize)]
struct Rest<'a> {
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stop: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

impl<'a> Rest<'a> {
    fn new(stream: bool, sampling: &'a Sampling) -> Self {
        Self {
            stream,
            stream_options: stream.then_some(StreamOptions { include_usage: true }),
            temperature: sampling.temperature,
            top_p: sampling.top_p,
            stop: &sampling.stop,
            seed: sampling.seed,
        }
    }
}

#[derive(Serialize)]
struct WireMessage<'a> {
    role: Role,
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
}

impl<'a> WireMessage<'a> {
    fn new(message: &'a Message, server: Server) -> Self {
        let calls = message.tool_calls.iter().map(|call| {
            json!({"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}})
        });
        let is_silent = message.content.is_empty() && !message.tool_calls.is_empty();
        Self {
            role: message.role,
            content: (!is_silent).then_some(&message.content),
            reasoning_content: message.reasoning.as_deref().filter(|_| server.takes_reasoning()),
            tool_calls: calls.collect(),
            tool_call_id: message.tool_call_id.as_deref(),
            // A tool is named by the call that it answers.
            name: message.name.as_deref().filter(|_| message.role != Role::Tool),
        }
    }
}

#[derive(Serialize)]
struct WireTool<'a> {
    r#type: &'static str,
    function: &'a ToolSpec,
}

impl<'a> WireTool<'a> {
    fn new(function: &'a ToolSpec) -> Self {
        Self { r#type: "function", function }
    }
}
