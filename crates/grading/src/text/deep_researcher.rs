//! Spellings made equal as DeepResearcher does it, and what it asks of tags.

use super::search_r1::single_spaced;

/// The tags that have to balance.
const TAGS: [&str; 3] = ["tool_call", "think", "answer"];

/// Makes spellings equal as DeepResearcher does it: lower case, ASCII punctuation made blank, white space made single.
/// Articles stay.
///
/// ```
/// use offseeker_grading::text::deep_researcher;
///
/// assert_eq!(deep_researcher("The A-team!"), "the a team");
/// ```
#[must_use]
pub fn deep_researcher(text: &str) -> String {
    let blank = |char: char| if char.is_ascii_punctuation() { ' ' } else { char };
    single_spaced(&text.to_lowercase().chars().map(blank).collect::<String>())
}

/// Whether the tags of reasoning, calls and answer balance, as DeepResearcher asks it: as many close as open, and each that
/// opens is closed after that. Case does not count.
#[must_use]
pub fn deep_researcher_tags_balance(text: &str) -> bool {
    let text = text.to_lowercase();
    TAGS.iter().all(|tag| balances(&text, &format!("<{tag}>"), &format!("</{tag}>")))
}

fn balances(text: &str, open: &str, close: &str) -> bool {
    if text.matches(open).count() != text.matches(close).count() {
        return false;
    }
    let mut rest = text;
    while let Some(at) = rest.find(open) {
        match rest[at..].find(close) {
            Some(end) => rest = &rest[at + end + close.len()..],
            None => return false,
        }
    }
    true
}
