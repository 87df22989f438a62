//! Writes JSON letter by letter as Python's `json.dumps` does, because templates of models were made with that.

use serde_json::{Number, Value};

/// How JSON is spelled.
#[derive(Debug, Clone)]
pub(super) struct Style {
    pub(super) ensure_ascii: bool,
    pub(super) indent: Option<String>,
    pub(super) item_separator: String,
    pub(super) key_separator: String,
    pub(super) sort_keys: bool,
}

impl Style {
    /// Everything on one line, with a space after each comma and colon.
    #[cfg(test)]
    pub(super) fn plain() -> Self {
        let (item_separator, key_separator) = (", ".to_owned(), ": ".to_owned());
        Self { ensure_ascii: false, indent: None, item_separator, key_separator, sort_keys: false }
    }

    pub(super) fn write(&self, value: &Value) -> String {
        let mut out = String::new();
        self.value(value, 0, &mut out);
        out
    }

    fn value(&self, value: &Value, depth: usize, out: &mut String) {
        match value {
            Value::Null => out.push_str("null"),
            Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
            Value::Number(number) => out.push_str(&spelled(number)),
            Value::String(text) => self.text(text, out),
            Value::Array(items) => {
                self.listed("[", "]", items, depth, out, |item, out| self.value(item, depth + 1, out));
            }
            Value::Object(fields) => {
                let mut fields: Vec<_> = fields.iter().collect();
                if self.sort_keys {
                    fields.sort_unstable_by_key(|(key, _)| *key);
                }
                self.listed("{", "}", &fields, depth, out, |(key, value), out| {
                    self.text(key, out);
                    out.push_str(&self.key_separator);
                    self.value(value, depth + 1, out);
                });
            }
        }
    }

    fn listed<T>(
        &self,
        open: &str,
        close: &str,
        items: &[T],
        depth: usize,
        out: &mut String,
        each: impl Fn(&T, &mut String),
    ) {
        out.push_str(open);
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                out.push_str(&self.item_separator);
            }
            self.line_break(depth + 1, out);
            each(item, out);
        }
        if !items.is_empty() {
            self.line_break(depth, out);
        }
        out.push_str(close);
    }

    fn line_break(&self, depth: usize, out: &mut String) {
        if let Some(indent) = &self.indent {
            out.push('\n');
            (0..depth).for_each(|_| out.push_str(indent));
        }
    }

    fn text(&self, text: &str, out: &mut String) {
        out.push('"');
        for c in text.chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '\u{8}' => out.push_str("\\b"),
                '\u{c}' => out.push_str("\\f"),
                c if c < ' ' || (self.ensure_ascii && !(' '..='~').contains(&c) && c != '\u{7f}') => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        out.push_str(&format!("\\u{unit:04x}"));
                    }
                }
                c => out.push(c),
            }
        }
        out.push('"');
    }
}

/// A fraction as Python's `repr` spells it: the fewest digits, with an exponent when it is large or small.
fn spelled(number: &Number) -> String {
    let Some(fraction) = number.as_f64().filter(|_| number.is_f64()) else { return number.to_string() };
    let scientific = format!("{fraction:e}");
    let (digits, exponent) = scientific.split_once('e').expect("that is how it is spelled");
    let exponent: i32 = exponent.parse().expect("it is a small whole number");
    if (-4..16).contains(&exponent) {
        return format!("{fraction:?}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_spelled_as_python_spells_it() {
        let line = r#"{"b": [1, 2.5, -0.0, 1e+16, 1e-05, 0.0001, 1.5e+300], "a": "<é\u0001\"&' 河🌊", "c": [], "d": {}, "e": null}"#;
        let value: Value = serde_json::from_str(line).expect("it is JSON");
        check(&value, Style::plain(), line);
        let ascii = Style { ensure_ascii: true, ..Style::plain() };
        check(&serde_json::json!("é河🌊\u{7f}"), ascii, "\"\\u00e9\\u6cb3\\ud83c\\udf0a\u{7f}\"");
        let sorted = Style { sort_keys: true, ..Style::plain() };
        check(&serde_json::json!({"b": 1, "a": 1e15}), sorted, r#"{"a": 1000000000000000.0, "b": 1}"#);
        let indented = Style { indent: Some("  ".into()), item_separator: ",".into(), ..Style::plain() };
        check(
            &serde_json::json!({"a": [1, {}], "b": []}),
            indented,
            "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}",
        );
    }

    #[allow(clippy::needless_pass_by_value, reason = "a table reads better so")]
    fn check(value: &Value, style: Style, expected: &str) {
        assert_eq!(style.write(value), expected);
    }
}
