//! Why an attempt ended, as one word, for formats that have none of their own.

use offseeker_trajectory::{Limit, StopReason};
use serde_json::Value;

/// Why an attempt ended, as one word: `answered`, `limit:turns`. What went wrong in a failure is not said.
pub(super) fn word(stop: &StopReason) -> String {
    let kind = stop.kind();
    match stop {
        StopReason::ForcedAnswer { why: limit } | StopReason::Limit { which: limit } => {
            format!("{kind}:{}", limit_word(*limit))
        }
        _ => kind.to_owned(),
    }
}

/// Reads what [`word`] wrote.
pub(super) fn read(word: &str) -> Option<StopReason> {
    let reason = String::new();
    let limit = |name: &str| serde_json::from_value::<Limit>(Value::from(name)).ok();
    Some(match word {
        "answered" => StopReason::Answered,
        "loop" => StopReason::Loop,
        "malformed" => StopReason::Malformed,
        "refused" => StopReason::Refused,
        "forbidden" => StopReason::Forbidden,
        "cancelled" => StopReason::Cancelled,
        "crashed" => StopReason::Crashed,
        "model_failure" => StopReason::ModelFailure { reason },
        "tool_failure" => StopReason::ToolFailure { tool: String::new(), reason },
        "store_failure" => StopReason::StoreFailure { reason },
        _ => match word.split_once(':')? {
            ("forced_answer", name) => StopReason::ForcedAnswer { why: limit(name)? },
            ("limit", name) => StopReason::Limit { which: limit(name)? },
            _ => return None,
        },
    })
}

fn limit_word(limit: Limit) -> String {
    match serde_json::to_value(limit) {
        Ok(Value::String(word)) => word,
        other => unreachable!("a limit is written as one word, not as {other:?}"),
    }
}

/// What was wrong with an attempt that ended through no fault of its own.
pub(super) fn failure(stop: &StopReason) -> Option<String> {
    match stop {
        StopReason::ModelFailure { reason }
        | StopReason::ToolFailure { reason, .. }
        | StopReason::StoreFailure { reason } => Some(reason.clone()),
        _ => None,
    }
}
