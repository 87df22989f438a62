//! What is served is answered by, until it is stopped.
#![cfg(all(unix, feature = "mcp", feature = "serve"))]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Stdio;

use crate::ran::{program, run};
use crate::signals::send;

#[test]
fn a_server_answers_until_it_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(folder.path(), "world w --entities 300 --questions 2").code, Some(0));
    assert_eq!(run(folder.path(), "index w/pages.jsonl --out index").code, Some(0));
    let mut child = program(folder.path(), "serve --index index --port 0")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    BufReader::new(child.stderr.as_mut().unwrap()).read_line(&mut said).unwrap();
    let address = said.split("http://").nth(1).and_then(|rest| rest.split('/').next()).unwrap().to_owned();

    let body = r#"{"queries": ["river"], "topk": 2, "return_scores": true}"#;
    let mut stream = TcpStream::connect(&address).unwrap();
    let head = format!(
        "POST /retrieve HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nConnection: close\r\n"
    );
    write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("contents"), "{answer}");

    send(&child, "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn tools_are_listed_over_mcp() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(folder.path(), "world w --entities 300 --questions 2").code, Some(0));
    let mut child =
        program(folder.path(), "mcp --world w --quiet").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut input, mut output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    let mut ask = |line: &str, wants_reply: bool| {
        writeln!(input, "{line}").unwrap();
        let mut reply = String::new();
        if wants_reply {
            output.read_line(&mut reply).unwrap();
        }
        reply
    };
    let client =
        r#"{"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}"#;
    ask(&format!(r#"{{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {client}}}"#), true);
    ask(r#"{"jsonrpc": "2.0", "method": "notifications/initialized"}"#, false);
    let tools = ask(r#"{"jsonrpc": "2.0", "id": 2, "method": "tools/list"}"#, true);
    assert!(tools.contains("\"search\"") && tools.contains("\"visit_urls\""), "{tools}");
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
