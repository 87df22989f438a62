//! Reads what models wrote in each dialect, and holds reading and writing to their laws.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::Path;

use offseeker_chat::Finish;
use offseeker_chat::dialect::{Dialect, Event, MAX_BYTES, Problem, Turn};
use offseeker_trajectory::{Message, Repair, ToolCall};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

fn shipped(name: &str) -> &'static Dialect {
    Dialect::shipped(name).unwrap()
}

#[derive(Serialize, Deserialize)]
struct Row {
    note: String,
    text: String,
    turn: Turn,
}

/// The rows were checked by hand; `GOLDEN=write` writes down what is read now, to be looked at.
#[test]
fn what_models_wrote() {
    for dialect in Dialect::all_shipped() {
        let name = format!("tests/golden/dialect/{}.jsonl", dialect.name);
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let mut lines = String::new();
        for line in fs::read_to_string(&path).unwrap().lines() {
            let mut row: Value = serde_json::from_str(line).expect(line);
            let text = row["text"].as_str().unwrap();
            row["turn"] = serde_json::to_value(dialect.parse(text)).unwrap();
            lines.push_str(&format!("{row}\n"));
        }
        if std::env::var_os("GOLDEN").is_some() {
            fs::write(&path, &lines).unwrap();
        }
        for (found, line) in lines.lines().zip(fs::read_to_string(&path).unwrap().lines()) {
            let row: Row = serde_json::from_str(line).expect(line);
            let found: Row = serde_json::from_str(found).expect(found);
            assert_eq!(found.turn, row.turn, "{}: {}: {}", dialect.name, row.note, row.text);
            check_any_text(dialect, &row.text);
        }
    }
}

/// What holds for every text: pieces make no difference, and what is read and has no flaw can be written and read again.
fn check_any_text(dialect: &Dialect, text: &str) {
    let whole = dialect.parse(text);
    let (deltas, _) = in_pieces(dialect, text, usize::MAX);
    for size in [1, 2, 7] {
        let (pieces, turn) = in_pieces(dialect, text, size);
        assert_eq!(turn, whole, "in pieces of {size}: {text:?}");
        assert_eq!(pieces, deltas, "in pieces of {size}: {text:?}");
    }
    let sound = Turn { flaws: Vec::new(), ..whole };
    if let Ok(written) = dialect.render(&sound) {
        let calls = sound.calls.iter().map(|call| ToolCall { repair: Repair::None, ..call.clone() }).collect();
        assert_eq!(dialect.parse(&written), Turn { calls, ..sound }, "{text:?} became {written:?}");
    }
}

/// The deltas of each kind put together, and the turn.
fn in_pieces(dialect: &Dialect, text: &str, size: usize) -> (Vec<String>, Turn) {
    let mut parser = dialect.parser();
    let mut deltas = vec![String::new(); 3];
    let mut take = |events: Vec<Event>| {
        for event in events {
            match event {
                Event::Reasoning(more) => deltas[0].push_str(&more),
                Event::Text(more) => deltas[1].push_str(&more),
                Event::Answer(more) => deltas[2].push_str(&more),
                Event::Call(call) => deltas.push(format!("{call:?}")),
                other => deltas.push(format!("{other:?}")),
            }
        }
    };
    let mut rest = text;
    while !rest.is_empty() {
        let mut end = size.min(rest.len());
        while !rest.is_char_boundary(end) {
            end += 1;
        }
        take(parser.push(&rest[..end]));
        rest = &rest[end..];
    }
    (deltas, parser.finish())
}

#[test]
fn a_call_comes_as_soon_as_it_is_complete() {
    let mut parser = shipped("qwen").parser();
    assert_eq!(parser.push("<tool_call>{\"name\": \"a\", \"arguments\": {}}</tool_cal"), []);
    assert_eq!(parser.push("l> "), [Event::Call(ToolCall::new("", "a", "{}")), Event::Text(" ".into())]);
    assert_eq!(parser.push("<tool_response>x"), [Event::HallucinatedObservation]);
    assert_eq!(parser.push("<answer>no</answer>"), []);
    let turn = parser.finish();
    assert_eq!((turn.answer, turn.calls.len(), turn.flaws.len()), (None, 1, 1));
}

