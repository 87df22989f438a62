//! The order that `LLaMA-Factory` wants: kept, mended, or refused with the place that breaks it.

use offseeker_trajectory::Message;
use offseeker_trajectory_store::formats::{Branches, Format, RowError, write_dataset_info};
use serde_json::{Value, json};

use crate::{attempt, calling, result};

fn written(messages: Vec<Message>) -> Result<Value, RowError> {
    let lines = Format::ShareGpt.write(&attempt(messages), Branches::Main)?;
    Ok(serde_json::from_str(&lines[0]).unwrap())
}

fn user(text: &str) -> Message {
    Message::user(text)
}

fn says(text: &str) -> Message {
    Message::assistant(text)
}

#[test]
fn turns_keep_the_order_or_are_made_to() {
    let check = |messages: Vec<Message>, expected: &[(&str, &str)]| {
        let row = written(messages).unwrap();
        let turns: Vec<Value> = expected.iter().map(|(from, value)| json!({"from": from, "value": value})).collect();
        assert_eq!(row["conversations"], Value::Array(turns));
    };
    let call = r#"{"name":"search","arguments":{"query":"mill 0"}}"#;
    check(vec![user("q"), says("a")], &[("human", "q"), ("gpt", "a")]);
    check(vec![Message::system("s"), user("q"), says("a")], &[("human", "q"), ("gpt", "a")]);
    check(
        vec![user("q"), calling(1), result("r"), says("a")],
        &[("human", "q"), ("function_call", call), ("observation", "r"), ("gpt", "a")],
    );
    check(
        vec![user("q"), calling(1), result("r"), result("t"), says("a")],
        &[
            ("human", "q"),
            ("function_call", call),
            ("observation", "r\n</tool_response>\n<tool_response>\nt"),
            ("gpt", "a"),
        ],
    );
    check(vec![user("q"), user("once more"), says("a")], &[("human", "q\n\nonce more"), ("gpt", "a")]);
    check(vec![user("q"), says("a"), user("thanks")], &[("human", "q"), ("gpt", "a")]);
    let thinking = Message { reasoning: Some("I know.".to_owned()), ..says("a") };
    check(vec![user("q"), thinking], &[("human", "q"), ("gpt", "<think>\nI know.\n</think>\n\na")]);
}

#[test]
fn what_breaks_the_order_is_refused_by_its_place() {
    let check = |messages: Vec<Message>, place: Option<usize>, found: &str| {
        let error = written(messages).unwrap_err();
        let told = match error {
            RowError::Order { position, found, .. } => (Some(position), found),
            RowError::NoPlace { position, what } => (Some(position), what),
            RowError::Nothing { reason } => (None, reason),
            other => panic!("{other}"),
        };
        assert_eq!(told, (place, found));
    };
    check(vec![says("a")], Some(0), "gpt");
    check(vec![Message::system("s"), says("a"), user("q")], Some(1), "gpt");
    check(vec![user("q"), says("a"), says("b")], Some(2), "gpt");
    check(vec![user("q"), calling(1), says("b")], Some(2), "gpt");
    check(vec![user("q"), Message::system("s"), says("a")], Some(1), "system");
    check(vec![user("q"), calling(1), result("r"), user("answer now"), says("a")], Some(3), "human");
    check(vec![user("q"), user("q"), result("r"), says("a")], Some(2), "observation");
    check(vec![user("q"), Message { content: "I look.".to_owned(), ..calling(1) }], Some(1), "text beside calls");
    let tagging = Message { reasoning: Some("a </think> b".to_owned()), ..calling(1) };
    check(vec![user("q"), tagging], Some(1), "reasoning that ends its own tag, beside calls");
    check(vec![user("q")], None, "the model says nothing");
}

#[test]
fn several_results_are_told_apart_again() {
    let messages = vec![user("q"), calling(2), result("r"), result("t"), says("a")];
    let lines = Format::ShareGpt.write(&attempt(messages), Branches::Main).unwrap();
    let read = Format::ShareGpt.read(&lines[0]).unwrap();
    let contents: Vec<_> = read.nodes().iter().map(|node| node.message.content.as_str()).collect();
    assert_eq!(contents, ["q", "", "r", "t", "a"]);
    assert_eq!(read.nodes()[3].message.name.as_deref(), Some("search"));
}

#[test]
fn a_data_set_is_entered_beside_those_that_are_there() {
    let folder = tempfile::tempdir().unwrap();
    write_dataset_info(folder.path(), "attempts", "sharegpt.jsonl", false).unwrap();
    write_dataset_info(folder.path(), "pairs", "sharegpt_pairs.jsonl", true).unwrap();
    let info: Value = serde_json::from_slice(&std::fs::read(folder.path().join("dataset_info.json")).unwrap()).unwrap();
    assert_eq!(info["attempts"]["file_name"], "sharegpt.jsonl");
    assert_eq!(info["attempts"]["columns"], json!({"messages": "conversations", "system": "system", "tools": "tools"}));
    assert_eq!(info["attempts"].get("ranking"), None);
    assert_eq!(info["pairs"]["ranking"], true);
    assert_eq!(info["pairs"]["columns"]["rejected"], "rejected");
    assert_eq!(info["pairs"]["tags"]["function_tag"], "function_call");

    std::fs::write(folder.path().join("dataset_info.json"), "[]").unwrap();
    assert!(write_dataset_info(folder.path(), "attempts", "sharegpt.jsonl", false).is_err());
}
