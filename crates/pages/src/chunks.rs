//! Cuts a long text into pieces that overlap.

/// How long a piece is where nobody says it, in characters.
pub const CHUNK: usize = 60_000;

/// How much of a piece is also in the next, where nobody says it, in characters.
pub const OVERLAP: usize = 6_000;

/// Cuts a text into pieces of at most `size` characters, of which each begins about `overlap` characters before the end
/// of the one before it.
///
/// A piece ends where a paragraph does, else where a line does, else where a sentence or a word does, as long as that
/// leaves it at least half its size. The overlap is at most half the size; a size of nought counts as one.
///
/// ```
/// use offseeker_pages::chunks;
///
/// assert_eq!(chunks("The mill.\n\nThe castle.\n\nThe river.", 24, 0), ["The mill.\n\nThe castle.", "The river."]);
/// ```
#[must_use]
pub fn chunks(text: &str, size: usize, overlap: usize) -> Vec<&str> {
    let size = size.max(1);
    let overlap = overlap.min(size / 2);
    let mut chunks = Vec::new();
    let mut rest = text.trim();
    while let Some(end) = place(rest, size) {
        let half = place(rest, size / 2).unwrap_or(0);
        let end = border(&rest[half..end]).map_or(end, |border| half + border);
        let end = if end == 0 { first(rest) } else { end };
        chunks.push(rest[..end].trim_end());
        let back = before(&rest[..end], overlap);
        // What overlaps begins with a paragraph, a line or a word, where there is one.
        let next = back + start(&rest[back..end], rest[..back].ends_with(char::is_whitespace));
        let next = if next == 0 { end } else { next };
        rest = rest[next..].trim_start();
    }
    if !rest.is_empty() {
        chunks.push(rest);
    }
    chunks
}

/// Where the character of this number begins; none where the text has no more than so many.
fn place(text: &str, number: usize) -> Option<usize> {
    text.char_indices().nth(number).map(|(at, _)| at)
}

fn first(text: &str) -> usize {
    text.chars().next().map_or(0, char::len_utf8)
}

/// Where the last so many characters of a text begin.
fn before(text: &str, number: usize) -> usize {
    if number == 0 { text.len() } else { text.char_indices().rev().nth(number - 1).map_or(0, |(at, _)| at) }
}

/// The best place to end within a text.
fn border(text: &str) -> Option<usize> {
    let after = |mark: &str| text.rfind(mark).map(|at| at + mark.len());
    let sentence = || text.rfind(['。', '！', '？']).map(|at| at + '。'.len_utf8());
    after("\n\n").or_else(|| after("\n")).or_else(|| after(". ").max(sentence())).or_else(|| after(" "))
}

/// Where within an overlap it is best to begin; at its end where only a part of a word is in it.
fn start(text: &str, is_word: bool) -> usize {
    let after = |mark: &str| text.find(mark).map(|at| at + mark.len()).filter(|at| *at < text.len());
    let word = || if is_word { Some(0) } else { after(" ") };
    let whole = if text.contains(char::is_whitespace) { text.len() } else { 0 };
    after("\n\n").or_else(|| after("\n")).or_else(|| after(". ")).or_else(word).unwrap_or(whole)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_are_cut_where_they_pause() {
        check("", 10, 2, &[]);
        check("  \n", 10, 2, &[]);
        check("short", 10, 2, &["short"]);
        check("exactly 10", 10, 2, &["exactly 10"]);
        check("one two three four", 10, 0, &["one two", "three four"]);
        check("one two three four", 10, 4, &["one two", "two three", "four"]);
        check("a b.\nc d e f g h", 8, 0, &["a b.", "c d e f", "g h"]);
        check("一二三。四五六七八九十", 6, 0, &["一二三。", "四五六七八九", "十"]);
        check("aaaaaaaaaa", 4, 1, &["aaaa", "aaaa", "aaaa"]);
        check("ab", 0, 9, &["a", "b"]);
    }

    proptest! {
        #[test]
        fn pieces_fit_and_hold_every_word(text in "[a-c磨 .\n]{0,400}", size in 1_usize..60, overlap in 0_usize..40) {
            let chunks = chunks(&text, size, overlap);
            prop_assert!(chunks.iter().all(|chunk| !chunk.is_empty() && chunk.chars().count() <= size));
            // Every character that is not white space is in a piece, in order.
            let mut at = text.as_ptr() as usize;
            for chunk in &chunks {
                let begins = chunk.as_ptr() as usize;
                if begins > at {
                    let skipped = &text[at - text.as_ptr() as usize..begins - text.as_ptr() as usize];
                    prop_assert!(skipped.trim().is_empty(), "{skipped:?} is in no piece");
                }
                at = at.max(begins + chunk.len());
            }
            prop_assert!(text[at - text.as_ptr() as usize..].trim().is_empty());
        }
    }

    fn check(text: &str, size: usize, overlap: usize, expected: &[&str]) {
        assert_eq!(chunks(text, size, overlap), expected, "{text:?} {size} {overlap}");
    }
}
