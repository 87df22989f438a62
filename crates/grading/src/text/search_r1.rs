//! Spellings made equal as Search-R1 does it.

use super::python_float::is_python_space;

/// Makes spellings equal as Search-R1 does it: lower case, ASCII punctuation deleted, the words "a", "an" and "the" taken
/// out wherever they stand, white space made single.
///
/// Punctuation leaves no space, so "A-team" becomes one word; dashes beyond ASCII survive; "vitamin A" loses its letter.
///
/// ```
/// use offseeker_grading::text::search_r1;
///
/// assert_eq!(search_r1("The Beatles!"), "beatles");
/// assert_eq!(search_r1("an  A-team"), "ateam");
/// ```
#[must_use]
pub fn search_r1(text: &str) -> String {
    let bare: String = text.to_lowercase().chars().filter(|char| !char.is_ascii_punctuation()).collect();
    let mut without = String::with_capacity(bare.len());
    let mut rest = bare.as_str();
    // Words are runs of letters and digits, as a border of words in a regular expression sees them.
    while let Some(first) = rest.chars().next() {
        let is_word = first.is_alphanumeric();
        let end = rest.find(|char: char| char.is_alphanumeric() != is_word).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        without.push_str(if matches!(run, "a" | "an" | "the") { " " } else { run });
        rest = after;
    }
    single_spaced(&without)
}

/// The text with single blanks between its words and none around them.
pub(super) fn single_spaced(text: &str) -> String {
    let mut words = text.split(is_python_space).filter(|word| !word.is_empty());
    let mut single = words.next().unwrap_or_default().to_owned();
    for word in words {
        single.push(' ');
        single.push_str(word);
    }
    single
}
