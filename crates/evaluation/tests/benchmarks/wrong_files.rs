//! Files that cannot be read say where, and what to do.

use offseeker_evaluation::{Format, retrieval};
use proptest::prelude::*;

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

/// Fields that formats look for, with values that they do not.
fn any_row() -> impl Strategy<Value = String> {
    let field = prop_oneof![
        Just("question"),
        Just("Question"),
        Just("Prompt"),
        Just("problem"),
        Just("query"),
        Just("answer"),
        Just("Answer"),
        Just("canary"),
        Just("id"),
        Just("query_id"),
        Just("gold_docs"),
        Just("Info"),
        Just("wiki_items"),
        Just("golden_answers"),
        Just("wikipedia_link_1"),
        Just("image"),
        Just("seal"),
    ];
    let value = prop_oneof![
        Just("null".to_owned()),
        Just("7".to_owned()),
        Just("[[], {}]".to_owned()),
        Just("{\"docid\": []}".to_owned()),
        Just("\"aHR0cDovL2h0dHA=\"".to_owned()),
        Just("\"http://http, https://\"".to_owned()),
        any::<String>().prop_map(|text| serde_json::Value::from(text).to_string()),
    ];
    proptest::collection::vec((field, value), 0..8).prop_map(|fields| {
        let fields: Vec<String> = fields.into_iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
        format!("{{{}}}\n", fields.join(", "))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let files = Files::new();
        for name in ["set.jsonl", "set.json", "set.csv", "set.tsv"] {
            let path = files.file(name, &bytes);
            for format in Format::ALL {
                let _ = format.read(&path);
            }
        }
    }

    #[test]
    fn any_row_is_read_or_refused_with_its_place(row in any_row()) {
        let files = Files::new();
        let path = files.file("set.jsonl", row);
        for format in Format::ALL {
            match format.read(&path) {
                Ok(set) => prop_assert_eq!(set.tasks.len(), 1),
                Err(error) => prop_assert!(error.to_string().contains("set.jsonl:1: "), "{}", error),
            }
        }
    }

    #[test]
    fn citations_come_out_of_the_text(text in "[\\[\\]【】0-9,;，、 a]{0,40}") {
        for document in retrieval::cited(&text, |id| !id.is_empty()) {
            prop_assert!(text.contains(&document));
        }
    }
}
