//! Reads what models wrote as arguments, and holds the ladder to its laws.

use std::time::{Duration, Instant};

use offseeker_chat::arguments::{self, ArgumentError, MAX_BYTES, MAX_DEPTH, Schema};
use offseeker_trajectory::{Repair, ToolSpec};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    note: String,
    raw: String,
    #[serde(default)]
    value: Option<Value>,
    #[serde(default)]
    repair: Option<Repair>,
    #[serde(default)]
    error: Option<String>,
}

#[test]
fn what_models_wrote() {
    let rows = include_str!("golden/arguments.jsonl");
    let mut wrong = Vec::new();
    for line in rows.lines() {
        let row: Row = serde_json::from_str(line).expect(line);
        let found = match arguments::read(&row.raw) {
            Ok(read) => (Some(read.value), Some(read.repair), None),
            Err(error) => (None, None, Some(error.to_string())),
        };
        if found != (row.value, row.repair, row.error) {
            wrong.push(format!("{}: {:?}\n  {found:?}", row.note, row.raw));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn any_value_is_read_but_only_an_object_is_arguments() {
    let check = |raw: &str, value: Value, repair: Repair| {
        let read = arguments::read_value(raw).expect(raw);
        assert_eq!((read.value, read.repair), (value, repair), "{raw}");
        assert!(arguments::read(raw).is_err(), "{raw}");
    };
    check("1", json!(1), Repair::None);
    check("'a'", json!("a"), Repair::Json5);
    check("[1, 2,]", json!([1, 2]), Repair::Json5);
    check("True", json!(true), Repair::Mended);
    assert_eq!(arguments::read_value("null").expect("a value").value, Value::Null);
    assert_eq!(arguments::read_value("[{}]").expect("a value").value, json!([{}]));
    assert!(arguments::read_value("").is_err());
}

#[test]
fn every_size_has_a_bound() {
    let long = format!("{{\"a\": \"{}\"}}", "x".repeat(MAX_BYTES));
    assert_eq!(arguments::read(&long), Err(ArgumentError::TooLong { bytes: long.len(), limit: MAX_BYTES }));

    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(arguments::read_value(&nested(MAX_DEPTH)).expect("deep enough").repair, Repair::None);
    let too_deep = Err(ArgumentError::TooDeep { at: MAX_DEPTH, limit: MAX_DEPTH });
    assert_eq!(arguments::read_value(&nested(MAX_DEPTH + 1)), too_deep);
    assert_eq!(arguments::read_value(&nested(100_000)), too_deep);
    assert_eq!(arguments::read_value(&"[".repeat(1 << 20)), too_deep);
}

/// Shapes that would take a reader that looks back or far ahead very long.
#[test]
fn nothing_takes_more_than_linear_time() {
    let shapes: [fn(usize) -> String; 10] = [
        |n| format!("{{\"a\": \"{}", "\"".repeat(n)),
        |n| format!("{{\"a\": \"{}", "\"/*".repeat(n / 3)),
        |n| format!("{{\"a\": \"{}", "\",".repeat(n / 2)),
        |n| format!("{{\"a\": \"{}", "\" b ".repeat(n / 4)),
        |n| format!("{{\"a\": \"{}", "\" \"b\" ".repeat(n / 6)),
        |n| format!("{{\"a\": [{}", "1 ".repeat(n / 2)),
        |n| format!("{{\"a\": \"{}", "\"}".repeat(n / 2)),
        |n| format!("{{\"a\": {}", " ".repeat(n)),
        |n| format!("{}{{", "[ ".repeat(n / 2)),
        |n| format!("{{\\\"a\\\": \\\"{}", "\\\\".repeat(n / 2)),
    ];
    for (number, shape) in shapes.iter().enumerate() {
        let text = shape(MAX_BYTES - 16);
        let start = Instant::now();
        let _ = arguments::read(&text);
        // Generous, since this is built without optimisation; a quadratic reader would take hours.
        assert!(start.elapsed() < Duration::from_secs(60), "shape {number} took {:?}", start.elapsed());
    }
}

#[test]
fn a_schema_says_what_to_do() {
    let parameters = json!({
        "type": "object",
        "properties": {
            "query": {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1, "maxItems": 3},
            "engine": {"enum": ["web", "wiki"]},
            "page": {"type": ["integer", "null"], "minimum": 1},
            "filter": {"type": "object", "properties": {"site": {"pattern": "^[a-z.]+$"}}},
        },
        "required": ["query"],
        "additionalProperties": false,
    });
    let schema = Schema::compile(&ToolSpec::new("search", "Searches.", parameters)).expect("a schema");
    let check = |raw: &str, problems: &[&str]| {
        let found = match schema.read(raw) {
            Ok(_) => Vec::new(),
            Err(ArgumentError::Invalid { problems }) => problems.iter().map(ToString::to_string).collect(),
            Err(other) => vec![other.to_string()],
        };
        assert_eq!(found, problems, "{raw}");
    };
    check(r#"{"query": ["Orsa"], "engine": "wiki", "page": null, "filter": {"site": "a.example"}}"#, &[]);
    check("{query: ['Orsa']}", &[]);
    check("{}", &["\"query\" is missing; add it"]);
    check(r#"{"query": "Orsa"}"#, &["query: must be an array, not a string"]);
    check(r#"{"query": []}"#, &["query: must have at least 1 items"]);
    check(
        r#"{"query": ["a", 1, ""]}"#,
        &["query[1]: must be a string, not a number", "query[2]: must have at least 1 characters"],
    );
    check(r#"{"query": ["a"], "engine": "x"}"#, &["engine: must be one of [\"web\",\"wiki\"]"]);
    check(r#"{"query": ["a"], "page": 0}"#, &["page: must be at least 1"]);
    check(r#"{"query": ["a"], "page": "1"}"#, &["page: must be null or an integer, not a string"]);
    check(r#"{"query": ["a"], "filter": {"site": "A"}}"#, &["filter.site: must match the pattern ^[a-z.]+$"]);
    check(r#"{"query": ["a"], "num": 1, "top": 2}"#, &["the tool takes no num, top; leave it out"]);
    check("{query: ", &["at byte 8: expected a value"]);
}

#[test]
fn a_schema_stays_where_it_is() {
    let check = |parameters: Value, reason: &str| {
        let error = Schema::compile(&ToolSpec::new("t", "", parameters)).expect_err(reason).to_string();
        assert!(error.starts_with("the schema of tool \"t\" cannot be used"), "{error}");
        assert!(error.contains(reason), "{error}");
    };
    check(json!({"$ref": "https://schemas.example/x.json"}), "https://schemas.example/x.json");
    check(json!({"$ref": "file:///etc/passwd"}), "file:///etc/passwd");
    check(json!({"type": "nonsense"}), "nonsense");
    check(json!({"pattern": "(?=a)b"}), "(?=a)b");
    let own = json!({"$defs": {"q": {"type": "string"}}, "properties": {"q": {"$ref": "#/$defs/q"}}});
    let schema = Schema::compile(&ToolSpec::new("t", "", own)).expect("its own reference");
    assert!(schema.read(r#"{"q": 1}"#).is_err());
    assert!(schema.read(r#"{"q": "1"}"#).is_ok());
}

fn any_value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![".*", "[a-z \"'{}\\[\\]:,/\\\\]{0,12}", "\\PC{0,8}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            any_fields(inner).prop_map(Value::Object),
        ]
    })
}

fn any_fields(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    let key = prop_oneof!["[a-z_]{1,6}", ".{0,6}"];
    prop::collection::vec((key, inner), 0..6).prop_map(|fields| fields.into_iter().collect())
}

/// Prints a value as JSON5, taking its liberties by turns.
struct Json5 {
    turn: u64,
}

impl Json5 {
    fn take(&mut self, of: u64) -> u64 {
        self.turn = self.turn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.turn >> 33) % of
    }

    fn space(&mut self) -> &'static str {
        ["", "", " ", "\n", "/* , } \" */", "// ] '\n", "\u{a0}", "\u{feff}"]
            [usize::try_from(self.take(8)).expect("small")]
    }

    fn value(&mut self, value: &Value, out: &mut String) {
        out.push_str(self.space());
        match value {
            Value::Null | Value::Bool(_) => out.push_str(&value.to_string()),
            Value::Number(number) => self.number(&number.to_string(), out),
            Value::String(text) => self.text(text, out),
            Value::Array(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    self.value(item, out);
                    self.comma(at + 1 == items.len(), out);
                }
                out.push(']');
            }
            Value::Object(fields) => {
                out.push('{');
                for (at, (key, field)) in fields.iter().enumerate() {
                    out.push_str(self.space());
                    self.key(key, out);
                    out.push_str(self.space());
                    out.push(':');
                    self.value(field, out);
                    self.comma(at + 1 == fields.len(), out);
                }
                out.push('}');
            }
        }
        out.push_str(self.space());
    }

    fn comma(&mut self, is_last: bool, out: &mut String) {
        if !is_last || self.take(2) == 0 {
            out.push(',');
        }
        out.push_str(self.space());
    }

    fn key(&mut self, key: &str, out: &mut String) {
        let is_bare = !key.is_empty() && key.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        if is_bare && self.take(2) == 0 { out.push_str(key) } else { self.text(key, out) }
    }

    fn number(&mut self, plain: &str, out: &mut String) {
        match plain.strip_prefix("0.") {
            Some(fraction) if self.take(2) == 0 => out.push_str(&format!(".{fraction}")),
            _ if !plain.starts_with('-') && self.take(3) == 0 => out.push_str(&format!("+{plain}")),
            _ => match plain.parse::<u64>() {
                Ok(whole) if self.take(2) == 0 => out.push_str(&format!("0x{whole:X}")),
                _ => out.push_str(plain),
            },
        }
    }

    fn text(&mut self, text: &str, out: &mut String) {
        let quote = if self.take(2) == 0 { '\'' } else { '"' };
        out.push(quote);
        for c in text.chars() {
            match c {
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                _ if c == quote => out.extend(['\\', c]),
                _ if self.take(12) == 0 => out.push_str(&format!("\\\n{c}")),
                _ => out.push(c),
            }
        }
        out.push(quote);
    }
}

fn strings(value: &Value) -> Box<dyn Iterator<Item = &str> + '_> {
    match value {
        Value::String(text) => Box::new(std::iter::once(text.as_str())),
        Value::Array(items) => Box::new(items.iter().flat_map(strings)),
        Value::Object(fields) => {
            Box::new(fields.iter().flat_map(|(key, field)| std::iter::once(key.as_str()).chain(strings(field))))
        }
        _ => Box::new(std::iter::empty()),
    }
}

fn is_part(piece: &Value, whole: &Value) -> bool {
    match (piece, whole) {
        (Value::Object(piece), Value::Object(whole)) => {
            piece.iter().all(|(key, field)| whole.get(key).is_some_and(|other| is_part(field, other)))
        }
        (Value::Array(piece), Value::Array(whole)) => {
            piece.len() <= whole.len() && piece.iter().zip(whole).all(|(item, other)| is_part(item, other))
        }
        _ => piece == whole,
    }
}

proptest! {
    #[test]
    fn json_reads_as_what_it_says(value in any_value()) {
        for text in [value.to_string(), format!("{value:#}")] {
            let read = arguments::read_value(&text).expect("JSON");
            prop_assert_eq!(&read.value, &value);
            prop_assert_eq!(read.repair, Repair::None);
        }
    }

    #[test]
    fn an_object_reads_as_the_arguments_that_it_is(fields in any_fields(any_value())) {
        let value = Value::Object(fields);
        let read = arguments::read(&value.to_string()).expect("an object");
        prop_assert_eq!(read.value, value);
        prop_assert_eq!(read.repair, Repair::None);
    }

    #[test]
    fn json5_reads_as_what_it_says(value in any_value(), turn in any::<u64>()) {
        let mut text = String::new();
        Json5 { turn }.value(&value, &mut text);
        let read = arguments::read_value(&text).expect(&text);
        prop_assert_eq!(&read.value, &value, "{}", text);
        prop_assert!(read.repair <= Repair::Json5, "{} took {:?}", text, read.repair);
    }

    /// Whatever else a text holds, the JSON at its head reads as what it says.
    #[test]
    fn words_around_change_nothing(fields in any_fields(any_value()), before in "[a-z :`\n]{0,12}", after in "[a-z .`\"}\\]\n]{0,12}") {
        let value = Value::Object(fields);
        let text = format!("{before}{value}{after}");
        let read = arguments::read(&text).expect(&text);
        prop_assert_eq!(&read.value, &value);
        let is_bare = before.trim().is_empty() && after.trim().is_empty();
        prop_assert_eq!(read.repair, if is_bare { Repair::None } else { Repair::Mended });
    }

    /// What was cut off is refused, or read with the values that it says in full; none is ever read as another.
    ///
    /// Closers in strings are left out, since a missing quote before all the closers that are due is put back.
    #[test]
    fn a_piece_says_nothing_that_the_whole_does_not(fields in any_fields(any_value()), cut in any::<prop::sample::Index>()) {
        let text = Value::Object(fields).to_string();
        let whole: Value = serde_json::from_str(&text).expect("JSON");
        prop_assume!(!strings(&whole).any(|text| text.contains(['}', ']'])));
        let end = text.floor_char_boundary(cut.index(text.len() + 1));
        if let Ok(read) = arguments::read(&text[..end]) {
            prop_assert!(is_part(&read.value, &whole), "{} of {}", read.value, whole);
        }
    }

    #[test]
    fn anything_at_all_is_read_or_refused(text in prop_oneof![".{0,80}", "[{}\\[\\]:,'\"“”\\\\/*a0.eE+\\- \n]{0,60}"]) {
        if let Ok(read) = arguments::read(&text) {
            prop_assert!(read.value.is_object());
            // What was understood can be said well, and then is understood at once.
            let again = arguments::read(&read.value.to_string()).expect("its own print");
            prop_assert_eq!(again, arguments::Read { value: read.value, repair: Repair::None });
        }
    }
}