#[test]
fn every_size_has_a_bound() {
    let long = format!("<answer>{}", "é".repeat(MAX_BYTES));
    let turn = shipped("qwen").parse(&long);
    assert!(turn.answer.unwrap().len() <= MAX_BYTES);
    assert!(turn.flaws.iter().any(|flaw| flaw.problem == Problem::TooLarge));

    let call = "<tool_call>{\"name\": \"a\", \"arguments\": {}}</tool_call>";
    let turn = shipped("qwen").parse(&call.repeat(11));
    assert_eq!((turn.calls.len(), turn.flaws.len()), (8, 3));
    assert!(matches!(turn.flaws[0].problem, Problem::TooManyCalls { .. }));
}

/// Shapes that would take a reader that looks back or far ahead very long.
#[test]
fn nothing_takes_more_than_linear_time() {
    let shapes = [
        "<tool_call>",
        "<tool_call>\"",
        "<tool_call>\"</tool_call>",
        "</tool_call>",
        "<",
        "<think>",
        "</think>",
        "<answer>",
        "<tool_call>\"</tool_call>\"\"",
        "\\boxed{",
        "\\boxed{a}",
        "<answer>a</answer>",
        "a<think>b</think>",
        "<tool_call><function=a><parameter=b></tool_call>",
        "<code>",
        "<search>",
        "<tool_call>{\"name\": \"</tool_call>",
    ];
    for shape in shapes {
        let text = shape.repeat((1 << 19) / shape.len());
        for dialect in Dialect::all_shipped() {
            let begun = std::time::Instant::now();
            let _ = dialect.parse(&text);
            // Half a megabyte takes milliseconds; what is quadratic takes minutes.
            assert!(begun.elapsed().as_secs() < 20, "{}: {shape} took {:?}", dialect.name, begun.elapsed());
        }
    }
}

#[test]
fn a_message_is_read_whoever_took_it_apart() {
    let qwen = shipped("qwen");
    let mut native = Message::assistant("\n\nI will look.");
    native.reasoning = Some("A mill.\n".into());
    native.tool_calls =
        vec![ToolCall::new("call_1", "search", "{'query': 'mill'}"), ToolCall::new("call_2", "visit", "{\"url")];
    let turn = qwen.read(&native);
    assert_eq!((turn.reasoning.as_deref(), turn.text.as_str()), (Some("A mill."), "I will look."));
    let repairs: Vec<_> = turn.calls.iter().map(|call| (call.id.as_str(), call.repair)).collect();
    assert_eq!(repairs, [("call_1", Repair::Json5), ("call_2", Repair::Unreadable)]);
    assert!(turn.is_well_formed());

    let mut mixed = Message::assistant("<think>More.</think><answer>the Orsa</answer>");
    mixed.reasoning = Some("A mill.".into());
    mixed.tool_calls = vec![ToolCall::new("1", "search", "{}")];
    let turn = qwen.read(&mixed);
    assert_eq!(turn.reasoning.as_deref(), Some("A mill.\nMore."));
    assert_eq!(turn.flaws.len(), 1);
    assert_eq!(turn.flaws[0].problem, Problem::CallAndAnswer);

    let started = Dialect { starts_in_reasoning: true, ..qwen.clone() };
    assert_eq!(started.parse("A mill.</think>Yes.").reasoning.as_deref(), Some("A mill."));
    assert_eq!(started.parse("<think>A mill.</think>Yes.").reasoning.as_deref(), Some("A mill."));
    // The server took the reasoning apart, so the text does not begin in it.
    native.tool_calls.clear();
    assert_eq!(started.read(&native).text, "I will look.");
}

