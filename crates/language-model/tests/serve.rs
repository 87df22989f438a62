//! A served model as clients see it: ours, and whoever sends JSON.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use futures::future::join_all;
use offseeker_chat::conformance::{check_echo, check_port, echo};
use offseeker_chat::dialect::Dialect;
use offseeker_chat::{
    ChatError, ChatModel, Completions, Finish, Key, OpenAi, Options, Prompt, Reply, Request, Sampling, Scripted,
};
use offseeker_language_model::serve::Server;
use offseeker_language_model::{BytePairTraining, ChatTemplate, Config, LocalModel, LocalOptions, Renderer, Weights};
use offseeker_trajectory::{Message, Usage};
use serde_json::{Value, json};
use tokio::sync::oneshot;

fn renderer() -> Renderer {
    let texts = ["Which river does the Karlin mill stand on? The Orsa, of the northern hills."];
    Renderer::new(Arc::new(BytePairTraining::new(320).train(texts).unwrap()), ChatTemplate::qwen()).unwrap()
}

fn local(options: LocalOptions) -> LocalModel {
    let renderer = renderer();
    let size = renderer.tokenizer().vocabulary();
    let config = Config { initializer_range: 0.2, ..Config::small(size, 32, 1, 2) };
    LocalModel::new("tiny", Arc::new(Weights::from_seed(&config, 5).unwrap()), None, renderer, options).unwrap()
}

fn small() -> LocalOptions {
    LocalOptions { context: Some(1024), ..LocalOptions::default() }
}

/// Serves until the sender is dropped or used.
async fn serve(server: Server) -> (String, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
    let bound = server.bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", bound.address());
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(async move { bound.run(async { drop(stopped.await) }).await.unwrap() });
    (base, stop, running)
}

fn options(stream: bool) -> Options {
    Options { server: offseeker_chat::Server::Offseeker, stream, ..Options::default() }
}

fn exact(seed: u64) -> Sampling {
    Sampling { seed: Some(seed), max_tokens: Some(24), token_ids: true, logprobs: true, ..Sampling::default() }
}

fn said(reply: Reply) -> Reply {
    Reply { usage: Usage { cached_tokens: 0, ..reply.usage }, waited_ms: 0, ..reply }
}

