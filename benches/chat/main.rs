//! Requests a second, our own time in each, and memory, against a server on loopback.
//!
//! `cargo bench --bench chat` measures the client alone; `benches/peers/chat/run.sh` sets the same load beside another
//! client. Server and client are processes of their own, so that neither's time and memory counts as the other's.
//!
//! - `--serve LATENCY_MS` is the server: it says where it listens and answers until it is killed.
//! - `--load BASE_URL LATENCY_MS whole|stream` is the client: it prints one line of JSON.

#[path = "../parts/cpu.rs"]
mod cpu;
mod load;
#[path = "../parts/memory.rs"]
mod memory;
#[path = "../parts/request.rs"]
mod request;
mod server;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use load::Measured;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["--serve", latency] => server::run(milliseconds(latency)),
        ["--load", base, latency, mode] => {
            let measured = load::run(base, milliseconds(latency), mode == "stream");
            println!("{}", serde_json::to_string(&measured).expect("a measurement is JSON"));
        }
        _ => all(),
    }
}

fn milliseconds(text: &str) -> u64 {
    text.parse().expect("the latency is a whole number of milliseconds")
}

fn all() {
    println!(
        "{} requests, {} at once, {} rounds; replies of {} tokens; client on one thread\n",
        load::REQUESTS,
        load::AT_ONCE,
        load::ROUNDS,
        server::TOKENS
    );
    println!(
        "{:>8} {:>8} {:>12} {:>16} {:>12} {:>12} {:>10}",
        "latency", "reply", "requests/s", "requests/CPU-s", "own p50", "own p99", "peak RSS"
    );
    for latency in [0, 20] {
        for mode in ["whole", "stream"] {
            let measured = one(latency, mode);
            println!(
                "{latency:>5} ms {mode:>8} {:>12.0} {:>16.0} {:>9.2} ms {:>9.2} ms {:>7.1} MB",
                measured.requests_per_second,
                measured.requests_per_cpu_second,
                measured.own_p50_ms,
                measured.own_p99_ms,
                measured.peak_rss_mb
            );
        }
    }
    println!("\nown: time of a request over the server's latency, waiting for one of the other 255 included");
}

fn one(latency: u64, mode: &str) -> Measured {
    let latency = latency.to_string();
    let server = Running::start(&["--serve", &latency]);
    let client = again(&["--load", &server.base, &latency, mode]).output().expect("the client runs");
    serde_json::from_slice(&client.stdout).expect("the client prints one line of JSON")
}

fn again(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("a running program has a path"));
    command.args(arguments).stderr(Stdio::inherit());
    command
}

/// A server that ends with its owner.
struct Running {
    child: Child,
    base: String,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = again(arguments).stdout(Stdio::piped()).spawn().expect("the server starts");
        let mut base = String::new();
        let output = child.stdout.take().expect("its output is a pipe");
        BufReader::new(output).read_line(&mut base).expect("it says where it listens");
        Self { child, base: base.trim().to_owned() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
