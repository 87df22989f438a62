//! Everything that a server can do wrong ends in the right error or in a reply, in time, without the key in any text.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod loopback;

use std::fmt::Write;
use std::time::{Duration, Instant};

use loopback::{Loopback, STOP, Step, USAGE, base, events, good, json, says, send, stream_head, whole};
use offseeker_chat::{ChatError, ChatModel, Key, OpenAi, Options, Reply, Request, Timeouts};
use offseeker_trajectory::Message;

const KEY: &str = "sk-very/secret+key\"1";

fn options() -> Options {
    let timeouts = Timeouts {
        connect: Duration::from_secs(5),
        first: Duration::from_secs(20),
        idle: Duration::from_secs(20),
        total: Duration::from_secs(30),
    };
    Options { timeouts, max_response_bytes: 1 << 20, ..Options::default() }
}

fn hasty() -> Options {
    let soon = Duration::from_millis(150);
    Options { timeouts: Timeouts { first: soon, idle: soon, ..options().timeouts }, ..options() }
}

fn kind(result: &Result<Reply, ChatError>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(ChatError::Transient { .. }) => "transient",
        Err(ChatError::RateLimited { .. }) => "rate limited",
        Err(ChatError::ContextTooLong { .. }) => "context",
        Err(ChatError::Refused { .. }) => "refused",
        Err(ChatError::Unauthorized { .. }) => "unauthorized",
        Err(ChatError::InvalidRequest { .. }) => "invalid",
        Err(ChatError::Broken { .. }) => "broken",
        Err(_) => "other",
    }
}

async fn ask(base: &str, options: Options) -> Result<Reply, ChatError> {
    let model = OpenAi::new(base, "made", Some(Key::new(KEY)), options).unwrap();
    assert!(!format!("{model:?}").contains("secret"), "{model:?}");
    model.reply(Request::new(&[Message::user("Hello")])).await
}

async fn check(name: &str, steps: Vec<Step>, options: Options, expected: &str, words: &str) {
    let server = Loopback::scripted(vec![steps]).await;
    let begun = Instant::now();
    let result = ask(&base(&server), options).await;
    assert!(begun.elapsed() < Duration::from_secs(20), "{name}: took {:?}", begun.elapsed());
    assert_eq!(kind(&result), expected, "{name}: {result:?}");
    if let Err(error) = &result {
        let text = format!("{error} {error:?}");
        assert!(text.contains(words), "{name}: {words:?} is not in {text}");
        assert!(!text.contains("secret"), "{name}: {text}");
        assert!(text.len() < 4_000, "{name}: {} bytes", text.len());
    }
    assert_eq!(server.arrived().len(), 1, "{name}: the client alone does not ask again");
}