async fn post(base: &str, path: &str, body: &Value) -> (u16, Value) {
    let response = reqwest::Client::new().post(format!("{base}{path}")).json(body).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn our_clients_get_what_the_model_itself_says() {
    let model = Arc::new(local(small()));
    let (base, _stop, _) = serve(Server::local(model.clone())).await;
    let base = format!("{base}/v1");
    let asked = [Message::user("Which river?")];
    for stream in [true, false] {
        let chat = OpenAi::new(&base, "tiny", None, options(stream)).unwrap();
        let bare = Completions::new(&base, "tiny", None, options(stream), Arc::new(renderer())).unwrap();
        check_port(&chat).await.unwrap();
        check_port(&bare).await.unwrap();
        for seed in 0..4 {
            let stop = if seed == 3 { vec!["e".to_owned()] } else { vec![] };
            let sampling = Sampling { stop, ..exact(seed) };
            let request = Request::new(&asked).sampling(&sampling);
            let own = said(model.reply(request).await.unwrap());
            assert!(!own.sampled.as_ref().unwrap().ids().is_empty());
            assert_eq!(said(bare.reply(request).await.unwrap()), own, "stream: {stream}");
            assert_eq!(said(chat.reply(request).await.unwrap()), own, "stream: {stream}");
            let prompt = Prompt::Tokens(renderer().prompt(&asked, &[]).unwrap());
            assert_eq!(said(bare.complete(&prompt, &sampling).await.unwrap()), own);
        }
    }
    let chat = OpenAi::new(&base, "tiny", None, Options::default()).unwrap();
    let offers = chat.offers().await.unwrap();
    assert_eq!((offers[0].id.as_str(), offers[0].window), ("tiny", Some(1024)));
}

#[tokio::test]
async fn whatever_a_model_answers_arrives() {
    let (base, _stop, _) = serve(Server::any(Arc::new(echo()))).await;
    for stream in [true, false] {
        let client = OpenAi::new(&format!("{base}/v1"), "echo", None, options(stream)).unwrap();
        // All arrives but one thing: what is broken behind a server may pass.
        let violation = check_echo(&client).await.unwrap_err();
        assert_eq!(violation.law, "a failure keeps its kind", "{violation}");
        assert!(violation.found.contains("broken"), "{violation}");
    }
    let (status, body) = post(&base, "/v1/completions", &json!({"prompt": "x"})).await;
    assert_eq!((status, &body["error"]["code"]), (404, &json!("not_found")));
}

#[tokio::test]
async fn reasoning_and_calls_are_taken_out_of_the_text() {
    let text =
        "<think>\nA mill.\n</think>\n\n<tool_call>\n{\"name\": \"search\", \"arguments\": {\"q\": 1}}\n</tool_call>";
    let model = Arc::new(Scripted::by(move |_| Ok(Reply::new(Message::assistant(text)))).named("s"));
    let (base, _stop, _) = serve(Server::any(model).speaking(Dialect::shipped("qwen").unwrap().clone())).await;
    let tools = json!([{"type": "function", "function": {"name": "search", "parameters": {"type": "object"}}}]);
    let mut body =
        json!({"messages": [{"role": "user", "content": [{"type": "text", "text": "Hm?"}]}], "tools": tools});
    let (status, said) = post(&base, "/v1/chat/completions", &body).await;
    let message = &said["choices"][0]["message"];
    assert_eq!((status, &said["choices"][0]["finish_reason"]), (200, &json!("tool_calls")), "{said}");
    assert_eq!((&message["content"], &message["reasoning_content"]), (&json!(null), &json!("\nA mill.\n")));
    assert_eq!(message["tool_calls"][0]["function"], json!({"name": "search", "arguments": "{\"q\": 1}"}));
    assert!(message["tool_calls"][0]["id"].as_str().unwrap().starts_with("call_"));
    body["tool_choice"] = json!("none");
    let (_, said) = post(&base, "/v1/chat/completions", &body).await;
    assert!(said["choices"][0]["message"]["content"].as_str().unwrap().contains("<tool_call>"), "{said}");
    assert_eq!(said["choices"][0]["finish_reason"], json!("stop"));
    let client = OpenAi::new(&format!("{base}/v1"), "s", None, options(true)).unwrap();
    let tools = [offseeker_trajectory::ToolSpec::new("search", "", json!({"type": "object"}))];
    let reply = client.reply(Request::new(&[Message::user("Hm?")]).tools(&tools)).await.unwrap();
    assert_eq!((reply.finish, reply.message.tool_calls.len()), (Finish::ToolCalls, 1));
}

#[tokio::test]
async fn a_stream_comes_in_pieces_and_ends_with_the_usage() {
    let (base, _stop, _) = serve(Server::local(Arc::new(local(small())))).await;
    let ask = async |stream: bool, n: u32| {
        let body = json!({
            "model": "tiny", "messages": [{"role": "user", "content": "Which river?"}], "max_tokens": 12, "seed": 4,
            "n": n, "stream": stream, "stream_options": {"include_usage": true},
        });
        let response = reqwest::Client::new().post(format!("{base}/v1/chat/completions")).json(&body).send().await;
        response.unwrap().text().await.unwrap()
    };
    let whole: Value = serde_json::from_str(&ask(false, 3).await).unwrap();
    let streamed = ask(true, 3).await;
    let events: Vec<&str> = streamed.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
    assert_eq!(events.last(), Some(&"[DONE]"));
    let chunks: Vec<Value> = events[..events.len() - 1].iter().map(|it| serde_json::from_str(it).unwrap()).collect();
    assert!(chunks.len() > 12);
    let mut texts = [const { String::new() }; 3];
    for choice in chunks.iter().flat_map(|chunk| chunk["choices"].as_array().unwrap()) {
        let text = choice["delta"]["content"].as_str().unwrap_or_default();
        texts[choice["index"].as_u64().unwrap() as usize].push_str(text);
    }
    for (index, text) in texts.iter().enumerate() {
        assert_eq!(whole["choices"][index]["message"]["content"], json!(text));
    }
    let usage = &chunks.last().unwrap()["usage"];
    for count in ["prompt_tokens", "completion_tokens", "total_tokens"] {
        assert_eq!(usage[count], whole["usage"][count]);
    }
    assert!(usage["completion_tokens"].as_u64() > Some(12), "all choices count");
}

#[tokio::test]
async fn what_cannot_be_answered_says_why() {
    let (base, _stop, _) = serve(Server::local(Arc::new(local(small()))).largest_request(5000)).await;
    let chat = |fields: Value| {
        let mut body = json!({"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 2});
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        body
    };
    for (fields, status, param, code) in [
        (json!({"messages": null}), 400, json!("messages"), "invalid_value"),
        (json!({"messages": []}), 400, json!("messages"), "invalid_value"),
        (json!({"messages": [{"role": "king"}]}), 400, json!("messages[0].role"), "invalid_value"),
        (json!({"messages": [{"role": "user"}]}), 400, json!("messages[0].content"), "invalid_value"),
        (
            json!({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}),
            400,
            json!("messages[0].content"),
            "invalid_value",
        ),
        (json!({"temperature": "hot"}), 400, json!("temperature"), "invalid_value"),
        (json!({"temperature": -1}), 400, json!("temperature"), "invalid_value"),
        (json!({"top_p": 2}), 400, json!("top_p"), "invalid_value"),
        (json!({"n": 0}), 400, json!("n"), "invalid_value"),
        (json!({"stop": 3}), 400, json!("stop"), "invalid_value"),
        (json!({"top_logprobs": 5}), 400, json!("top_logprobs"), "invalid_value"),
        (json!({"frequency_penalty": 0.5}), 400, json!("frequency_penalty"), "invalid_value"),
        (json!({"response_format": {"type": "json_object"}}), 400, json!("response_format"), "invalid_value"),
        (json!({"tools": [{"type": "function"}]}), 400, json!("tools[0]"), "invalid_value"),
        (json!({"tool_choice": "required"}), 400, json!("tool_choice"), "invalid_value"),
        (json!({"top_k": "many"}), 400, json!(null), "invalid_value"),
        (json!({"max_tokens": 100_000}), 400, json!(null), "context_length_exceeded"),
        (json!({"model": "other"}), 404, json!("model"), "model_not_found"),
        (json!({"messages": [{"role": "user", "content": "x".repeat(6000)}]}), 413, json!(null), "invalid_body"),
    ] {
        let (found, body) = post(&base, "/v1/chat/completions", &chat(fields)).await;
        let error = &body["error"];
        assert_eq!((found, &error["param"], &error["code"]), (status, &param, &json!(code)), "{body}");
    }
    for fields in
        [json!({"prompt": 3}), json!({}), json!({"prompt": "a", "echo": true}), json!({"prompt": "a", "logprobs": 5})]
    {
        assert_eq!(post(&base, "/v1/completions", &fields).await.0, 400, "{fields}");
    }
    let (status, body) = post(&base, "/v1/nowhere", &json!({})).await;
    assert_eq!((status, &body["error"]["code"]), (404, &json!("not_found")));
    let raw = reqwest::Client::new().post(format!("{base}/v1/chat/completions")).body("{\"a\": ").send().await.unwrap();
    assert_eq!(raw.status().as_u16(), 400);
    let (status, body) = post(&base, "/tokenize", &json!({"prompt": "<|im_end|>"})).await;
    assert_eq!((status, &body["count"]), (200, &json!(1)));
}

#[tokio::test]
async fn a_full_queue_is_429_and_a_client_that_leaves_makes_room() {
    let model = Arc::new(local(LocalOptions { queue: 1, sequences_at_once: 1, ..small() }));
    let (base, _stop, _) = serve(Server::local(model.clone())).await;
    let client = OpenAi::new(&format!("{base}/v1"), "tiny", None, options(true)).unwrap();
    let long = Sampling { max_tokens: Some(900), ..Sampling::default() };
    let asked = [Message::user("Which river?")];
    let replies = join_all((0..6).map(|_| {
        let request = client.reply(Request::new(&asked).sampling(&long));
        tokio::time::timeout(std::time::Duration::from_millis(700), request)
    }))
    .await;
    let limited = |reply: &Result<_, _>| matches!(reply, Ok(Err(ChatError::RateLimited { retry_after: Some(_), .. })));
    assert!(replies.iter().any(limited), "{replies:?}");
    // Those that were given up are gone by the time that a short request comes.
    for _ in 0..200 {
        let short = Sampling { max_tokens: Some(1), ..Sampling::default() };
        match client.reply(Request::new(&asked).sampling(&short)).await {
            Ok(_) => return,
            Err(ChatError::RateLimited { .. }) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            Err(error) => panic!("{error}"),
        }
    }
    panic!("nobody made room");
}

#[tokio::test]
async fn a_key_is_asked_for_and_what_is_under_way_is_answered_before_the_end() {
    let server = Server::local(Arc::new(local(small()))).key(Key::new("s3cret"));
    assert!(!format!("{server:?}").contains("s3cret"));
    let (base, stop, running) = serve(server).await;
    let health: Value = reqwest::get(format!("{base}/health")).await.unwrap().json().await.unwrap();
    assert_eq!(health["status"], json!("ok"));
    let url = format!("{base}/v1");
    for key in [None, Some(Key::new("s3cre7")), Some(Key::new("s3"))] {
        let error = OpenAi::new(&url, "tiny", key, options(true)).unwrap().offers().await.unwrap_err();
        assert!(matches!(&error, ChatError::Unauthorized { reason } if !reason.contains("s3cret")), "{error}");
    }
    let client = OpenAi::new(&url, "tiny", Some(Key::new("s3cret")), options(true)).unwrap();
    let long = Sampling { max_tokens: Some(150), seed: Some(1), ..Sampling::default() };
    let asked = [Message::user("Which river?")];
    let request = tokio::spawn(async move { client.reply(Request::new(&asked).sampling(&long)).await });
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    stop.send(()).unwrap();
    assert!(request.await.unwrap().is_ok());
    running.await.unwrap();
    assert!(reqwest::get(format!("{base}/health")).await.is_err());
}
