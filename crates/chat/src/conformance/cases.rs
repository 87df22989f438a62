//! Requests that together touch everything that can be lost on the way to a model and back.

use offseeker_trajectory::{Message, ToolCall, ToolSpec};
use serde_json::json;

use crate::{OwnedRequest, Sampling};

/// Text that careless code breaks: scripts, joined emoji, decomposed letters, every kind of white space, controls.
pub(super) const UNICODE: &str = "naïve 検索 поиск \u{5e9}\u{5dc}\u{5d5}\u{5dd} 👩\u{200d}🔬 e\u{301}\u{323} \u{feff}\u{202e}x\u{202c}\u{2028}\
     \t\r\n \u{a0}\u{3000}\u{10ffff} \"quoted\" \\back\\ {\"json\": [1]} <tag/> data: [DONE] %00 &amp; 'x' `y` ${z}";

/// Each law of [`echo`](super::echo) with a request that shows it.
pub(super) fn cases() -> Vec<(&'static str, OwnedRequest)> {
    let mut cases = texts();
    cases.extend(parts());
    cases.extend(samplings());
    cases.extend(KINDS.map(|kind| ("a failure keeps its kind", saying(&format!("fail {kind}")))));
    cases
}

const KINDS: [&str; 9] = [
    "transient",
    "rate_limited",
    "context_too_long",
    "refused",
    "unauthorized",
    "invalid_request",
    "budget",
    "not_recorded",
    "broken",
];

fn saying(text: &str) -> OwnedRequest {
    OwnedRequest {
        messages: vec![Message::user(text)],
        tools: Vec::new(),
        sampling: Sampling::default(),
        session: Some("conformance".to_owned()),
    }
}

fn texts() -> Vec<(&'static str, OwnedRequest)> {
    vec![
        ("a text comes back as it was sent", saying("The mill stands on the Orsa.")),
        ("a text of any letters comes back as it was sent", saying(UNICODE)),
        ("white space around a text is kept", saying("\n\n  between \t\n ")),
        ("a text of 100 kB comes back as it was sent", saying(&"long 検 ".repeat(12_500))),
        ("an empty text comes back empty", saying("")),
        ("a reply that is cut at its length says so", saying("length 3")),
    ]
}

fn parts() -> Vec<(&'static str, OwnedRequest)> {
    let schema = json!({"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]});
    let tools =
        || vec![ToolSpec::new("search", "Searches.", schema.clone()), ToolSpec::new("visit", "Reads.", schema.clone())];
    let conversation = vec![
        Message::system("Be brief."),
        Message::user("Which river?"),
        Message {
            tool_calls: vec![ToolCall::new("call-7", "search", r#"{"query": "Karlin mill"}"#)],
            ..Message::assistant("")
        },
        Message::tool("call-7", "search", "The Karlin mill stands on the Orsa."),
        Message::assistant("The Orsa."),
        Message::user("roles"),
    ];
    let offered = |text: &str| OwnedRequest { tools: tools(), ..saying(text) };
    vec![
        ("a call keeps its name, id and arguments", offered(r#"call search {"query": "Orsa"}"#)),
        (
            "arguments keep their spelling",
            offered("call search {\"query\" :  \"検索 \\u00e9 \\\"x\\\"\",\n \"n\": 1.0}"),
        ),
        ("arguments that are no JSON are kept as they are", offered(r#"call visit {"query": "Orsa"#)),
        ("reasoning stays apart from the text", saying("think the mill, 検索, then the river")),
        ("the model is offered the tools of the request", offered("tools")),
        ("the model sees every message with its role", OwnedRequest { messages: conversation, ..saying("") }),
    ]
}

fn samplings() -> Vec<(&'static str, OwnedRequest)> {
    let sampled = |text: &str, sampling| OwnedRequest { sampling, ..saying(text) };
    let stop =
        |stops: &[&str]| Sampling { stop: stops.iter().map(|&stop| stop.to_owned()).collect(), ..Sampling::default() };
    let tokens = |token_ids, logprobs| Sampling { logprobs, token_ids, ..Sampling::default() };
    let numbers = Sampling {
        temperature: Some(0.7),
        top_p: Some(0.95),
        max_tokens: Some(321),
        seed: Some(42),
        ..Sampling::default()
    };
    vec![
        ("a reply ends before the stop string", sampled("stop alpha END omega", stop(&["END"]))),
        ("a reply ends before the first stop string", sampled("stop alpha </b> beta </a>", stop(&["</a>", "</b>"]))),
        ("a reply without a stop string is whole", sampled("stop alpha omega", stop(&["END"]))),
        ("the model is told how to sample", sampled("sampling", numbers)),
        ("the sampled tokens come back", sampled("tokens of the Orsa", tokens(true, false))),
        ("the log-probabilities come back", sampled("odds of the Orsa", tokens(false, true))),
        ("tokens and log-probabilities come back together", sampled("both of the Orsa", tokens(true, true))),
    ]
}
