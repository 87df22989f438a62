//! The calls of a teacher, and what comes back from them.

use offseeker_search::Hit;
use offseeker_trajectory::ToolCall;
use serde_json::{Value, json};

/// Whose tools and words a teacher uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// Those of OffSeeker, with a thought before each step.
    OffSeeker,
    /// The fewest: calls speak for themselves.
    FewWords,
}

impl Manner {
    /// The name of its protocol and of the profile of its tools.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::OffSeeker => "offseeker",
            Self::FewWords => "few-words",
        }
    }

    /// Whether a thought is said that only announces the call after it.
    pub(super) fn announces(self) -> bool {
        self == Self::OffSeeker
    }

    /// Whether what a page says is said in its words.
    pub(super) fn quotes(self) -> bool {
        self == Self::FewWords
    }

    /// Searches for words.
    pub(super) fn search(self, query: &str) -> ToolCall {
        let arguments = match self {
            Self::OffSeeker => json!({"query": [query]}),
            Self::FewWords => json!({"query": query}),
        };
        ToolCall::new("", "search", arguments.to_string())
    }

    /// Reads a page with something in mind.
    pub(super) fn visit(self, url: &str, goal: &str) -> ToolCall {
        let (name, arguments) = match self {
            Self::OffSeeker => ("visit_urls", json!({"urls": [url], "query": goal})),
            Self::FewWords => ("visit", json!({"url": url})),
        };
        ToolCall::new("", name, arguments.to_string())
    }

    /// The hits that a search showed.
    pub(super) fn hits(self, seen: &str) -> Vec<Hit> {
        match self {
            Self::OffSeeker => hits(seen),
            Self::FewWords => seen.lines().map(|url| Hit::new(url, url, "")).collect(),
        }
    }

    /// The text of the page that a visit showed.
    pub(super) fn page(self, seen: &str) -> &str {
        match self {
            Self::OffSeeker => seen.split_once("\nReport: ").map_or("", |(_, report)| report),
            Self::FewWords => seen,
        }
    }
}

/// What a call is about, in a word.
pub(super) fn subject_of(call: &ToolCall) -> String {
    let arguments: Value = serde_json::from_str(&call.arguments).unwrap_or_default();
    let first = |field: &str| arguments[field].as_str().or_else(|| arguments[field][0].as_str());
    let page = |url: &str| url.rsplit('/').next().unwrap_or_default().to_owned();
    let subject = first("urls").or_else(|| first("url")).map(page);
    subject.or_else(|| first("query").map(str::to_owned)).unwrap_or_default()
}

/// Whether two calls do the same.
pub(super) fn is_same(left: &ToolCall, right: &ToolCall) -> bool {
    let arguments = |call: &ToolCall| serde_json::from_str::<Value>(&call.arguments).ok();
    left.name == right.name && arguments(left) == arguments(right)
}

fn hits(seen: &str) -> Vec<Hit> {
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
