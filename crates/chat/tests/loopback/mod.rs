//! A server on loopback that does what a script says, byte by byte, the worst included.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the server does with one request, one step after the other; then it hangs up.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Waits.
    Wait(Duration),
    /// Sends nothing more and keeps the connection open.
    Stall,
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    pub(crate) line: String,
    pub(crate) headers: String,
    pub(crate) body: String,
}

impl Arrived {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("the client sends JSON")
    }
}

/// A server on loopback.
pub(crate) struct Loopback {
    address: SocketAddr,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    task: JoinHandle<()>,
}

impl Loopback {
    /// Answers the first request by the first script, and so on; the last script is used again and again.
    pub(crate) async fn scripted(scripts: Vec<Vec<Step>>) -> Self {
        Self::by(move |number, _| scripts[number.min(scripts.len() - 1)].clone()).await
    }

    /// Answers each request by a rule that knows its number.
    pub(crate) async fn by(rule: impl Fn(usize, &Arrived) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let (seen, rule) = (Arc::clone(&arrived), Arc::new(rule));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&seen), Arc::clone(&rule)));
            }
        });
        Self { address, arrived, task }
    }

    /// The base URL to give to a client.
    pub(crate) fn base(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The requests so far.
    pub(crate) fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().expect("no test panics while it holds the lock").clone()
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve<R>(mut stream: TcpStream, seen: Arc<Mutex<Vec<Arrived>>>, rule: Arc<R>)
where
    R: Fn(usize, &Arrived) -> Vec<Step> + Send + Sync,
{
    let Some(request) = read_request(&mut stream).await else { return };
    let steps = {
        let mut seen = seen.lock().expect("no test panics while it holds the lock");
        seen.push(request.clone());
        rule(seen.len() - 1, &request)
    };
    for step in steps {
        match step {
            // A client that has hung up is no concern of the server.
            Step::Send(bytes) => drop(stream.write_all(&bytes).await),
            Step::Wait(time) => tokio::time::sleep(time).await,
            Step::Stall => std::future::pending::<()>().await,
        }
        let _ = stream.flush().await;
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Arrived> {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 65_536];
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok())
                .unwrap_or(0);
            if bytes.len() >= end + 4 + length {
                let (line, headers) = head.split_once("\r\n").unwrap_or((&head, ""));
                let body = String::from_utf8_lossy(&bytes[end + 4..end + 4 + length]).into_owned();
                return Some(Arrived { line: line.to_owned(), headers: headers.to_owned(), body });
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}

/// Sends text.
pub(crate) fn send(text: impl AsRef<[u8]>) -> Step {
    Step::Send(text.as_ref().to_vec())
}

/// A whole response.
pub(crate) fn whole(status: u16, headers: &str, body: &str) -> Vec<Step> {
    let length = body.len();
    vec![send(format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"))]
}

/// A whole response in JSON.
pub(crate) fn json(status: u16, body: &str) -> Vec<Step> {
    whole(status, "content-type: application/json\r\n", body)
}

/// The head of a stream of events, which ends when the server hangs up.
pub(crate) fn stream_head() -> Step {
    send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
}

/// A stream of events, each of them one line of data.
pub(crate) fn events(data: &[&str]) -> Vec<Step> {
    let body: String = data.iter().map(|data| format!("data: {data}\n\n")).collect();
    vec![stream_head(), send(body)]
}

/// A chunk that adds text.
pub(crate) fn says(text: &str) -> String {
    serde_json::json!({"model": "made", "choices": [{"index": 0, "delta": {"content": text}}]}).to_string()
}

/// The chunk that ends a message.
pub(crate) const STOP: &str = r#"{"model":"made","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;

/// The chunk that counts.
pub(crate) const USAGE: &str = r#"{"model":"made","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}"#;

/// A good reply that says `text`.
pub(crate) fn good(text: &str) -> Vec<Step> {
    events(&[&says(text), STOP, USAGE, "[DONE]"])
}
