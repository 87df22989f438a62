//! Words in a text that single something out.

/// Words that say that something is the only one of its kind.
const SUPERLATIVES: [&str; 40] = [
    "first",
    "last",
    "only",
    "sole",
    "unique",
    "largest",
    "biggest",
    "greatest",
    "smallest",
    "oldest",
    "youngest",
    "newest",
    "earliest",
    "latest",
    "longest",
    "shortest",
    "tallest",
    "highest",
    "lowest",
    "deepest",
    "shallowest",
    "heaviest",
    "lightest",
    "richest",
    "fastest",
    "slowest",
    "widest",
    "narrowest",
    "nearest",
    "farthest",
    "second-largest",
    "second-highest",
    "second-oldest",
    "best",
    "worst",
    "northernmost",
    "southernmost",
    "easternmost",
    "westernmost",
    "uniquely",
];

/// The same in Chinese.
const CHINESE: [&str; 12] =
    ["最", "第一", "唯一", "首个", "首位", "首次", "首座", "首部", "首条", "头一", "独一", "仅有"];

/// Pairs of quotation marks.
const QUOTES: [(char, char); 7] =
    [('"', '"'), ('“', '”'), ('«', '»'), ('《', '》'), ('「', '」'), ('『', '』'), ('〈', '〉')];

/// English words that say nothing by themselves, as far as questions are full of them.
const EMPTY: [&str; 56] = [
    "a",
    "an",
    "the",
    "that",
    "this",
    "these",
    "those",
    "there",
    "is",
    "are",
    "was",
    "were",
    "of",
    "in",
    "on",
    "at",
    "to",
    "by",
    "and",
    "or",
    "it",
    "its",
    "which",
    "what",
    "who",
    "whom",
    "whose",
    "where",
    "when",
    "how",
    "many",
    "name",
    "has",
    "had",
    "have",
    "did",
    "does",
    "do",
    "call",
    "one",
    "give",
    "all",
    "such",
    "between",
    "lies",
    "from",
    "with",
    "for",
    "as",
    "into",
    "following",
    "true",
    "consider",
    "than",
    "be",
    "called",
];

/// The text with everything blanked that stands in it on purpose, whatever its case.
pub(super) fn blanked<'a>(text: &str, purposely: impl Iterator<Item = &'a str>) -> String {
    let mut longest_first: Vec<Vec<char>> = purposely.map(|part| part.trim().chars().collect()).collect();
    longest_first.sort_by_key(|part| std::cmp::Reverse(part.len()));
    let chars: Vec<char> = text.chars().collect();
    let same = |left: char, right: char| left == right || left.to_lowercase().eq(right.to_lowercase());
    let mut blanked = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let here = |part: &&Vec<char>| {
            let end = at + part.len();
            let stands =
                !part.is_empty() && end <= chars.len() && part.iter().zip(&chars[at..]).all(|(l, r)| same(*l, *r));
            stands && !(joins(&chars, at) || joins(&chars, end))
        };
        let length = longest_first.iter().find(here).map_or(0, Vec::len);
        blanked.push(if length == 0 { chars[at] } else { ' ' });
        at += length.max(1);
    }
    blanked
}

/// Whether a word goes on over a place.
fn joins(chars: &[char], at: usize) -> bool {
    let is_letter = |char: char| char.is_alphanumeric() && !offseeker_pages::is_dense(char);
    at > 0 && at < chars.len() && is_letter(chars[at - 1]) && is_letter(chars[at])
}

/// What stands in quotation marks.
pub(super) fn quoted(text: &str) -> impl Iterator<Item = String> {
    let find = |(open, close): (char, char)| {
        let mut found = Vec::new();
        let mut rest = text;
        while let Some((_, after)) = rest.split_once(open)
            && let Some((within, after)) = after.split_once(close)
        {
            found.push(within.trim().to_owned());
            rest = after;
        }
        found
    };
    QUOTES.into_iter().flat_map(find).filter(|within| !within.is_empty()).collect::<Vec<_>>().into_iter()
}

/// The words that single something out; of a question for an extreme its last sentence may.
pub(super) fn superlative(text: &str, may_end_so: bool) -> impl Iterator<Item = String> {
    let text = if may_end_so { before_question(text) } else { text };
    let lower = text.to_lowercase();
    let is_word = |char: char| char.is_alphanumeric() || char == '-';
    let words: Vec<&str> = lower.split(|char: char| !is_word(char)).filter(|word| !word.is_empty()).collect();
    let mut found: Vec<String> =
        words.iter().filter(|word| SUPERLATIVES.contains(word)).map(|it| (*it).to_owned()).collect();
    let most = words.iter().enumerate().any(|(at, word)| *word == "most" && (at == 0 || words[at - 1] != "at"));
    found.extend(most.then(|| "most".to_owned()));
    found.extend(CHINESE.into_iter().filter(|word| text.contains(word)).map(str::to_owned));
    found.into_iter()
}

/// The text before the sentence that asks.
fn before_question(text: &str) -> &str {
    let end = text.rfind(['?', '？']).unwrap_or(text.len());
    let begin = text[..end].rfind(['.', '。', '!', '！', '?', '？']).unwrap_or(0);
    &text[..begin]
}

/// The words of a question that a search goes by.
pub(super) fn content_words(text: &str) -> String {
    let words = text.split_whitespace().map(|word| word.trim_matches(|char: char| !char.is_alphanumeric()));
    let telling = words.filter(|word| !word.is_empty() && !EMPTY.contains(&word.to_lowercase().as_str()));
    telling.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn superlatives_are_found() {
        check("The largest mill, the only one.", false, &["largest", "only"]);
        check("At most 5 of the most beautiful", false, &["most"]);
        check("It lies in a lastingly firstborn town", false, &[]);
        check("这是最大的磨坊", false, &["最"]);
        check("There is a mill. Which was built the earliest? Name it.", true, &[]);
        check("The oldest mill. Which was built the earliest?", true, &["oldest"]);
    }

    fn check(text: &str, may_end_so: bool, expected: &[&str]) {
        assert_eq!(superlative(text, may_end_so).collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn what_is_said_on_purpose_is_blanked() {
        let blank = |text: &str, parts: &[&str]| blanked(text, parts.iter().copied());
        assert_eq!(blank("At the karlin Mill of 1704", &["Karlin mill", "1704"]), "At the   of  ");
        assert_eq!(blank("The Orsan Orsa", &["Orsa"]), "The Orsan  ");
        assert_eq!(blank("位于卡林镇", &["卡林"]), "位于 镇");
        assert_eq!(quoted(&blank("“Ledger” and 《账簿》", &["Ledger"])).collect::<Vec<_>>(), ["账簿"]);
    }
}