#[test]
fn a_closing_tag_is_put_back_only_where_a_stop_took_it() {
    let stop = |on: Option<&str>| Finish::Stop { on: on.map(str::to_owned) };
    let call = "<tool_call>{\"name\": \"a\", \"arguments\": {}}";
    let rows = [
        ("qwen", call, stop(Some("</tool_call>")), "</tool_call>"),
        ("qwen", call, stop(None), "</tool_call>"),
        ("qwen", call, Finish::Length, ""),
        ("qwen", "<tool_call>{\"name\": \"a\", \"argu", stop(None), ""),
        ("qwen", "<tool_call>{\"name\": \"a\", \"argu", stop(Some("</tool_call>")), "</tool_call>"),
        ("qwen", "<answer>the Orsa", stop(None), "</answer>"),
        ("qwen", "<answer>the Orsa</answer>", stop(None), ""),
        ("qwen", "<think>a mill", stop(None), ""),
        ("qwen", "text", stop(Some("<tool_response>")), ""),
        ("qwen", "text", stop(Some("other")), ""),
        ("search-r1", "<search>mill", stop(None), "</search>"),
        ("boxed", "\\boxed{a", stop(None), ""),
    ];
    for (name, text, finish, added) in rows {
        let mut closed = text.to_owned();
        shipped(name).close(&mut closed, &finish);
        assert_eq!(closed.strip_prefix(text), Some(added), "{name} {text} {finish:?}");
    }
}

#[test]
fn an_observation_cannot_end_itself() {
    let text = shipped("qwen").render_observation("a page </tool_response> with <tool_response> tags");
    assert_eq!(
        text,
        "<tool_response>\na page <\u{200b}/tool_response> with <\u{200b}tool_response> tags\n</tool_response>"
    );
}

#[test]
fn what_a_dialect_cannot_say_is_refused() {
    let answer = |answer: &str| Turn { answer: Some(answer.into()), ..Turn::default() };
    let call = |arguments: &str| Turn { calls: vec![ToolCall::new("", "search", arguments)], ..Turn::default() };
    let think = |text: &str| Turn { reasoning: Some(text.into()), ..answer("a") };
    let rows = [
        ("qwen", answer("a</answer>"), "the answer holds \"</answer>\""),
        ("qwen", answer(" a"), "the answer begins or ends with white space"),
        ("qwen", think("a </think> b"), "the reasoning holds \"</think>\""),
        ("qwen", Turn { text: "<think>".into(), ..answer("a") }, "the text holds \"<think>\""),
        ("qwen", Turn { answer: Some("a".into()), ..call("{}") }, "calls and an answer"),
        ("qwen", call("{'a': 1}"), "an object in JSON"),
        ("qwen", call("[1]"), "an object in JSON"),
        ("qwen", Turn { calls: vec![ToolCall::new("", "a", "{}"); 9], ..Turn::default() }, "more than 8 calls"),
        ("qwen-xml", call("{\"a\": 1}"), "without needless space"),
        ("qwen-xml", call("{\"a>\":1}"), "name of a tool or argument"),
        ("search-r1", call("{\"query\":\"a\",\"top\":3}"), "and nothing else"),
        ("search-r1", Turn { calls: vec![ToolCall::new("", "visit", "{}")], ..Turn::default() }, "a call of \"visit\""),
        ("boxed", answer("a}"), "a brace without its pair"),
        ("boxed", answer("a\\"), "a brace without its pair"),
        ("boxed", Turn { text: "see \\boxed{".into(), ..answer("a") }, "the text holds"),
    ];
    for (name, turn, words) in rows {
        let error = shipped(name).render(&turn).unwrap_err().to_string();
        assert!(error.contains(words), "{name}: {words:?} is not in {error:?}");
    }
}

#[test]
fn a_dialect_can_be_written_by_users() {
    let mut own = serde_json::to_value(shipped("qwen")).unwrap();
    own["calls"]["tags"] = json!({"open": "<act>", "close": "</act>"});
    let dialect = Dialect::from_json(&own.to_string()).unwrap();
    assert_eq!(dialect.parse("<act>{\"name\": \"a\", \"arguments\": {}}</act>").calls.len(), 1);
    let rows = [
        (
            "/calls/tags/open",
            json!("act"),
            "calls.tags.open of the dialect is \"act\": a tag is a word between < and >",
        ),
        ("/calls/tags/open", json!("<>"), "a tag is a word"),
        (
            "/answer/tags/close",
            json!("</think>"),
            "answer.tags.close of the dialect is \"</think>\": another tag is the same",
        ),
        ("/observation/close", json!("<tool_response>"), "observation.close"),
        ("/reasoning/open", json!("<a b>"), "reasoning.open"),
        ("/most_calls", json!("many"), "cannot be read"),
        ("/calls/kind", json!("yaml"), "cannot be read"),
    ];
    for (pointer, value, words) in rows {
        let mut wrong = own.clone();
        *wrong.pointer_mut(pointer).unwrap() = value;
        let error = Dialect::from_json(&wrong.to_string()).unwrap_err().to_string();
        assert!(error.contains(words), "{pointer}: {error}");
    }
}

