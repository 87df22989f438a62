//! A server on loopback that does what a script says, byte by byte, the worst included: for the tests of clients.
//!
//! It panics where a test could not go on.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the server does with one request, one step after the other; then it hangs up.
#[derive(Debug, Clone)]
pub enum Step {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Waits.
    Wait(Duration),
    /// Sends nothing more and keeps the connection open.
    Stall,
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// Its first line: `GET /page HTTP/1.1`.
    pub line: String,
    /// The lines after it, as they came.
    pub headers: String,
    /// Its body, as text.
    pub body: String,
}

impl Arrived {
    /// Its body as JSON.
    ///
    /// # Panics
    ///
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("the client sends JSON")
    }
}

/// A server on loopback; it is gone when this is dropped.
#[derive(Debug)]
pub struct Loopback {
    address: SocketAddr,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    task: JoinHandle<()>,
}

impl Loopback {
    /// Answers the first request by the first script, and so on; the last script is used again and again.
    ///
    /// # Panics
    ///
    /// When there is no script, or loopback has no free port.
    pub async fn scripted(scripts: Vec<Vec<Step>>) -> Self {
        Self::by(move |number, _| scripts[number.min(scripts.len() - 1)].clone()).await
    }

    /// Answers each request by a rule that knows its number, counted from nought.
    ///
    /// # Panics
    ///
    /// When loopback has no free port.
    pub async fn by(rule: impl Fn(usize, &Arrived) -> Vec<Step> + Send + Sync + 'static) -> Self {
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

    /// Its address, without a slash at the end: `http://127.0.0.1:41234`.
    #[must_use]
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far.
    ///
    /// # Panics
    ///
    /// When a rule has panicked.
    #[must_use]
    pub fn arrived(&self) -> Vec<Arrived> {
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
#[must_use]
pub fn send(text: impl AsRef<[u8]>) -> Step {
    Step::Send(text.as_ref().to_vec())
}

/// A whole response.
#[must_use]
pub fn whole(status: u16, headers: &str, body: &str) -> Vec<Step> {
    let length = body.len();
    vec![send(format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"))]
}

/// A whole response in JSON.
#[must_use]
pub fn json(status: u16, body: &str) -> Vec<Step> {
    whole(status, "content-type: application/json\r\n", body)
}

/// The head of a stream of events, which ends when the server hangs up.
#[must_use]
pub fn stream_head() -> Step {
    send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
}

/// A stream of events, each of them one line of data.
#[must_use]
pub fn events(data: &[&str]) -> Vec<Step> {
    let body: String = data.iter().map(|data| format!("data: {data}\n\n")).collect();
    vec![stream_head(), send(body)]
}
