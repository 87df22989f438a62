//! Cuts a text into passages that a model reads at once.

use std::ops::Range;

/// The passages of a text, in bytes: each of at most so many characters, cut at the end of a paragraph where one ends
/// in its second half, else of a sentence, else of a word. A text without anything to read has none.
///
/// ```
/// use offseeker_search::passages;
///
/// let text = "It stands on the Orsa.\n\nIt is a water mill.";
/// let cut: Vec<&str> = passages(text, 30).into_iter().map(|span| &text[span]).collect();
/// assert_eq!(cut, ["It stands on the Orsa.", "It is a water mill."]);
/// ```
#[must_use]
pub fn passages(text: &str, longest: usize) -> Vec<Range<usize>> {
    let longest = longest.max(1);
    let mut passages = Vec::new();
    let mut start = after_space(text, 0);
    while start < text.len() {
        let rest = &text[start..];
        let end = match rest.char_indices().nth(longest) {
            None => text.len(),
            Some((length, _)) => start + cut(&rest[..length], &rest[length..]),
        };
        let shown = text[start..end].trim_end();
        if !shown.is_empty() {
            passages.push(start..start + shown.len());
        }
        start = after_space(text, end);
    }
    passages
}

/// Where to cut a text that is too long.
fn cut(text: &str, after: &str) -> usize {
    let half = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(half, _)| half);
    let last = |marks: &[&str]| {
        marks.iter().filter_map(|mark| text.rfind(mark).map(|place| place + mark.len())).filter(|end| *end > half).max()
    };
    if after.starts_with(char::is_whitespace) {
        return text.len();
    }
    last(&["\n\n"])
        .or_else(|| last(&[". ", "! ", "? ", ".\n", "。", "！", "？", "\n"]))
        .or_else(|| text.rfind(char::is_whitespace).filter(|place| *place > 0))
        .unwrap_or(text.len())
}

fn after_space(text: &str, from: usize) -> usize {
    from + text[from..].len() - text[from..].trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut() {
        check("", 10, &[]);
        check(" \n ", 10, &[]);
        check("short", 10, &["short"]);
        check("One. Two three", 10, &["One. Two", "three"]);
        check("One two. Three", 12, &["One two.", "Three"]);
        check("abcdefghij", 4, &["abcd", "efgh", "ij"]);
        check("磨坊在河边。它很老。", 7, &["磨坊在河边。", "它很老。"]);
        check("one\n\ntwo", 0, &["o", "n", "e", "t", "w", "o"]);
    }

    #[test]
    fn nothing_is_lost() {
        let text = "Ada built the mill. It stood on the Orsa!\n\nLater, it burnt down; 卡林磨坊没有了。 The end.";
        let plain = |text: &str| text.split_whitespace().collect::<String>();
        for longest in 1..80 {
            let cut = passages(text, longest);
            assert_eq!(
                plain(&cut.iter().map(|span| &text[span.clone()]).collect::<String>()),
                plain(text),
                "{longest}"
            );
            assert!(cut.iter().all(|span| text[span.clone()].chars().count() <= longest), "{longest}");
        }
    }

    fn check(text: &str, longest: usize, expected: &[&str]) {
        let cut: Vec<&str> = passages(text, longest).into_iter().map(|span| &text[span]).collect();
        assert_eq!(cut, expected, "{text:?} {longest}");
    }
}
