//! What of an attempt counts, and how it is written.

use offseeker_trajectory::{Question, Sampled, ToolCall};

use super::*;

fn sampled(text: &str, how: Sampled) -> Node {
    Node::new(Some(NodeId::new(0)), Message::assistant(text), Origin::Sampled(how))
}

#[test]
fn turns_that_were_thrown_away_or_are_asides_do_not_count() {
    let mut attempt = Trajectory::new(Question::new("?", ["!"]), 0);
    attempt.push(Node::given(None, Message::user("?"))).unwrap();
    attempt
        .push(sampled("discarded", Sampled { discarded: Some("unreadable".to_owned()), ..Sampled::default() }))
        .unwrap();
    attempt.push(sampled("aside", Sampled { aside: Some("summary".to_owned()), ..Sampled::default() })).unwrap();
    attempt.push(sampled("kept", Sampled::default())).unwrap();
    let found: Vec<&str> = turns(&attempt).map(|(_, node)| node.message.content.as_str()).collect();
    assert_eq!(found, ["kept"]);
    assert!(!transcript(&attempt, 0, 1000).contains("discarded"));
}

#[test]
fn calls_are_those_that_were_read_or_handed_over() {
    let read = vec![ToolCall::new("", "read", "{}")];
    let mut node = sampled("x", Sampled { calls: read.clone(), ..Sampled::default() });
    assert_eq!(calls_of(&node), read);
    node.message.tool_calls = vec![ToolCall::new("", "handed", "{}")];
    assert_eq!(calls_of(&node)[0].name, "read");
    node.origin = Origin::Sampled(Sampled::default());
    assert_eq!(calls_of(&node)[0].name, "handed");
}

#[test]
fn what_a_server_handed_over_is_written_in_tags() {
    let mut message = Message::assistant("text");
    assert_eq!(written(&message), "text");
    message.reasoning = Some("why".to_owned());
    message.tool_calls = vec![ToolCall::new("", "a\"b", "{}")];
    let expected = "<think>why</think>\ntext\n<tool_call>{\"name\": \"a\\\"b\", \"arguments\": {}}</tool_call>";
    assert_eq!(written(&message), expected);
}

#[test]
fn long_texts_lose_their_middle() {
    assert_eq!(clipped("short", 5), "short");
    assert_eq!(clipped("0123456789", 4), "01\n[... 6 bytes left out ...]\n89");
    assert_eq!(clipped("ééééé", 5), "é\n[... 6 bytes left out ...]\né");
}
