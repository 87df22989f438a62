//! A server that says the same thing to everybody, as quickly as it can after its latency.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use crate::request::{find, request};

/// The length of a reply in tokens; streamed, each is an event of its own.
pub(crate) const TOKENS: usize = 64;

/// Answers until the process is killed.
pub(crate) fn run(latency_ms: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be made");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        println!("http://{}/v1", listener.local_addr().expect("a bound listener has an address"));
        let answers = Arc::new(Answers::new());
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, Duration::from_millis(latency_ms), Arc::clone(&answers)));
        }
    });
}

struct Answers {
    whole: Vec<u8>,
    stream: Vec<u8>,
}

impl Answers {
    fn new() -> Self {
        let usage = r#"{"prompt_tokens":400,"completion_tokens":64,"total_tokens":464}"#;
        let text = " token".repeat(TOKENS);
        let head = r#""id":"chatcmpl-1","created":1700000000,"model":"made""#;
        let whole = format!(
            r#"{{{head},"object":"chat.completion","choices":[{{"index":0,"message":{{"role":"assistant","content":"{text}"}},"logprobs":null,"finish_reason":"stop"}}],"usage":{usage}}}"#
        );
        let chunk = |delta: &str, finish: &str| {
            format!(
                "data: {{{head},\"object\":\"chat.completion.chunk\",\"choices\":[{{\"index\":0,\"delta\":{{{delta}}},\"logprobs\":null,\"finish_reason\":{finish}}}]}}\n\n"
            )
        };
        let mut stream = chunk(r#""role":"assistant","content":"""#, "null");
        stream.push_str(&chunk(r#""content":" token""#, "null").repeat(TOKENS));
        stream.push_str(&chunk("", r#""stop""#));
        stream.push_str(&format!("data: {{{head},\"choices\":[],\"usage\":{usage}}}\n\ndata: [DONE]\n\n"));
        Self { whole: response("application/json", &whole), stream: response("text/event-stream", &stream) }
    }
}

fn response(kind: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

async fn serve(mut stream: TcpStream, latency: Duration, answers: Arc<Answers>) {
    let _ = stream.set_nodelay(true);
    let mut bytes = Vec::new();
    loop {
        let Some(size) = request(&mut stream, &mut bytes).await else { return };
        let streamed = find(&bytes[..size], b"\"stream\":true").or(find(&bytes[..size], b"\"stream\": true")).is_some();
        bytes.drain(..size);
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        let answer = if streamed { &answers.stream } else { &answers.whole };
        if stream.write_all(answer).await.is_err() {
            return;
        }
    }
}
