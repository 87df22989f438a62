//! The calls of a teacher, and what comes back from them.

use offseeker_search::Hit;
use offseeker_trajectory::ToolCall;
use serde_json::{Value, json};

/// Searches for words.
pub(super) fn search(query: &str) -> ToolCall {
    ToolCall::new("", "search", json!({"query": [query]}).to_string())
}

/// Reads a page with something in mind.
pub(super) fn visit(url: &str, goal: &str) -> ToolCall {
    ToolCall::new("", "visit_urls", json!({"urls": [url], "query": goal}).to_string())
}

/// Whether two calls do the same.
pub(super) fn is_same(left: &ToolCall, right: &ToolCall) -> bool {
    let arguments = |call: &ToolCall| serde_json::from_str::<Value>(&call.arguments).ok();
    left.name == right.name && arguments(left) == arguments(right)
}

/// The hits that a search showed.
pub(super) fn hits(seen: &str) -> Vec<Hit> {
    let lists: Vec<Value> = serde_json::from_str(seen).unwrap_or_default();
    let results = lists.iter().filter_map(|list| list["result"].as_str());
    let responses = results.filter_map(|result| serde_json::from_str::<Value>(result).ok());
    responses
        .flat_map(|response| response["organic"].as_array().cloned().unwrap_or_default())
        .map(|organic| hit(&organic))
        .collect()
}

fn hit(organic: &Value) -> Hit {
    let text = |field: &str| organic[field].as_str().unwrap_or_default();
    Hit::new(text("link"), text("title"), text("snippet"))
}

/// The text of the page that a visit showed.
pub(super) fn page(seen: &str) -> &str {
    seen.split_once("\nReport: ").map_or("", |(_, report)| report)
}
