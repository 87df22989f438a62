//! The client keeps every law of the conformance suite over a real connection, streamed and whole.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod loopback;

use futures::FutureExt;
use loopback::{Arrived, Loopback, Step, base, json, send, stream_head, whole};
use offseeker_chat::conformance::{check_echo, check_port, echo};
use offseeker_chat::{
    Allowance, ChatError, ChatModel, ChatModelExt, Finish, Ledger, OpenAi, Options, OwnedRequest, Reply, RetryPolicy,
    Sampling, Server,
};
use offseeker_trajectory::{Message, Role, ToolCall, ToolSpec};
use serde_json::{Map, Value, json};

/// A server that speaks the protocol and answers as [`echo`] does.
async fn echo_server() -> Loopback {
    Loopback::by(|_, arrived| {
        let request = read(arrived);
        let streamed = arrived.json()["stream"] == true;
        let reply = echo().reply(request.as_request()).now_or_never().expect("a scripted model answers at once");
        match reply {
            Ok(reply) if streamed => stream(&reply),
            Ok(reply) => {
                json(200, &object(choice(&reply, "message", &whole_message(&reply)), Some(&reply)).to_string())
            }
            Err(error) => refuse(&error),
        }
    })
    .await
}

fn read(arrived: &Arrived) -> OwnedRequest {
    let body = arrived.json();
    let sampling = Sampling {
        temperature: body["temperature"].as_f64(),
        top_p: body["top_p"].as_f64(),
        max_tokens: body["max_tokens"].as_u64().map(|tokens| tokens.try_into().unwrap()),
        stop: body.get("stop").map(|stop| serde_json::from_value(stop.clone()).unwrap()).unwrap_or_default(),
        seed: body["seed"].as_u64(),
        logprobs: body["logprobs"] == true,
        token_ids: body["return_token_ids"] == true,
        extra: Map::new(),
    };
    let messages = body["messages"].as_array().unwrap().iter().map(message).collect();
    let tools = body["tools"].as_array().into_iter().flatten();
    let tools = tools.map(|tool| serde_json::from_value::<ToolSpec>(tool["function"].clone()).unwrap()).collect();
    OwnedRequest { messages, tools, sampling, session: None }
}

fn message(wire: &Value) -> Message {
    let role: Role = serde_json::from_value(wire["role"].clone()).unwrap();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let calls = wire["tool_calls"].as_array().into_iter().flatten().map(|call| {
        let function = &call["function"];
        ToolCall::new(
            text(&call["id"]).unwrap(),
            text(&function["name"]).unwrap(),
            text(&function["arguments"]).unwrap(),
        )
    });
    Message {
        tool_calls: calls.collect(),
        tool_call_id: text(&wire["tool_call_id"]),
        ..Message::new(role, text(&wire["content"]).unwrap_or_default())
    }
}