#[tokio::test]
async fn a_refusal_is_told_by_its_status() {
    let echo = format!(r#"{{"error":{{"message":"Incorrect API key provided: {}"}}}}"#, KEY.replace('"', "\\\""));
    let limited = "content-type: application/json\r\nretry-after: 3\r\n";
    check("429", whole(429, limited, "{}"), options(), "rate limited", "come back in 3.0 s").await;
    check("500", json(500, "{}"), options(), "transient", "HTTP 500").await;
    check("503 in HTML", whole(503, "content-type: text/html\r\n", "<h1>busy</h1>"), options(), "transient", "busy")
        .await;
    check("401 that quotes the key", json(401, &echo), options(), "unauthorized", "[redacted]").await;
    check("400", json(400, r#"{"error":{"message":"top_p is out of range"}}"#), options(), "invalid", "top_p").await;
    check("404", json(404, r#"{"detail":"Not Found"}"#), options(), "invalid", "base URL").await;
    check("redirect", whole(302, "location: http://elsewhere/\r\n", ""), options(), "invalid", "redirects").await;
    let endless = "x".repeat(10 << 20);
    check("500 with 10 MB", json(500, &endless), options(), "transient", "HTTP 500").await;
    check(
        "500 that stalls",
        vec![send("HTTP/1.1 500 X\r\ncontent-length: 9\r\n\r\nbad"), Step::Stall],
        hasty(),
        "transient",
        "bad",
    )
    .await;
}

#[tokio::test]
async fn a_stream_that_goes_wrong_is_noticed() {
    let begun = || vec![stream_head(), send(format!("data: {}\n\n", says("Hel")))];
    let then = |last: Step| begun().into_iter().chain([last]).collect::<Vec<_>>();
    check("stalled", then(Step::Stall), hasty(), "transient", "nothing more came").await;
    check("cut", begun(), options(), "transient", "cut the reply off").await;
    check("cut in a line", then(send("data: {\"choi")), options(), "transient", "cut the reply off").await;
    check("done without an end", then(send("data: [DONE]\n\n")), options(), "transient", "cut off").await;
    check("garbage", then(send(format!("data: }}{{ {KEY}\n\n"))), options(), "broken", "no reply").await;
    check("no event stream", vec![stream_head(), send("<html></html>\n\n")], options(), "broken", "stream of events")
        .await;
    check("not UTF-8", then(send(b"data: \"\xff\xfe\"\n\n")), options(), "broken", "stream of events").await;
    check(
        "an error in the middle",
        then(send("data: {\"error\":{\"message\":\"engine died\"}}\n\n")),
        options(),
        "transient",
        "engine died",
    )
    .await;
    check(
        "gave up",
        then(send("data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"abort\"}]}\n\n")),
        options(),
        "transient",
        "gave up",
    )
    .await;
    check("nothing in it", events(&["[DONE]"]), options(), "broken", "no choice").await;
    let short_chunk =
        send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\nff\r\ndata: ");
    check("cut in a chunk", vec![short_chunk], options(), "transient", "cut").await;
    let one_line = format!("data: {}\n\n", says(&"a".repeat(10 << 20)));
    check("10 MB in a line", vec![stream_head(), send(one_line)], options(), "broken", "max_response_bytes").await;
    let no_end = "data: aaaaaaa".repeat(1 << 20);
    check("no end of line", vec![stream_head(), send(no_end)], options(), "broken", "max_response_bytes").await;
}

#[tokio::test]
async fn a_whole_response_that_goes_wrong_is_noticed() {
    check("garbage", json(200, "}{"), options(), "broken", "no reply").await;
    check("nothing", json(200, ""), options(), "broken", "no reply").await;
    check("an array", json(200, "[]"), options(), "broken", "no choice").await;
    check("no choices", json(200, r#"{"choices":[]}"#), options(), "broken", "no choice").await;
    check("deep", json(200, &"[".repeat(100_000)), options(), "broken", "no reply").await;
    check(
        "an error with a good status",
        json(200, r#"{"error":{"message":"slow down","code":429}}"#),
        options(),
        "rate limited",
        "slow down",
    )
    .await;
    check("a web page", whole(200, "content-type: text/html\r\n", "<h1>Sign in</h1>"), options(), "broken", "Sign in")
        .await;
    check("no type", whole(200, "", "hello"), options(), "broken", "no content type").await;
    check(
        "10 MB",
        json(200, &format!(r#"{{"choices":[],"x":"{}"}}"#, "a".repeat(10 << 20))),
        options(),
        "broken",
        "max_response_bytes",
    )
    .await;
    check(
        "shorter than it says",
        vec![send("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{")],
        options(),
        "transient",
        "cut",
    )
    .await;
    let refusal =
        r#"{"choices":[{"index":0,"message":{"content":null,"refusal":"I cannot help."},"finish_reason":"stop"}]}"#;
    check("a refusal", json(200, refusal), options(), "refused", "I cannot help.").await;
    let filtered = r#"{"choices":[{"index":0,"message":{"content":""},"finish_reason":"content_filter"}]}"#;
    check("a filter", json(200, filtered), options(), "refused", "filter").await;
    let nameless = r#"{"choices":[{"index":0,"message":{"tool_calls":[{"function":{"arguments":"{}"}}]},"finish_reason":"tool_calls"}]}"#;
    check("a call of nothing", json(200, nameless), options(), "broken", "names no tool").await;
    let far = r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":4000000000,"function":{"name":"a"}}]}}]}"#;
    check("a call far away", json(200, far), options(), "broken", "more than 256 calls").await;
}

#[tokio::test]
async fn a_slow_server_is_given_up() {
    let drip = |count: usize| -> Vec<Step> {
        let letters = (0..count).flat_map(|_| [send("x"), Step::Wait(Duration::from_millis(30))]);
        std::iter::once(send("HTTP/1.1 200 OK\r\nx-slow: ")).chain(letters).collect()
    };
    check("slow headers", drip(200), hasty(), "transient", "no beginning of a reply").await;
    check("no headers", vec![Step::Stall], hasty(), "transient", "no beginning of a reply").await;
    check("hangs up at once", vec![], options(), "transient", "did not answer").await;
    check("garbage for headers", vec![send("\0\0\0\r\n\r\n")], options(), "transient", "did not answer").await;
    let impatient =
        Options { timeouts: Timeouts { total: Duration::from_millis(200), ..options().timeouts }, ..options() };
    let pings = (0..400).flat_map(|_| [send(": ping\n\n"), Step::Wait(Duration::from_millis(20))]);
    let forever = std::iter::once(stream_head()).chain(pings).collect();
    check("pings for ever", forever, impatient, "transient", "no complete reply").await;
}

#[tokio::test]
async fn nobody_listening_is_transient() {
    let address = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let result = ask(&format!("http://{address}/v1"), options()).await;
    assert_eq!(kind(&result), "transient", "{result:?}");
    assert!(result.unwrap_err().to_string().contains("cannot be reached"));
    let result = ask("http://no-such-host.invalid/v1", options()).await;
    assert_eq!(kind(&result), "transient", "{result:?}");
}

#[tokio::test]
async fn what_is_odd_but_right_is_a_reply() {
    let rows: Vec<(&str, Vec<Step>)> = vec![
        ("as it should be", good("Hello")),
        ("no [DONE]", events(&[&says("Hel"), &says("lo"), STOP])),
        (
            "no blank line at the end",
            vec![stream_head(), send(format!("data: {}\n\ndata: {STOP}\n\ndata: [DONE]", says("Hello")))],
        ),
        (
            "carriage returns",
            vec![
                stream_head(),
                send(format!("data: {}\r\n\r\ndata: {STOP}\r\n\r\ndata: [DONE]\r\n\r\n", says("Hello"))),
            ],
        ),
        (
            "pings, events and ids",
            vec![
                stream_head(),
                send(format!(": hi\n\nevent: x\nid: 1\ndata: {}\n\n:\n\ndata: {STOP}\n\n", says("Hello"))),
            ],
        ),
        ("no space after the colon", vec![stream_head(), send(format!("data:{}\n\ndata:{STOP}\n\n", says("Hello")))]),
        ("usage before the end", events(&[&says("Hello"), USAGE, STOP, "[DONE]"])),
        ("an empty choice list first", events(&[r#"{"choices":[],"prompt_filter_results":[]}"#, &says("Hello"), STOP])),
        (
            "whole although a stream was asked for",
            json(200, r#"{"choices":[{"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}]}"#),
        ),
        (
            "a type with a parameter",
            whole(
                200,
                "content-type: application/json; charset=utf-8\r\n",
                r#"{"error":null,"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]}"#,
            ),
        ),
        (
            "two choices",
            json(
                200,
                r#"{"choices":[{"index":1,"message":{"content":"No"},"finish_reason":"stop"},{"index":0,"message":{"content":"Hello"},"finish_reason":"stop"}]}"#,
            ),
        ),
    ];
    for (name, steps) in rows {
        let server = Loopback::scripted(vec![steps]).await;
        let reply = ask(&base(&server), options()).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(reply.message.content, "Hello", "{name}");
        assert_eq!(reply.usage.requests, 1, "{name}");
        assert!(reply.usage.completion_tokens > 0, "{name}: usage is counted or estimated");
    }
}

#[tokio::test]
async fn letters_split_between_pieces_come_together() {
    let text = "Die Mühle an der Örsa — 磨坊 🏭";
    let line = format!("data: {}\n\ndata: {STOP}\n\n", says(text));
    let steps = std::iter::once(stream_head()).chain(line.bytes().map(|byte| send([byte]))).collect();
    let server = Loopback::scripted(vec![steps]).await;
    assert_eq!(ask(&base(&server), options()).await.unwrap().message.content, text);
}

#[tokio::test]
async fn the_key_is_sent_and_only_there() {
    let server = Loopback::scripted(vec![good("Hello")]).await;
    ask(&base(&server), options()).await.unwrap();
    let arrived = &server.arrived()[0];
    assert!(arrived.headers.contains(&format!("authorization: Bearer {KEY}")), "{}", arrived.headers);
    assert!(!arrived.line.contains("secret") && !arrived.body.contains("secret"));
    assert_eq!(arrived.line, "POST /v1/chat/completions HTTP/1.1");
}

#[tokio::test]
async fn a_request_given_up_leaves_the_client_usable() {
    let server = Loopback::by(|number, _| if number == 0 { vec![Step::Stall] } else { good("Hello") }).await;
    let model = OpenAi::new(&base(&server), "made", None, options()).unwrap();
    let messages = [Message::user("Hello")];
    let gone = tokio::time::timeout(Duration::from_millis(100), model.reply(Request::new(&messages))).await;
    assert!(gone.is_err());
    assert_eq!(model.reply(Request::new(&messages)).await.unwrap().message.content, "Hello");
}

#[test]
fn what_cannot_be_a_base_url_is_said_at_once() {
    let rows = [
        ("", "base URL"),
        ("localhost:8000", "scheme is localhost"),
        ("ftp://host/v1", "scheme is ftp"),
        ("http://", "base URL"),
        ("http://user:hunter2@host/v1", "give a key instead"),
    ];
    for (base, words) in rows {
        let error = OpenAi::new(base, "made", None, Options::default()).unwrap_err();
        let mut text = error.to_string();
        write!(text, "{error:?}").unwrap();
        assert!(matches!(error, ChatError::InvalidRequest { .. }) && text.contains(words), "{base}: {text}");
        assert!(!text.contains("hunter2"));
    }
    let line_break = OpenAi::new("http://host/v1", "made", Some(Key::new("a\nb")), Options::default()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let error = runtime.block_on(line_break.reply(Request::new(&[Message::user("Hello")]))).unwrap_err();
    assert!(error.to_string().contains("line breaks"), "{error}");
}
