//! Answers in the braces of `\boxed{}`.

use std::ops::Range;

pub(super) const OPEN: &str = "\\boxed{";

/// Where a `\boxed{}` lies in a text, and where what is in its braces lies. Without an end it goes on to the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Boxed {
    pub(super) whole: Range<usize>,
    pub(super) inner: Range<usize>,
    pub(super) is_closed: bool,
}

/// Every `\boxed{}` in a text, in order.
pub(super) fn find_all(text: &str) -> Vec<Boxed> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find(OPEN) {
        let start = from + at;
        let inner = start + OPEN.len();
        let end = closing(text, inner);
        let inner_end = end.unwrap_or(text.len());
        let whole_end = end.map_or(text.len(), |end| end + 1);
        found.push(Boxed { whole: start..whole_end, inner: inner..inner_end, is_closed: end.is_some() });
        from = whole_end;
    }
    found
}

/// Whether a text can stand in the braces: its own braces are in pairs, and nothing at its end escapes the last one.
pub(super) fn fits(text: &str) -> bool {
    closing(&format!("{text}}}"), 0) == Some(text.len())
}

/// Where the brace is that closes what begins at `from`. An escaped brace does not count.
fn closing(text: &str, from: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut bytes = text.bytes().enumerate().skip(from);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}
