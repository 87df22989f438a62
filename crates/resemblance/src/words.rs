//! Splits a text into the words that it is compared by.

/// The words of a text: runs of letters and digits in lower case; where a script writes no spaces, each character.
///
/// ```
/// use offseeker_resemblance::words;
///
/// let found: Vec<String> = words("The Karlin-mill, 卡林磨坊").collect();
/// assert_eq!(found, ["the", "karlin", "mill", "卡", "林", "磨", "坊"]);
/// ```
pub fn words(text: &str) -> impl Iterator<Item = String> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|char: char| !char.is_alphanumeric());
        let first = rest.chars().next()?;
        let length = if is_dense(first) {
            first.len_utf8()
        } else {
            rest.find(|char: char| !char.is_alphanumeric() || is_dense(char)).unwrap_or(rest.len())
        };
        let (word, after) = rest.split_at(length);
        rest = after;
        Some(word.to_lowercase())
    })
}

/// The words of a text as [`words`] gives them, but where a script writes no spaces, each two characters that stand
/// beside each other: a pair says far more than each of them.
///
/// ```
/// use offseeker_resemblance::pairs;
///
/// let found: Vec<String> = pairs("The mill 卡林磨, 坊").collect();
/// assert_eq!(found, ["the", "mill", "卡林", "林磨", "坊"]);
/// ```
pub fn pairs(text: &str) -> impl Iterator<Item = String> {
    let mut rest = text;
    let mut paired = false;
    std::iter::from_fn(move || {
        loop {
            let start = rest.trim_start_matches(|char: char| !char.is_alphanumeric());
            paired &= start.len() == rest.len();
            rest = start;
            let first = rest.chars().next()?;
            if !is_dense(first) {
                paired = false;
                let end = rest.find(|char: char| !char.is_alphanumeric() || is_dense(char)).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                rest = after;
                return Some(word.to_lowercase());
            }
            let after = &rest[first.len_utf8()..];
            let next = after.chars().next().filter(|next| next.is_alphanumeric() && is_dense(*next));
            let was_paired = std::mem::replace(&mut paired, next.is_some());
            let pair = &rest[..first.len_utf8() + next.map_or(0, char::len_utf8)];
            rest = after;
            // The last of a run is in the pair before it.
            if next.is_some() || !was_paired {
                return Some(pair.to_lowercase());
            }
        }
    })
}

/// Whether a character belongs to a script that writes no spaces between words: Chinese, Japanese, Thai and others.
///
/// Korean is not among them.
#[must_use]
pub fn is_dense(char: char) -> bool {
    matches!(u32::from(char),
        0x0E00..=0x0EFF          // Thai, Lao
        | 0x0F00..=0x0FFF        // Tibetan
        | 0x1000..=0x109F        // Burmese
        | 0x1780..=0x17FF        // Khmer
        | 0x3005..=0x3007        // marks that stand for Chinese characters
        | 0x3040..=0x30FF        // Hiragana, Katakana
        | 0x31F0..=0x31FF
        | 0x3400..=0x4DBF        // Chinese characters
        | 0x4E00..=0x9FFF
        | 0xF900..=0xFAFF
        | 0xFF66..=0xFF9F        // half-width Katakana
        | 0x20000..=0x3FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_split_into_words() {
        check("", &[]);
        check(" ,.;\n", &[]);
        check("It's 12.5 km", &["it", "s", "12", "5", "km"]);
        check("ÉCOLE ΣΊΣΥΦΟΣ", &["école", "σίσυφος"]);
        check("C3PO卡林9号", &["c3po", "卡", "林", "9", "号"]);
        check("カリンの水車", &["カ", "リ", "ン", "の", "水", "車"]);
        check("한국어 단어", &["한국어", "단어"]);
        check("🦀crab", &["crab"]);
    }

    #[test]
    fn characters_are_paired() {
        check_pairs("", &[]);
        check_pairs("磨", &["磨"]);
        check_pairs("磨坊", &["磨坊"]);
        check_pairs("卡林磨坊。磨 C3PO坊9号ab", &["卡林", "林磨", "磨坊", "磨", "c3po", "坊", "9", "号", "ab"]);
        check_pairs("カリ ン", &["カリ", "ン"]);
    }

    fn check_pairs(text: &str, expected: &[&str]) {
        assert_eq!(pairs(text).collect::<Vec<_>>(), expected, "{text:?}");
    }

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(words(text).collect::<Vec<_>>(), expected, "{text:?}");
    }
}
