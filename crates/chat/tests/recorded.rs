//! What real servers sent, played back to the client: see `wire/README.md` for how it was recorded.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod loopback;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use loopback::{Loopback, base, json, whole};
use offseeker_chat::{ChatError, ChatMl, ChatModel, Completions, OpenAi, Options, Reply, Request, Sampling, Server};
use offseeker_trajectory::Message;
use serde_json::{Value, json};

fn folder(server: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire").join(server)
}

/// What the client makes of one recorded response.
async fn replayed(server: Server, response: &Path, name: &str) -> Result<Reply, ChatError> {
    let body = fs::read_to_string(response).unwrap();
    let steps = match response.extension().and_then(|extension| extension.to_str()) {
        Some("sse") => whole(200, "content-type: text/event-stream\r\n", &body),
        _ => json(200, &body),
    };
    let loopback = Loopback::scripted(vec![steps]).await;
    let asked: Value = serde_json::from_str(&fs::read_to_string(request_of(response)).unwrap()).unwrap();
    let sampling = Sampling {
        stop: asked.get("stop").map(|stop| serde_json::from_value(stop.clone()).unwrap()).unwrap_or_default(),
        token_ids: true,
        ..Sampling::default()
    };
    let options = Options { server, ..Options::default() };
    let messages = [Message::user("Hello world")];
    let request = Request::new(&messages).sampling(&sampling);
    if name.contains("completion_") {
        let render = Arc::new(ChatMl::default());
        Completions::new(&base(&loopback), "tiny", None, options, render).unwrap().reply(request).await
    } else {
        OpenAi::new(&base(&loopback), "tiny", None, options).unwrap().reply(request).await
    }
}

fn request_of(response: &Path) -> PathBuf {
    response.with_extension("req.json")
}

async fn check(server: Server, name: &str) {
    let mut replies = BTreeMap::new();
    for entry in fs::read_dir(folder(name)).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !file.ends_with(".req.json") && request_of(&path).exists() {
            let reply = replayed(server, &path, &file).await;
            replies.insert(file, reply.map_or_else(|error| json!({"error": error}), |reply| json!(reply)));
        }
    }
    insta::assert_json_snapshot!(name, replies);
}

#[tokio::test]
async fn replies_of_vllm_are_understood() {
    check(Server::Vllm, "vllm").await;
}

#[tokio::test]
async fn replies_of_llama_cpp_are_understood() {
    check(Server::LlamaCpp, "llamacpp").await;
}

#[tokio::test]
async fn replies_of_sglang_are_understood() {
    check(Server::SgLang, "sglang").await;
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let rows = [
        ("vllm", 400, "error_context", "context_too_long"),
        ("vllm", 400, "error_max_tokens_too_large", "context_too_long"),
        ("vllm", 404, "error_unknown_model", "invalid_request"),
        ("vllm", 401, "error_key_wrong", "unauthorized"),
        ("vllm", 400, "error_malformed_json", "invalid_request"),
        ("sglang", 400, "error_context", "context_too_long"),
        ("sglang", 401, "error_key_wrong", "unauthorized"),
        ("llamacpp", 400, "error_context", "context_too_long"),
        ("llamacpp", 401, "error_key_wrong", "unauthorized"),
        ("llamacpp", 400, "error_malformed_json", "invalid_request"),
    ];
    for (server, status, name, kind) in rows {
        let body = fs::read_to_string(folder(server).join(name).with_extension("json")).unwrap();
        let loopback = Loopback::scripted(vec![json(status, &body)]).await;
        let model = OpenAi::new(&base(&loopback), "tiny", None, Options::default()).unwrap();
        let error = model.reply(Request::new(&[Message::user("Hello")])).await.unwrap_err();
        assert_eq!(serde_json::to_value(&error).unwrap()["kind"], kind, "{server} {name}: {error}");
    }
}

#[tokio::test]
async fn models_and_their_windows_are_listed() {
    for (server, window) in [("vllm", 1024), ("sglang", 1024), ("llamacpp", 1024)] {
        let body = fs::read_to_string(folder(server).join("models.json")).unwrap();
        let loopback = Loopback::scripted(vec![json(200, &body)]).await;
        let model = OpenAi::new(&base(&loopback), "", None, Options::default()).unwrap();
        let offers = model.offers().await.unwrap();
        assert_eq!((offers[0].id.as_str(), offers[0].window), ("tiny", Some(window)), "{server}");
        assert_eq!(loopback.arrived()[0].line, "GET /v1/models HTTP/1.1");
    }
}
