//! The sentence that stands around some words.

use std::ops::Range;

/// The sentence around a part of a text, no longer than so many bytes on either side of the part.
///
/// A sentence ends at a full stop, question or exclamation mark before white space, at those of Chinese, and at the end
/// of a line.
pub(super) fn sentence_around(text: &str, part: Range<usize>, longest: usize) -> Range<usize> {
    let before = ceiling(text, part.start.saturating_sub(longest));
    let start = text[before..part.start].char_indices().rev().find_map(|(at, char)| {
        let after = before + at + char.len_utf8();
        ends(char, text[after..].chars().next()).then_some(after)
    });
    let after = floor(text, (part.end + longest).min(text.len()));
    let end = text[part.end..after].char_indices().find_map(|(at, char)| {
        let next = part.end + at + char.len_utf8();
        ends(char, text[next..].chars().next()).then_some(if char == '\n' { part.end + at } else { next })
    });
    let start = start.unwrap_or_else(|| if before == 0 { 0 } else { word_start(text, before, part.start) });
    let end = end.unwrap_or(if after == text.len() { after } else { word_end(text, part.end, after) });
    trimmed(text, start..end)
}

/// The part without the white space and the marks of Markdown around it.
pub(super) fn trimmed(text: &str, part: Range<usize>) -> Range<usize> {
    let inner = &text[part.clone()];
    let mark = |char: char| char.is_whitespace() || "#*->:|".contains(char);
    let start = part.start + (inner.len() - inner.trim_start_matches(mark).len());
    let end = start + text[start..part.end].trim_end_matches(|char: char| char.is_whitespace() || char == '|').len();
    start..end
}

fn ends(char: char, next: Option<char>) -> bool {
    match char {
        '\n' | '。' | '！' | '？' => true,
        '.' | '!' | '?' => next.is_none_or(char::is_whitespace),
        _ => false,
    }
}

/// The beginning of the first word at or after a place.
fn word_start(text: &str, from: usize, to: usize) -> usize {
    text[from..to].find(char::is_whitespace).map_or(from, |at| from + at)
}

/// The end of the last word before a place.
fn word_end(text: &str, from: usize, to: usize) -> usize {
    text[from..to].rfind(char::is_whitespace).map_or(to, |at| from + at)
}

fn ceiling(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_sentence_ends_where_it_ends() {
        check("One. Karlin mill burnt in 1.5 hours! Two.", "mill", "Karlin mill burnt in 1.5 hours!");
        check("# Title\n- The mill, on a line\nNext.", "mill", "The mill, on a line");
        check("一。磨坊在河上。三。", "磨坊", "磨坊在河上。");
        check("mill", "mill", "mill");
        check(
            &format!("{}mill {}", "word ".repeat(30), "more ".repeat(30)),
            "mill",
            "word word word mill more more more",
        );
    }

    fn check(text: &str, part: &str, expected: &str) {
        let at = text.find(part).unwrap_or_default();
        assert_eq!(&text[sentence_around(text, at..at + part.len(), 20)], expected);
    }

    proptest! {
        #[test]
        fn there_is_a_sentence_around_any_part(text in "[a é。.!\n|-]{1,60}", from in any::<prop::sample::Index>(), longest in 0_usize..30) {
            let at = floor(&text, from.index(text.len()));
            let end = at + text[at..].chars().next().map_or(0, char::len_utf8);
            let sentence = sentence_around(&text, at..end, longest);
            prop_assert!(text.get(sentence.clone()).is_some());
            prop_assert!(sentence.len() <= 2 * longest + end - at);
        }
    }
}
