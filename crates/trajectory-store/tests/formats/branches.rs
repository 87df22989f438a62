//! Which branches are written, and that nothing else is.

use offseeker_trajectory::{Message, Node, NodeId, Origin, Sampled, Trajectory};
use offseeker_trajectory_store::formats::{Branches, Format, RowError};
use serde_json::Value;

use crate::{attempt, calling, result};

/// An attempt that ends in an answer after a summary, with a reply thrown away and a conversation beside it.
fn branching() -> Trajectory {
    let mut made = attempt([Message::user("Which river?"), calling(1), result("The mill stands on the Orsa.")]);
    let sampled = |sampled: Sampled| Origin::Sampled(sampled);
    let thrown = Sampled { discarded: Some("no call".to_owned()), ..Sampled::default() };
    let aside = Sampled { aside: Some("summary".to_owned()), ..Sampled::default() };
    let of = vec![NodeId::new(1), NodeId::new(2)];
    let nodes = [
        Node::new(Some(NodeId::new(2)), Message::assistant("thrown away"), sampled(thrown)),
        Node::given(None, Message::user("Summarise this.")),
        Node::new(Some(NodeId::new(4)), Message::assistant("beside"), sampled(aside)),
        Node::new(Some(NodeId::new(0)), Message::user("So far: the Orsa."), Origin::Rewritten { of }),
        Node::sampled(NodeId::new(6), Message::assistant("<answer>the Orsa</answer>")),
    ];
    for node in nodes {
        made.push(node).unwrap();
    }
    made
}

fn contents(line: &str) -> Vec<String> {
    let row: Value = serde_json::from_str(line).unwrap();
    row["messages"].as_array().unwrap().iter().map(|said| said["content"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_main_branch_is_the_one_that_ends_in_the_answer() {
    let lines = Format::OpenAi.write(&branching(), Branches::Main).unwrap();
    let told: Vec<_> = lines.iter().map(|line| contents(line)).collect();
    assert_eq!(told, [["Which river?", "So far: the Orsa.", "<answer>the Orsa</answer>"]]);
}

#[test]
fn where_there_is_no_answer_the_main_branch_is_the_last_that_was_kept() {
    let mut made = branching();
    made.answer = None;
    made.push(Node::given(Some(NodeId::new(2)), Message::user("Go on."))).unwrap();
    let lines = Format::OpenAi.write(&made, Branches::Main).unwrap();
    assert_eq!(contents(&lines[0]).last().unwrap(), "Go on.");
}

#[test]
fn all_kept_branches_are_rows_of_their_own_but_not_what_was_thrown_away_or_said_beside() {
    let lines = Format::OpenAi.write(&branching(), Branches::Kept).unwrap();
    let told: Vec<_> = lines.iter().map(|line| contents(line)).collect();
    assert_eq!(told.len(), 2);
    assert_eq!(told[0], ["Which river?", "", "The mill stands on the Orsa."]);
    assert_eq!(told[1][1], "So far: the Orsa.");
    for format in Format::ALL.into_iter().filter(|format| *format != Format::Offseeker) {
        for line in format.write(&branching(), Branches::Kept).into_iter().flatten() {
            assert!(!line.contains("thrown away") && !line.contains("beside"), "{format:?}: {line}");
        }
    }
}

#[test]
fn a_reply_that_was_thrown_away_is_left_out_where_the_conversation_goes_on_after_it() {
    let mut made = attempt([Message::user("Which river?")]);
    let thrown = Sampled { discarded: Some("no call".to_owned()), ..Sampled::default() };
    let node = Node::new(Some(NodeId::new(0)), Message::assistant("thrown away"), Origin::Sampled(thrown));
    let thrown = made.push(node).unwrap();
    let asked = made.push(Node::given(Some(thrown), Message::user("Once more."))).unwrap();
    made.push(Node::sampled(asked, Message::assistant("the Orsa"))).unwrap();
    let lines = Format::OpenAi.write(&made, Branches::Main).unwrap();
    assert_eq!(contents(&lines[0]), ["Which river?", "Once more.", "the Orsa"]);
}

#[test]
fn sessions_that_begin_alike_are_branches_of_one_attempt() {
    let row = &crate::golden("offseeker_result")[1];
    let read = Format::OffseekerResult.read(row).unwrap();
    assert_eq!(read.nodes().len(), 5);
    assert_eq!(read.branches().len(), 2);
}

#[test]
fn an_attempt_in_which_nothing_was_said_or_kept_is_never_dropped_without_a_word() {
    let nothing = attempt([]);
    let mut thrown = attempt([]);
    let sampled = Sampled { discarded: Some("no call".to_owned()), ..Sampled::default() };
    thrown.push(Node::new(None, Message::assistant("thrown away"), Origin::Sampled(sampled))).unwrap();
    for format in Format::ALL {
        for made in [&nothing, &thrown] {
            match format.write(made, Branches::Kept) {
                Ok(lines) => assert_eq!(lines.len(), 1, "{format:?}"),
                Err(error) => assert!(matches!(error, RowError::Nothing { .. }), "{format:?}: {error}"),
            }
        }
    }
}
