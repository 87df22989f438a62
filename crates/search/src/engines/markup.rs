//! Takes the markup out of what engines send.

/// Text without tags, with the usual entities read, on one line.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', '&']) {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let (read, length) = if rest.starts_with('<') { tag(rest) } else { entity(rest) };
        plain.extend(read);
        rest = &rest[length..];
    }
    plain.push_str(rest);
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What stands for what looks like a tag, and its length: nothing for a tag, itself for a lone bracket.
fn tag(text: &str) -> (Option<char>, usize) {
    let is_tag = text[1..].starts_with(|first: char| first.is_ascii_alphabetic() || first == '/' || first == '!');
    match text.find('>') {
        Some(end) if is_tag => (None, end + 1),
        _ => (Some('<'), 1),
    }
}

/// The character of an entity and the length of the entity; the ampersand itself where it begins none.
fn entity(text: &str) -> (Option<char>, usize) {
    let lone = (Some('&'), 1);
    let Some(end) = text.bytes().take(12).position(|byte| byte == b';') else { return lone };
    let read = match &text[1..end] {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        "ndash" => Some('–'),
        "mdash" => Some('—'),
        "hellip" => Some('…'),
        name => numbered(name),
    };
    read.map_or(lone, |char| (Some(char), end + 1))
}

fn numbered(name: &str) -> Option<char> {
    let number = name.strip_prefix('#')?;
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_taken_out() {
        check("plain", "plain");
        check("the <strong>Karlin</strong> mill", "the Karlin mill");
        check("a <b class=\"x\">b</b>\n c", "a b c");
        check("5 &lt; 6 &amp;&amp; 7 > 6", "5 < 6 && 7 > 6");
        check("it&#x27;s &#39;here&#39; &nbsp; &hellip;", "it's 'here' …");
        check("1 < 2, AT&T; &unknown; &", "1 < 2, AT&T; &unknown; &");
        check("水车&#27700;", "水车水");
        check("&#1114112; <", "&#1114112; <");
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(plain(text), expected, "{text:?}");
    }
}
