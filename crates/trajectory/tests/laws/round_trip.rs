//! Whatever is written as one line of JSON is read back exactly.

use std::fmt::Debug;

use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::made;

/// Compares the texts as well as the values: minus nought equals nought, but is written otherwise.
fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) -> Result<(), TestCaseError> {
    let line = serde_json::to_string(value).expect("it can be written");
    prop_assert!(!line.contains(['\n', '\r']), "more than one line: {}", line);

    let back: T = serde_json::from_str(&line).map_err(|error| TestCaseError::fail(format!("{error} in {line}")))?;
    prop_assert_eq!(&back, value);
    prop_assert_eq!(serde_json::to_string(&back).expect("it can be written again"), line);

    let tree = serde_json::to_value(value).expect("it can be written");
    let back: T = serde_json::from_value(tree).map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert_eq!(&back, value);
    Ok(())
}

macro_rules! round_trip {
    ($($(#[$meta:meta])* $name:ident: $strategy:expr;)*) => {
        proptest! {
            $(
                $(#[$meta])*
                #[test]
                fn $name(value in $strategy) {
                    check(&value)?;
                }
            )*
        }
    };
}

round_trip! {
    role: made::role();
    repair: made::repair();
    tool_call: made::tool_call();
    message: made::message();
    tool_spec: made::tool_spec();
    usage: made::usage();
    sampled_tokens: made::sampled_tokens();
    answer: made::answer();
    question: made::question();
    node_id: made::any_node_id();
    sampled: made::sampled();
    call_status: made::call_status();
    source: made::source();
    observed: made::observed();
    origin: made::origin();
    node: made::node();
    limit: made::limit();
    stop_reason: made::stop_reason();
    outcome: made::outcome();
    span: made::span();
    evidence: made::evidence();
    grade: made::grade();
    trajectory: made::trajectory();
    weighted_token: made::weighted_token();
    segment: made::segment();
    weighted_message: made::weighted_message();
    body: made::body();
    provenance: made::provenance();
    sample: made::sample();
    pair: made::pair();
    member: made::member();
    group: made::group();
}
