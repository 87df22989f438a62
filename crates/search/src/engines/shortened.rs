//! Queries as short as an engine takes them.

/// The beginning of a query: so many words, and so many characters, at most. Engines refuse longer ones as a whole.
pub(super) fn shortened(text: &str, words: usize, characters: usize) -> String {
    let mut short = String::new();
    let mut length = 0;
    for word in text.split_whitespace().take(words) {
        let space = usize::from(!short.is_empty());
        let size = word.chars().count();
        if length + space + size > characters {
            if short.is_empty() {
                short.extend(word.chars().take(characters));
            }
            break;
        }
        if space == 1 {
            short.push(' ');
        }
        short.push_str(word);
        length += space + size;
    }
    if short.len() < text.trim().len() {
        tracing::debug!(characters = text.len(), kept = short.len(), "a query is longer than the engine takes");
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_cut_between_words() {
        check(" a  b ", 5, 10, "a b");
        check("one two three", 2, 100, "one two");
        check("one two three", 9, 8, "one two");
        check("one two three", 9, 7, "one two");
        check("one two three", 9, 6, "one");
        check("水車小屋", 9, 2, "水車");
        check("", 9, 9, "");
    }

    fn check(text: &str, words: usize, characters: usize, expected: &str) {
        assert_eq!(shortened(text, words, characters), expected, "{text:?}");
    }
}
