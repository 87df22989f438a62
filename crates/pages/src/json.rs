//! Lays JSON out so that it can be read, and changes nothing else.

use serde::de::IgnoredAny;

/// How much longer than the JSON its layout may be; what is nested for no reason stays as it is.
const GROWTH: usize = 4;

/// JSON with a line for each value; none where it is no JSON, or its layout would be much longer than it.
pub(crate) fn laid_out(json: &str) -> Option<String> {
    serde_json::from_str::<IgnoredAny>(json).ok()?;
    let longest = json.len().saturating_mul(GROWTH).saturating_add(1_024);
    let mut text = String::with_capacity(json.len() * 2);
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let mut chars = json.chars().peekable();
    while let Some(char) = chars.next() {
        if quoted {
            text.push(char);
            quoted = escaped || char != '"';
            escaped = char == '\\' && !escaped;
            continue;
        }
        match char {
            _ if char.is_ascii_whitespace() => {}
            '{' | '[' => {
                text.push(char);
                while chars.next_if(char::is_ascii_whitespace).is_some() {}
                if let Some(close) = chars.next_if(|next| matches!(next, '}' | ']')) {
                    text.push(close);
                } else {
                    depth += 1;
                    new_line(&mut text, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut text, depth);
                text.push(char);
            }
            ',' => {
                text.push(char);
                new_line(&mut text, depth);
            }
            ':' => text.push_str(": "),
            _ => {
                text.push(char);
                quoted = char == '"';
            }
        }
        if text.len() > longest {
            return None;
        }
    }
    Some(text)
}

fn new_line(text: &mut String, depth: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_laid_out_and_kept() {
        check("1.50", Some("1.50"));
        check(
            "{\"a\":[1,{}, [ ]],\"a\":12345678901234567890123}",
            Some("{\n  \"a\": [\n    1,\n    {},\n    []\n  ],\n  \"a\": 12345678901234567890123\n}"),
        );
        check("\"a\\\"b, {c}: \\\\\"", Some("\"a\\\"b, {c}: \\\\\""));
        check("{\"a\":1}{\"b\":2}", None);
        check("", None);
        let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        check(&deep(1_000), None);
        let wide = format!("{}{}{}", "[".repeat(100), "1,".repeat(5_000) + "1", "]".repeat(100));
        check(&wide, None);
    }

    fn check(json: &str, expected: Option<&str>) {
        assert_eq!(laid_out(json).as_deref(), expected, "{json}");
    }
}
