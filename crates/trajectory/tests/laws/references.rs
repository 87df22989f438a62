//! A node refers to earlier nodes only, whether it is pushed or read.

use offseeker_trajectory::{Message, Node, Origin, Question, Trajectory, TrajectoryError};
use serde_json::json;

use crate::made::node_id;

/// Two nodes that are right, and then `node`, which is not.
#[track_caller]
fn check(node: &Node, expected: &TrajectoryError, text: &str) {
    assert_eq!(expected.to_string(), text);

    let mut pushed = Trajectory::new(Question::new("?", [""; 0]), 0);
    let first = pushed.push(Node::given(None, Message::system("..."))).expect("it has no parent");
    pushed.push(Node::given(Some(first), Message::user("?"))).expect("its parent is there");
    let whole = pushed.clone();
    assert_eq!(pushed.push(node.clone()).as_ref(), Err(expected));
    assert_eq!(pushed, whole, "a node that is refused leaves no trace");

    let mut file = serde_json::to_value(&whole).expect("it can be written");
    file["nodes"].as_array_mut().expect("there are nodes").push(json!(node));
    let refusal = serde_json::from_str::<Trajectory>(&file.to_string()).expect_err("it is refused");
    assert!(refusal.to_string().starts_with(text), "{refusal}");
}

fn after(parent: usize) -> Node {
    Node::given(Some(node_id(parent)), Message::user("..."))
}

fn in_place_of(of: &[usize]) -> Node {
    let of = of.iter().map(|id| node_id(*id)).collect();
    Node::new(None, Message::user("..."), Origin::Rewritten { of })
}

#[test]
fn a_node_is_not_its_own_parent() {
    check(
        &after(2),
        &TrajectoryError::Parent { node: node_id(2), parent: node_id(2) },
        "node 2 names 2 as its parent; a parent comes before its children",
    );
}

#[test]
fn a_parent_is_there_already() {
    check(
        &after(7),
        &TrajectoryError::Parent { node: node_id(2), parent: node_id(7) },
        "node 2 names 7 as its parent; a parent comes before its children",
    );
}

#[test]
fn what_was_rewritten_is_there_already() {
    check(
        &in_place_of(&[0, 1, 2]),
        &TrajectoryError::Reference { node: node_id(2), other: node_id(2) },
        "node 2 refers to node 2; only earlier nodes can be referred to",
    );
}

#[test]
fn a_number_too_large_for_a_place_is_refused() {
    let file = json!({"parent": u64::from(u32::MAX) + 1, "message": Message::user("?"), "origin": Origin::Given});
    let refusal = serde_json::from_value::<Node>(file).expect_err("it is refused");
    assert!(refusal.to_string().contains("4294967296"), "{refusal}");
}

#[test]
fn log_probabilities_beside_tokens_have_their_number() {
    let text = "2 tokens but 1 log-probabilities; give one for each token, or none";
    let expected = TrajectoryError::Length { what: "log-probabilities", tokens: 2, found: 1 };
    assert_eq!(expected.to_string(), text);
    assert_eq!(offseeker_trajectory::SampledTokens::new(vec![1, 2], vec![-0.5]), Err(expected));

    let file = r#"{"ids":[1,2],"logprobs":[-0.5]}"#;
    let refusal = serde_json::from_str::<offseeker_trajectory::SampledTokens>(file).expect_err("it is refused");
    assert!(refusal.to_string().starts_with(text), "{refusal}");
}
