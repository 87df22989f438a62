//! A server on loopback that talks as a server for models does, or worse.

#![allow(dead_code, unused_imports, reason = "each test binary uses a part of it")]

pub(crate) use offseeker_remote::loopback::{Arrived, Loopback, Step, events, json, send, stream_head, whole};

/// The base URL to give to a client.
pub(crate) fn base(server: &Loopback) -> String {
    format!("{}/v1", server.base())
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
