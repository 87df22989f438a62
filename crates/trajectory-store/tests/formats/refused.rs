//! What is no row of a format is refused by its field.

use offseeker_trajectory_store::formats::{Format, PairFormat, RowError, SampleFormat, VerlRow};

fn field(error: RowError) -> String {
    match error {
        RowError::Missing { field } => format!("{field} missing"),
        RowError::Field { field, .. } => field,
        RowError::NotAnObject { .. } => "no object".to_owned(),
        other => panic!("{other}"),
    }
}

#[test]
fn a_row_that_is_none_is_refused_by_its_field() {
    let check = |format: Format, line: &str, expected: &str| {
        assert_eq!(field(format.read(line).unwrap_err()), expected, "{format:?} {line}");
    };
    for format in Format::ALL {
        check(format, "", "no object");
        check(format, "[]", "no object");
        check(format, "{\"messages\": [}", "no object");
    }
    check(Format::OpenAi, "{}", "messages missing");
    check(Format::OpenAi, r#"{"messages": 3}"#, "messages");
    check(Format::OpenAi, r#"{"messages": ["a"]}"#, "messages[0]");
    check(Format::OpenAi, r#"{"messages": [{"content": "a"}]}"#, "messages[0].role missing");
    check(Format::OpenAi, r#"{"messages": [{"role": "user", "content": 3}]}"#, "messages[0].content");
    check(
        Format::OpenAi,
        r#"{"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}"#,
        "messages[0].content[0]",
    );
    check(
        Format::OpenAi,
        r#"{"messages": [{"role": "assistant", "tool_calls": [{"function": {"arguments": "{}"}}]}]}"#,
        "messages[0].tool_calls[0].name missing",
    );
    check(Format::OpenAi, r#"{"messages": [], "tools": [{"function": {}}]}"#, "tools[0].name missing");
    check(Format::Trl, r#"{"messages": [], "tools": "[{"}"#, "tools");
    check(Format::ShareGpt, r#"{"conversations": [{"from": "cook", "value": "a"}]}"#, "conversations[0].from");
    check(Format::ShareGpt, r#"{"conversations": [{"from": "gpt"}]}"#, "conversations[0].value missing");
    check(
        Format::ShareGpt,
        r#"{"conversations": [{"from": "function_call", "value": "a"}]}"#,
        "conversations[0].value",
    );
    check(Format::OffseekerResult, r#"{"trajectory": []}"#, "question missing");
    check(Format::OffseekerResult, r#"{"question": "q", "trajectory": [3]}"#, "trajectory[0]");
    check(
        Format::OffseekerResult,
        r#"{"question": "q", "trajectory": [[{"role": "user"}, {"role": "cook"}]]}"#,
        "trajectory[0][1].role",
    );
    check(Format::OffseekerRun, r#"{"task": "q"}"#, "conversations missing");
    check(Format::Tongyi, r#"{"question": "q"}"#, "messages missing");
    check(Format::OpenSeeker, r#"{"trace": []}"#, "query missing");
    check(Format::OpenSeeker, r#"{"query": "q", "trace": [{"type": "tool_response"}]}"#, "trace[0].content missing");
    check(Format::OpenResearcher, r#"{"qid": "1"}"#, "messages missing");
    check(Format::WebDancer, r#"{"type": "text"}"#, "type");
    check(Format::WebDancer, r#"{"type": "chatml", "messages": [], "answer": [[]]}"#, "answer[0]");
}

#[test]
fn training_data_that_is_none_is_refused_by_its_field() {
    let sample = |format: SampleFormat, line: &str| field(format.read(line).unwrap_err());
    assert_eq!(sample(SampleFormat::Trl, "{}"), "messages missing");
    assert_eq!(sample(SampleFormat::ShareGpt, "{}"), "conversations missing");
    assert_eq!(sample(SampleFormat::Offseeker, "{}"), "no object");
    let pair = |format: PairFormat, line: &str| field(format.read(line).unwrap_err());
    assert_eq!(pair(PairFormat::Trl, r#"{"prompt": [], "chosen": []}"#), "rejected missing");
    assert_eq!(pair(PairFormat::ShareGpt, r#"{"conversations": [], "chosen": {}}"#), "chosen.from missing");
    assert_eq!(field(VerlRow::read("{}").unwrap_err()), "no object");
}

#[test]
fn the_names_of_formats_are_theirs_alone() {
    for format in Format::ALL {
        assert_eq!(Format::named(format.name()), Some(format));
    }
    assert_eq!(Format::named("none"), None);
}
