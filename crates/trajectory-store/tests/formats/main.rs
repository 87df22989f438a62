//! Rows of every format are read and written, and what breaks a format is said by its place.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod branches;
mod golden;
mod imported;
mod laws;
mod lines;
mod order;
#[cfg(feature = "parquet")]
mod parquet;
mod refused;
mod sealed;
mod training;

use offseeker_trajectory::{Message, Node, Question, StopReason, ToolCall, ToolSpec, Trajectory};
use serde_json::json;

/// The golden rows with a name.
fn golden(name: &str) -> Vec<String> {
    let path = format!("{}/tests/golden/{name}.jsonl", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

/// An attempt at a question in which some messages follow each other.
fn attempt(messages: impl IntoIterator<Item = Message>) -> Trajectory {
    let mut made = Trajectory::new(Question::new("Which river?", ["the Orsa"]), 0);
    let schema = json!({"type": "object", "properties": {"query": {"type": "string"}}});
    made.tools.push(ToolSpec::new("search", "Searches.", schema));
    let mut parent = None;
    for message in messages {
        let node = match (message.role.as_str(), parent) {
            ("assistant", Some(parent)) => Node::sampled(parent, message),
            _ => Node::given(parent, message),
        };
        parent = Some(made.push(node).unwrap());
    }
    made.answer = Some("the Orsa".to_owned());
    made.stop = Some(StopReason::Answered);
    made
}

/// What the model says when it calls `search` so often.
fn calling(times: usize) -> Message {
    let call = |at| ToolCall::new(format!("c{at}"), "search", format!("{{\"query\":\"mill {at}\"}}"));
    Message { tool_calls: (0..times).map(call).collect(), ..Message::assistant("") }
}

/// What `search` answers.
fn result(content: &str) -> Message {
    Message::tool("c0", "search", content)
}
