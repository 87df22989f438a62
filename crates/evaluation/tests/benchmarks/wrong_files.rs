//! Files that cannot be read say where, and what to do.

use offseeker_evaluation::Format;

use crate::made::{Files, fault};

#[test]
fn what_is_wrong_is_told_by_file_row_and_field() {
    let check = |format: Format, name: &str, content: &str, expected: &str| {
        let found = fault(format, name, content);
        assert!(found.contains(expected), "{found}");
    };
    check(Format::Plain, "set.txt", "Which?", "set.txt is of no known kind; write the rows as .jsonl");
    check(Format::Plain, "set.jsonl", "\n\n", "set.jsonl holds no row");
    check(Format::Plain, "set.csv", "question,answer\n", "set.csv holds no row");
    check(Format::Plain, "set.jsonl", "\n{\"question\": 7,", "set.jsonl:2: it is no JSON");
    check(Format::Plain, "set.jsonl", "[1]", "set.jsonl:1: it is no JSON object");
    check(Format::Plain, "set.json", "{}", "set.json:1: the file is no list of objects");
    check(
        Format::Plain,
        "set.json",
        "[{\"question\": \"a\", \"answer\": \"b\"}, 7]",
        "set.json:2: it is no JSON object",
    );
    check(Format::Plain, "set.csv", "question,answer\na,b\nc\n", "set.csv:3: it has 1 fields and the first line has 2");
    check(Format::Plain, "set.csv", "question,question\na,b\n", "the column `question` is there twice");
    check(Format::Plain, "set.jsonl", "{\"question\": \"Who?\"}", "`answer` is not there, nor is `answers`");
    check(
        Format::Plain,
        "set.jsonl",
        "{\"question\": {}, \"answer\": \"b\"}",
        "set.jsonl:1: the field `question` is no text",
    );
    check(
        Format::Plain,
        "set.jsonl",
        "{\"question\": \"a\", \"answer\": [[]]}",
        "`answer` holds something that is no text",
    );
    check(
        Format::Gaia,
        "set.jsonl",
        "{\"Question\": \"a\", \"Final answer\": \"b\"}",
        "the field `task_id` is not there",
    );
    check(
        Format::SearchR1,
        "set.jsonl",
        "{\"question\": \"a\", \"golden_answers\": []}",
        "nor is `reward_model.ground_truth.target`",
    );
    check(
        Format::WebWalkerQa,
        "set.jsonl",
        "{\"Question\": \"a\", \"Answer\": \"b\", \"Info\": 7}",
        "`Info` is no object",
    );
    let twice = "{\"id\": 1, \"question\": \"a\", \"answer\": \"b\"}\n".repeat(2);
    check(Format::Plain, "set.jsonl", &twice, "set.jsonl:2: the id `1` was there before");
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    for name in ["set.jsonl", "set.json", "set.csv"] {
        let found = fault(Format::Plain, name, b"question,answer\n\xff\xfe,b\n");
        assert!(found.contains("it is no UTF-8") || found.contains("it is no JSON"), "{found}");
    }
    let missing = Format::Plain.read(Files::new().file("set.jsonl", "").with_file_name("none.jsonl"));
    assert!(missing.unwrap_err().to_string().contains("none.jsonl cannot be read"));
}

#[test]
fn a_line_that_is_too_long_is_refused() {
    let long = format!("{{\"question\": \"{}\"}}\n", "a".repeat(65 << 20));
    assert!(fault(Format::Plain, "set.jsonl", long).contains("set.jsonl:1: it has more than 67108864 bytes"));
}
