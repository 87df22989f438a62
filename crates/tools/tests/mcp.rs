//! A toolbox that is served over MCP, and called from there.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use offseeker_pages::Page;
use offseeker_search::InMemory;
use offseeker_tools::mcp::{self, McpCommand, McpError, McpServer};
use offseeker_tools::{Kit, Limits, Profile, Toolbox};
use offseeker_trajectory::{CallStatus, ToolCall, View};

fn toolbox() -> Toolbox {
    let corpus = Arc::new(InMemory::of([
        Page::new("karlin:mill", "Karlin mill", "It stands on the Orsa."),
        Page::new("karlin:castle", "Karlin castle", "It burnt down twice."),
    ]));
    Kit::new(Profile::shipped("openseeker").unwrap()).searching(corpus.clone()).reading(corpus).toolbox().unwrap()
}

/// The same toolbox, seen over the protocol.
async fn remote() -> Toolbox {
    let (client, server) = tokio::io::duplex(64 << 10);
    let (input, output) = tokio::io::split(server);
    tokio::spawn(mcp::serve(toolbox(), input, output));
    let (input, output) = tokio::io::split(client);
    let server = McpServer::connect(input, output).await.unwrap();
    Toolbox::new(server.tools().await.unwrap(), Limits::default()).unwrap()
}

#[tokio::test]
async fn a_toolbox_is_the_same_over_the_protocol() {
    let (here, there) = (toolbox(), remote().await);
    assert_eq!(here.specs(), there.specs());
    for (name, arguments) in [
        ("search", r#"{"query": ["Orsa"]}"#),
        ("search", r#"{"query": "Orsa"}"#),
        ("visit", r#"{"url": "karlin:mill", "goal": "Which river?"}"#),
        ("visit", r#"{"url": ["karlin:gone"], "goal": "Which river?"}"#),
        ("visit", r#"{"url": 5, "goal": "Which river?"}"#),
        ("visit", r#"{"url": "#),
        ("fly", "{}"),
    ] {
        let call = ToolCall::new("1", name, arguments);
        let (mut own, mut far) = (here.call(&call).await.unwrap(), there.call(&call).await.unwrap());
        (own.elapsed, far.elapsed) = Default::default();
        assert_eq!(own, far, "{name} {arguments}");
    }
    let seen = there.call(&ToolCall::new("1", "search", r#"{"query": ["Orsa"]}"#)).await.unwrap();
    assert_eq!((seen.status, seen.sources[0].view), (CallStatus::Ok, View::Snippet));
}

#[tokio::test]
async fn many_calls_at_once_come_back_to_their_callers() {
    let there = remote().await;
    let calls: Vec<ToolCall> = (0..50)
        .map(|number| ToolCall::new("", "visit", format!(r#"{{"url": "karlin:{number}", "goal": "x"}}"#)))
        .collect();
    for (number, observation) in there.call_all(&calls).await.into_iter().enumerate() {
        assert!(observation.unwrap().text.contains(&format!("karlin:{number} ")));
    }
}

#[tokio::test]
async fn a_server_that_is_none_is_said() {
    let missing = McpServer::start(&McpCommand::new::<String>("/nowhere/server", [])).await.unwrap_err();
    assert!(matches!(&missing, McpError::Start { program, .. } if program == "/nowhere/server"), "{missing}");
    let silent = McpServer::start(&McpCommand::new::<String>("true", [])).await.unwrap_err();
    assert!(matches!(&silent, McpError::Connection { .. }), "{silent}");
}

#[tokio::test]
async fn a_server_that_hangs_up_ends_the_attempt() {
    let (client, server) = tokio::io::duplex(64 << 10);
    let (input, output) = tokio::io::split(server);
    let serving = tokio::spawn(mcp::serve(toolbox(), input, output));
    let (input, output) = tokio::io::split(client);
    let tools = McpServer::connect(input, output).await.unwrap().tools().await.unwrap();
    let there = Toolbox::new(tools, Limits::default()).unwrap();
    serving.abort();
    let error = there.call(&ToolCall::new("1", "search", r#"{"query": ["Orsa"]}"#)).await.unwrap_err();
    assert!(error.to_string().starts_with("the tool search is broken: the server"), "{error}");
}

#[test]
fn the_environment_of_a_server_is_not_shown() {
    let mut command = McpCommand::new("server", ["--fast"]);
    command.environment.insert("API_KEY".to_owned(), "s3cret".to_owned());
    let shown = format!("{command:?}");
    assert!(shown.contains("API_KEY") && !shown.contains("s3cret"), "{shown}");
}