fn whole_message(reply: &Reply) -> Value {
    let calls = reply.message.tool_calls.iter().map(
        |call| json!({"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}),
    );
    json!({
        "role": "assistant", "content": reply.message.content, "reasoning_content": reply.message.reasoning,
        "tool_calls": calls.collect::<Vec<_>>(),
    })
}

fn choice(reply: &Reply, name: &str, message: &Value) -> Value {
    let mut choice = json!({"index": 0, name: message});
    let (reason, on) = match &reply.finish {
        Finish::Stop { on } => ("stop", on.clone()),
        Finish::Length => ("length", None),
        Finish::ToolCalls => ("tool_calls", None),
        other => panic!("the echo does not end with {other:?}"),
    };
    choice["finish_reason"] = reason.into();
    choice["stop_reason"] = on.into();
    if let Some(sampled) = &reply.sampled {
        choice["token_ids"] = json!(sampled.ids());
        let entries = sampled.logprobs().iter().map(|logprob| json!({"token": "?", "logprob": logprob}));
        choice["logprobs"] = json!({"content": entries.collect::<Vec<_>>()});
    }
    choice
}

fn object(choice: impl Into<Value>, counted: Option<&Reply>) -> Value {
    let choice = choice.into();
    let usage = counted.map(|reply| {
        json!({
            "prompt_tokens": reply.usage.prompt_tokens, "completion_tokens": reply.usage.completion_tokens,
            "prompt_tokens_details": {"cached_tokens": reply.usage.cached_tokens},
            "completion_tokens_details": {"reasoning_tokens": reply.usage.reasoning_tokens},
        })
    });
    json!({"id": "1", "model": "echo", "choices": [choice], "usage": usage})
}

/// The reply in small pieces: letter by letter, arguments too.
fn stream(reply: &Reply) -> Vec<Step> {
    let delta = |delta: Value| object(json!({"index": 0, "delta": delta, "finish_reason": null}), None);
    let message = &reply.message;
    let mut pieces = vec![delta(json!({"role": "assistant", "content": ""}))];
    let letters = |text: &str| text.chars().map(String::from).collect::<Vec<_>>();
    pieces.extend(
        letters(message.reasoning.as_deref().unwrap_or_default()).iter().map(|c| delta(json!({"reasoning": c}))),
    );
    pieces.extend(chunks(&message.content).iter().map(|text| delta(json!({"content": text}))));
    for (at, call) in message.tool_calls.iter().enumerate() {
        let function = json!({"name": call.name, "arguments": ""});
        pieces.push(delta(
            json!({"tool_calls": [{"index": at, "id": call.id, "type": "function", "function": function}]}),
        ));
        pieces.extend(
            letters(&call.arguments)
                .iter()
                .map(|c| delta(json!({"tool_calls": [{"index": at, "function": {"arguments": c}}]}))),
        );
    }
    pieces.push(object(choice(reply, "delta", &json!({})), None));
    let mut last = object(Value::Null, Some(reply));
    last["choices"] = json!([]);
    pieces.push(last);
    let text: String = pieces.iter().map(|piece| format!("data: {piece}\n\n")).collect();
    vec![stream_head(), send(text), send("data: [DONE]\n\n")]
}

/// Letter by letter where the text is short.
fn chunks(text: &str) -> Vec<String> {
    let size = 1 + text.len() / 512;
    text.chars().collect::<Vec<_>>().chunks(size).map(|chunk| chunk.iter().collect()).collect()
}

fn refuse(error: &ChatError) -> Vec<Step> {
    let message = |code: &str| json!({"error": {"message": error.to_string(), "code": code}}).to_string();
    match error {
        ChatError::Transient { .. } => json(503, &message("overloaded")),
        ChatError::RateLimited { .. } => {
            whole(429, "content-type: application/json\r\nretry-after: 1\r\n", &message("rate_limit_exceeded"))
        }
        ChatError::ContextTooLong { .. } => json(400, &message("context_length_exceeded")),
        ChatError::Refused { .. } => json(400, &message("content_filter")),
        ChatError::Unauthorized { .. } => json(401, &message("invalid_api_key")),
        ChatError::Broken { .. } => whole(200, "content-type: text/html\r\n", "<h1>It works!</h1>"),
        _ => json(400, &message("invalid_request_error")),
    }
}

fn client(server: &Loopback, stream: bool) -> OpenAi {
    let options = Options { server: Server::Vllm, stream, ..Options::default() };
    OpenAi::new(&base(server), "echo", None, options).unwrap()
}

#[tokio::test]
async fn a_stream_carries_everything() {
    let server = echo_server().await;
    check_port(&client(&server, true)).await.unwrap();
    check_echo(&client(&server, true)).await.unwrap();
}

#[tokio::test]
async fn a_whole_response_carries_everything() {
    let server = echo_server().await;
    check_port(&client(&server, false)).await.unwrap();
    check_echo(&client(&server, false)).await.unwrap();
}

#[tokio::test]
async fn wrappers_around_a_client_carry_everything() {
    let server = echo_server().await;
    let once = RetryPolicy { tries: 1, ..RetryPolicy::default() };
    let wrapped = client(&server, true).at_most(4).retrying(once).budgeted(Ledger::new(Allowance::default()).into());
    check_port(&wrapped).await.unwrap();
    check_echo(&wrapped).await.unwrap();
}

#[tokio::test]
async fn what_passes_is_tried_again_until_it_succeeds() {
    let wait = "content-type: application/json\r\nretry-after: 0\r\n";
    let scripts = vec![
        json(500, "{}"),
        whole(429, wait, "{}"),
        vec![stream_head(), send("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"}}]}\n\n")],
        vec![],
        loopback::good("Hello"),
    ];
    let server = Loopback::scripted(scripts).await;
    let policy = RetryPolicy { base: std::time::Duration::from_millis(1), ..RetryPolicy::default() };
    let model = client(&server, true).retrying(policy);
    assert_eq!(model.ask("Hello").await.unwrap(), "Hello");
    assert_eq!(server.arrived().len(), 5);
}

#[tokio::test]
async fn what_does_not_pass_is_not_tried_again() {
    for (steps, kind) in
        [(json(400, "{}"), "invalid_request"), (json(401, "{}"), "unauthorized"), (json(200, "}{"), "broken")]
    {
        let server = Loopback::scripted(vec![steps]).await;
        let error = client(&server, true).retrying(RetryPolicy::default()).ask("Hello").await.unwrap_err();
        assert_eq!((error.kind(), server.arrived().len()), (kind, 1));
    }
}
