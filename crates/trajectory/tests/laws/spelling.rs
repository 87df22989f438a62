//! How every variant is spelled in a file: a name that changes here breaks every file that was ever written.

use std::fmt::Debug;

use offseeker_trajectory::{
    Body, CallStatus, Correction, Finish, Limit, Observed, Origin, Outcome, Repair, Role, Sampled, Segment, StopReason,
    View,
};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::made::{self, node_id};

#[track_caller]
fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, spelled: Value) {
    assert_eq!(serde_json::to_value(value).expect("it can be written"), spelled);
    assert_eq!(&serde_json::from_value::<T>(spelled).expect("it can be read"), value);
}

#[test]
fn stop_reasons() {
    check(&StopReason::Answered, json!({"kind": "answered"}));
    check(&StopReason::ForcedAnswer { why: Limit::Turns }, json!({"kind": "forced_answer", "why": "turns"}));
    check(&StopReason::Limit { which: Limit::Cost }, json!({"kind": "limit", "which": "cost"}));
    check(&StopReason::Loop, json!({"kind": "loop"}));
    check(&StopReason::Malformed, json!({"kind": "malformed"}));
    check(&StopReason::Refused, json!({"kind": "refused"}));
    check(&StopReason::Forbidden, json!({"kind": "forbidden"}));
    check(&StopReason::ModelFailure { reason: "502".to_owned() }, json!({"kind": "model_failure", "reason": "502"}));
    check(
        &StopReason::ToolFailure { tool: "search".to_owned(), reason: "no index".to_owned() },
        json!({"kind": "tool_failure", "tool": "search", "reason": "no index"}),
    );
    check(
        &StopReason::StoreFailure { reason: "the disk is full".to_owned() },
        json!({"kind": "store_failure", "reason": "the disk is full"}),
    );
    check(&StopReason::Cancelled, json!({"kind": "cancelled"}));
    check(&StopReason::Crashed, json!({"kind": "crashed"}));
}

#[test]
fn limits() {
    check(&Limit::Turns, json!("turns"));
    check(&Limit::Calls, json!("calls"));
    check(&Limit::Requests, json!("requests"));
    check(&Limit::Tokens, json!("tokens"));
    check(&Limit::Context, json!("context"));
    check(&Limit::WallTime, json!("wall_time"));
    check(&Limit::WorkTime, json!("work_time"));
    check(&Limit::Cost, json!("cost"));
}

#[test]
fn origins() {
    let usage = json!({"requests": 0, "prompt_tokens": 0, "completion_tokens": 0});
    check(&Origin::Given, json!({"kind": "given"}));
    check(&Origin::Sampled(Sampled::default()), json!({"kind": "sampled", "value": {"usage": usage}}));
    check(
        &Origin::Observed(Observed::new(CallStatus::Ok)),
        json!({"kind": "observed", "value": {"status": "ok", "elapsed_ms": 0}}),
    );
    check(
        &Origin::Corrective { why: Correction::LastTurn { limit: Limit::Calls } },
        json!({"kind": "corrective", "value": {"why": {"kind": "last_turn", "limit": "calls"}}}),
    );
    check(&Origin::Rewritten { of: vec![node_id(3)] }, json!({"kind": "rewritten", "value": {"of": [3]}}));
}

#[test]
fn corrections() {
    check(&Correction::Unreadable, json!({"kind": "unreadable"}));
    check(&Correction::Silent, json!({"kind": "silent"}));
    check(&Correction::Circling, json!({"kind": "circling"}));
    check(&Correction::Unverified, json!({"kind": "unverified"}));
    check(&Correction::LastTurn { limit: Limit::WallTime }, json!({"kind": "last_turn", "limit": "wall_time"}));
}

#[test]
fn finishes() {
    check(&Finish::Stop { on: None }, json!({"kind": "stop"}));
    check(&Finish::Stop { on: Some("</answer>".to_owned()) }, json!({"kind": "stop", "on": "</answer>"}));
    check(&Finish::Length, json!({"kind": "length"}));
    check(&Finish::ToolCalls, json!({"kind": "tool_calls"}));
    check(&Finish::Filtered, json!({"kind": "filtered"}));
    check(&Finish::Other { reason: "eos".to_owned() }, json!({"kind": "other", "reason": "eos"}));
}

#[test]
fn outcomes() {
    check(&Outcome::Correct, json!({"kind": "correct"}));
    check(&Outcome::Wrong, json!({"kind": "wrong"}));
    check(&Outcome::NoAnswer, json!({"kind": "no_answer"}));
    check(&Outcome::Malformed, json!({"kind": "malformed"}));
    check(&Outcome::Unscored { reason: "no judge".to_owned() }, json!({"kind": "unscored", "reason": "no judge"}));
}

#[test]
fn bodies() {
    check(&Body::Tokens(Vec::new()), json!({"kind": "tokens", "value": []}));
    check(
        &Body::Messages { messages: Vec::new(), tools: Vec::new() },
        json!({"kind": "messages", "value": {"messages": []}}),
    );
}

#[test]
fn names() {
    check(&[Role::System, Role::User, Role::Assistant, Role::Tool], json!(["system", "user", "assistant", "tool"]));
    check(
        &[Repair::None, Repair::Json5, Repair::Mended, Repair::Unreadable],
        json!(["none", "json5", "mended", "unreadable"]),
    );
    check(&[View::Snippet, View::Page, View::Find, View::Execution], json!(["snippet", "page", "find", "execution"]));
    check(
        &[Segment::Reasoning, Segment::Text, Segment::Call, Segment::Arguments, Segment::Answer],
        json!(["reasoning", "text", "call", "arguments", "answer"]),
    );
    check(
        &[
            CallStatus::Ok,
            CallStatus::InvalidArguments,
            CallStatus::NotFound,
            CallStatus::Transient,
            CallStatus::RateLimited,
            CallStatus::Blocked,
            CallStatus::Timeout,
            CallStatus::Budget,
            CallStatus::Internal,
        ],
        json!([
            "ok",
            "invalid_arguments",
            "not_found",
            "transient",
            "rate_limited",
            "blocked",
            "timeout",
            "budget",
            "internal"
        ]),
    );
}

proptest! {
    #[test]
    fn a_kind_is_spelled_as_it_is_written(stop in made::stop_reason(), outcome in made::outcome()) {
        prop_assert_eq!(&serde_json::to_value(&stop).expect("it can be written")["kind"], stop.kind());
        prop_assert_eq!(&serde_json::to_value(&outcome).expect("it can be written")["kind"], outcome.kind());
    }
}
