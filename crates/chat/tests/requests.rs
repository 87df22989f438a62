//! What the client says to each kind of server, byte for byte where it matters.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod loopback;

use std::sync::Arc;

use loopback::{Loopback, base, good, json};
use offseeker_chat::{
    ChatMl, ChatModel, Completions, OpenAi, Options, OwnedRequest, Prompt, Request, Sampling, Server,
};
use offseeker_trajectory::{Message, ToolCall, ToolSpec};
use serde_json::{Value, json};

fn options(server: Server) -> Options {
    Options { server, ..Options::default() }
}

/// What a server of this kind is sent for a chat.
async fn sent(server: Server, request: &OwnedRequest) -> Value {
    let loopback = Loopback::scripted(vec![good("Hello")]).await;
    let model = OpenAi::new(&base(&loopback), "made", None, options(server)).unwrap();
    model.reply(request.as_request()).await.unwrap();
    loopback.arrived()[0].json()
}

fn plain(sampling: Sampling) -> OwnedRequest {
    OwnedRequest { sampling, ..Request::new(&[Message::user("Hello")]).to_owned() }
}

#[tokio::test]
async fn nothing_is_said_that_was_not_asked_for() {
    let expected = json!({
        "model": "made",
        "messages": [{"role": "user", "content": "Hello"}],
        "stream": true,
        "stream_options": {"include_usage": true},
    });
    assert_eq!(sent(Server::Other, &plain(Sampling::default())).await, expected);
}

#[tokio::test]
async fn sampling_is_said_in_the_words_of_each_server() {
    let sampling = Sampling {
        temperature: Some(0.6),
        top_p: Some(0.95),
        max_tokens: Some(100),
        stop: vec!["</answer>".into()],
        seed: Some(7),
        logprobs: true,
        token_ids: true,
        extra: json!({"top_k": 20}).as_object().unwrap().clone(),
    };
    let common = json!({
        "temperature": 0.6, "top_p": 0.95, "stop": ["</answer>"], "seed": 7, "logprobs": true, "top_k": 20,
    });
    let rows = [
        (Server::OpenAi, json!({"max_completion_tokens": 100})),
        (Server::Vllm, json!({"max_tokens": 100, "return_token_ids": true})),
        // It gives tokens of a chat only when that is not streamed.
        (Server::SgLang, json!({"max_tokens": 100, "return_token_ids": true, "stream": false})),
        // It leaves out the last token of a chat that is streamed.
        (Server::LlamaCpp, json!({"max_tokens": 100, "stream": false})),
        (Server::Ollama, json!({"max_tokens": 100})),
        (Server::Other, json!({"max_tokens": 100})),
    ];
    for (server, more) in rows {
        let mut expected = json!({"model": "made", "messages": [{"role": "user", "content": "Hello"}], "stream": true});
        let fields = expected.as_object_mut().unwrap();
        fields.extend(common.as_object().unwrap().clone());
        fields.extend(more.as_object().unwrap().clone());
        if fields["stream"] == true {
            fields.insert("stream_options".into(), json!({"include_usage": true}));
        }
        assert_eq!(sent(server, &plain(sampling.clone())).await, expected, "{server:?}");
    }
}

#[tokio::test]
async fn what_the_caller_adds_wins() {
    let extra = json!({"stream_options": {"include_usage": false}, "max_tokens": 9, "temperature": 1.5});
    let sampling = Sampling {
        temperature: Some(0.0),
        max_tokens: Some(100),
        extra: extra.as_object().unwrap().clone(),
        ..Sampling::default()
    };
    let body = sent(Server::Other, &plain(sampling)).await;
    assert_eq!(body["stream_options"]["include_usage"], false);
    assert_eq!((&body["max_tokens"], &body["temperature"]), (&json!(9), &json!(1.5)));
}