/// Text that tags are made of, more often than not.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z é磨\n\"{}\\\\<>/]{0,8}",
        1 => prop::sample::select(vec![
            "<think>", "</think>", "<tool_call>", "</tool_call>", "<answer>", "</answer>", "<tool_response>", "</tool_response>",
            "<search>", "</search>", "<information>", "<code>", "</code>", "\\boxed{", "}", "<function=f>", "</function>",
            "<parameter=p>", "</parameter>", "<tool_calls_begin>", "</tool_calls_end>", "{\"name\": \"a\", \"arguments\": {\"b\": \"c\"}}",
            "{\"name\": \"a\", \"arguments\": {\"b\": \"", "\"}}", "{'name': 'a', 'arguments': {}}", "<function_call>", "</function_call>",
        ]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..9).prop_map(|pieces| pieces.concat())
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any_text().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
        Just(json!("5")),
        Just(json!("\n5\n")),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,4}", inner, 0..4).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

fn any_call(dialect: &Dialect) -> BoxedStrategy<ToolCall> {
    let arguments = prop::collection::btree_map("[a-z_]{1,6}", any_json(), 0..4);
    let arguments = arguments.prop_map(|map| Value::from_iter(map).to_string());
    match dialect.name.as_str() {
        "search-r1" => {
            any_text().prop_map(|text| ToolCall::new("", "search", json!({"query": text.trim()}).to_string())).boxed()
        }
        "o-researcher" => any_text()
            .prop_map(|text| ToolCall::new("", "crawl_page", json!({"request": text.trim()}).to_string()))
            .boxed(),
        "tongyi" => prop_oneof![
            any_text().prop_map(|code| ToolCall::new("", "PythonInterpreter", json!({"code": code}).to_string())),
            arguments.prop_map(|arguments| ToolCall::new("", "search", arguments)),
        ]
        .boxed(),
        _ => ("[a-z_.]{1,8}", arguments).prop_map(|(name, arguments)| ToolCall::new("", name, arguments)).boxed(),
    }
}

fn any_turn() -> impl Strategy<Value = (&'static Dialect, Turn)> {
    let names: Vec<&str> = Dialect::all_shipped().map(|dialect| dialect.name.as_str()).collect();
    prop::sample::select(names).prop_flat_map(|name| {
        let dialect = shipped(name);
        let text = || any_text().prop_map(|text| text.trim().to_owned());
        let calls = prop::collection::vec(any_call(dialect), 0..=dialect.most_calls.min(3));
        (prop::option::of(text()), text(), calls, prop::option::of(text())).prop_map(
            move |(reasoning, text, calls, answer)| {
                let answer = answer.filter(|_| calls.is_empty());
                (dialect, Turn { reasoning, text, calls, answer, flaws: Vec::new() })
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_written_reads_as_it_was((dialect, turn) in any_turn()) {
        match dialect.render(&turn) {
            Ok(text) => prop_assert_eq!(dialect.parse(&text), turn, "{}: {:?}", dialect.name, text),
            // Only what holds a tag, or a brace that ends a box, is refused.
            Err(error) => {
                let said = serde_json::to_string(&turn).unwrap();
                prop_assert!(said.contains(['<', '}']) || said.contains("\\\\"), "{}: {error}: {said}", dialect.name);
            }
        }
    }

    #[test]
    fn plain_words_are_never_refused((dialect, _) in any_turn(), words in "[a-zé磨]([a-z é磨,.\n]{0,40}[a-z.])?") {
        let turn = Turn { reasoning: Some(words.clone()), text: words.clone(), answer: Some(words), ..Turn::default() };
        let text = dialect.render(&turn).unwrap();
        prop_assert_eq!(dialect.parse(&text), turn);
    }

    #[test]
    fn any_text_is_read((dialect, _) in any_turn(), text in any_text()) {
        check_any_text(dialect, &text);
    }
}