#[tokio::test]
async fn calls_and_their_results_go_back_as_they_came() {
    let mut called = Message::assistant("");
    called.reasoning = Some("I should search.".into());
    called.tool_calls = vec![ToolCall::new("call_9", "search", r#"{"query": ["Karlin mill"]}"#)];
    let schema = json!({"type": "object", "properties": {"query": {"type": "array"}}, "required": ["query"]});
    let request = OwnedRequest {
        messages: vec![
            Message::system("Search."),
            Message::user("Which river?"),
            called,
            Message::tool("call_9", "search", "The Orsa."),
        ],
        tools: vec![ToolSpec::new("search", "Searches.", schema.clone())],
        sampling: Sampling::default(),
        session: Some("a".into()),
    };
    let body = sent(Server::Vllm, &request).await;
    let expected = json!([
        {"role": "system", "content": "Search."},
        {"role": "user", "content": "Which river?"},
        {
            "role": "assistant",
            "content": null,
            "reasoning_content": "I should search.",
            "tool_calls": [{
                "id": "call_9", "type": "function",
                "function": {"name": "search", "arguments": r#"{"query": ["Karlin mill"]}"#},
            }],
        },
        {"role": "tool", "content": "The Orsa.", "tool_call_id": "call_9"},
    ]);
    assert_eq!(body["messages"], expected);
    let function = json!({"name": "search", "description": "Searches.", "parameters": schema});
    assert_eq!(body["tools"], json!([{"type": "function", "function": function}]));
    assert_eq!(body.get("session"), None);
    // OpenAI itself does not know the field.
    assert_eq!(sent(Server::OpenAi, &request).await["messages"][2].get("reasoning_content"), None);
}

/// What a server of this kind is sent for a bare completion.
async fn sent_bare(server: Server, prompt: &Prompt, sampling: &Sampling) -> (String, Value) {
    let answer = json!({"choices": [{"index": 0, "text": "Hello", "finish_reason": "stop"}]}).to_string();
    let loopback = Loopback::scripted(vec![json(200, &answer)]).await;
    let render = Arc::new(ChatMl::default());
    let model = Completions::new(&base(&loopback), "made", None, options(server), render).unwrap();
    assert_eq!(model.complete(prompt, sampling).await.unwrap().message.content, "Hello");
    let arrived = &loopback.arrived()[0];
    (arrived.line.clone(), arrived.json())
}

#[tokio::test]
async fn a_prompt_goes_as_text_or_as_tokens() {
    let sampling = Sampling { max_tokens: Some(5), logprobs: true, token_ids: true, ..Sampling::default() };
    let (line, body) = sent_bare(Server::Vllm, &Prompt::Tokens(vec![1, 2, 3]), &sampling).await;
    assert_eq!(line, "POST /v1/completions HTTP/1.1");
    let expected = json!({
        "model": "made", "prompt": [1, 2, 3], "stream": true, "stream_options": {"include_usage": true},
        "max_tokens": 5, "logprobs": 1, "return_token_ids": true,
    });
    assert_eq!(body, expected);
    let (_, body) = sent_bare(Server::Other, &Prompt::Text("Hi".into()), &Sampling::default()).await;
    assert_eq!(body["prompt"], "Hi");
    assert_eq!(body["max_tokens"], 8192, "the protocol's own default would be 16");
}

#[tokio::test]
async fn a_conversation_is_rendered_before_it_is_completed() {
    let answer = json!({"choices": [{"index": 0, "text": "<answer>the Orsa</answer>", "finish_reason": "stop"}]});
    let loopback = Loopback::scripted(vec![json(200, &answer.to_string())]).await;
    let render = Arc::new(ChatMl { opening: "<think>\n".into() });
    let model = Completions::new(&base(&loopback), "made", None, Options::default(), render).unwrap();
    let messages = [Message::system("Search."), Message::user("A page says <|im_end|> here.")];
    let reply = model.reply(Request::new(&messages)).await.unwrap();
    assert_eq!(reply.message.content, "<answer>the Orsa</answer>");
    let prompt = "<|im_start|>system\nSearch.<|im_end|>\n<|im_start|>user\nA page says <|\u{200b}im_end|> here.<|im_end|>\n<|im_start|>assistant\n<think>\n";
    assert_eq!(loopback.arrived()[0].json()["prompt"], prompt);
}

#[tokio::test]
async fn what_cannot_be_rendered_is_not_sent() {
    let loopback = Loopback::scripted(vec![good("Hello")]).await;
    let render = Arc::new(ChatMl::default());
    let model = Completions::new(&base(&loopback), "made", None, Options::default(), render).unwrap();
    let mut called = Message::assistant("");
    called.tool_calls = vec![ToolCall::new("1", "search", "{}")];
    for (messages, words) in [(vec![], "no message"), (vec![called], "message 0")] {
        let error = model.reply(Request::new(&messages)).await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
    let tools = [ToolSpec::new("search", "", json!({}))];
    let error = model.reply(Request::new(&[Message::user("Hi")]).tools(&tools)).await.unwrap_err();
    assert!(error.to_string().contains("no place for tools"), "{error}");
    assert!(loopback.arrived().is_empty());
}

#[tokio::test]
async fn the_base_url_keeps_its_path_and_its_query() {
    let loopback = Loopback::scripted(vec![good("Hello")]).await;
    let root = base(&loopback);
    let rows = [
        ("", "POST /v1/chat/completions HTTP/1.1"),
        ("/", "POST /v1/chat/completions HTTP/1.1"),
        ("/deep/er/", "POST /v1/deep/er/chat/completions HTTP/1.1"),
        ("?api-version=2", "POST /v1/chat/completions?api-version=2 HTTP/1.1"),
    ];
    for (number, (suffix, line)) in rows.into_iter().enumerate() {
        let model = OpenAi::new(&format!("{root}{suffix}"), "made", None, Options::default()).unwrap();
        model.reply(Request::new(&[Message::user("Hello")])).await.unwrap();
        assert_eq!(loopback.arrived()[number].line, line);
    }
}

#[tokio::test]
async fn headers_of_the_options_are_sent() {
    let loopback = Loopback::scripted(vec![good("Hello")]).await;
    let headers = [("x-title".to_owned(), "offseeker".to_owned())].into();
    let model = OpenAi::new(&base(&loopback), "made", None, Options { headers, ..Options::default() }).unwrap();
    model.reply(Request::new(&[Message::user("Hello")])).await.unwrap();
    assert!(loopback.arrived()[0].headers.contains("x-title: offseeker"));
    let headers = [("bad header".to_owned(), "x".to_owned())].into();
    let error = OpenAi::new("http://host/v1", "made", None, Options { headers, ..Options::default() }).unwrap_err();
    assert!(error.to_string().contains("bad header"), "{error}");
}
