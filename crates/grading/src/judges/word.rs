//! The words by which judges say yes and no.

use super::Verdict;

const YES: [&str; 4] = ["yes", "correct", "true", "right"];
const NO: [&str; 4] = ["no", "incorrect", "false", "wrong"];
const OPEN: [&str; 5] = ["undetermined", "unknown", "unclear", "uncertain", "undecided"];

/// Chinese words, those first that another one stands within.
const CHINESE: [(&str, Verdict); 10] = [
    ("不正确", Verdict::Incorrect),
    ("不对", Verdict::Incorrect),
    ("不是", Verdict::Incorrect),
    ("错", Verdict::Incorrect),
    ("否", Verdict::Incorrect),
    ("无法判断", Verdict::Undetermined),
    ("不确定", Verdict::Undetermined),
    ("正确", Verdict::Correct),
    ("对", Verdict::Correct),
    ("是", Verdict::Correct),
];

/// What may stand around a word: marks of emphasis, quotes, brackets.
pub(super) fn is_markup(char: char) -> bool {
    char.is_whitespace()
        || matches!(
            char,
            '*' | '_'
                | '`'
                | '"'
                | '\''
                | '“'
                | '”'
                | '‘'
                | '’'
                | '「'
                | '」'
                | '('
                | ')'
                | '（'
                | '）'
                | '['
                | ']'
                | '【'
                | '】'
        )
}

/// Reads the verdict that a text begins with. What stands behind does not count, unless it names the other verdict as a
/// choice.
pub(super) fn verdict(text: &str) -> Result<Verdict, String> {
    let said = text.trim_matches(is_markup);
    let (found, rest) = chinese(said).or_else(|| english(said)).ok_or_else(|| unclear(said))?;
    if names_a_choice(rest) { Err(unclear(said)) } else { Ok(found) }
}

fn chinese(said: &str) -> Option<(Verdict, &str)> {
    CHINESE.iter().find_map(|(word, verdict)| Some((*verdict, said.strip_prefix(word)?)))
}

fn english(said: &str) -> Option<(Verdict, &str)> {
    let (first, rest) = word(said);
    let (first, negated, rest) = match first.as_str() {
        "not" => {
            let (second, rest) = word(rest.trim_start());
            (second, true, rest)
        }
        _ => (first, false, rest),
    };
    let verdict = match first.as_str() {
        word if YES.contains(&word) && !negated => Verdict::Correct,
        word if YES.contains(&word) || (NO.contains(&word) && !negated) => Verdict::Incorrect,
        word if OPEN.contains(&word) && !negated => Verdict::Undetermined,
        _ => return None,
    };
    Some((verdict, rest))
}

/// The letters at the beginning, in lower case, and what stands behind.
fn word(text: &str) -> (String, &str) {
    let end = text.find(|char: char| !char.is_ascii_alphabetic()).unwrap_or(text.len());
    (text[..end].to_ascii_lowercase(), &text[end..])
}

/// Whether what stands behind a verdict offers another one: `yes/no`, `yes or no`, `正确|错误`.
fn names_a_choice(rest: &str) -> bool {
    let rest = rest.trim_start_matches(is_markup).to_ascii_lowercase();
    rest.starts_with(['/', '|', '／', '｜', '或']) || rest.starts_with("or ") || rest.starts_with("与否")
}

fn unclear(said: &str) -> String {
    format!("{:?} is no verdict", said.chars().take(60).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_is_the_word_that_a_text_begins_with() {
        check("yes", Some(Verdict::Correct));
        check("**No**, it differs", Some(Verdict::Incorrect));
        check(" 'Correct'.", Some(Verdict::Correct));
        check("incorrect (no match)", Some(Verdict::Incorrect));
        check("not correct", Some(Verdict::Incorrect));
        check("not sure", None);
        check("not incorrect", None);
        check("yes/no", None);
        check("yes or no", None);
        check("yes, or so", Some(Verdict::Correct));
        check("正确", Some(Verdict::Correct));
        check("不正确。", Some(Verdict::Incorrect));
        check("【错误】", Some(Verdict::Incorrect));
        check("正确/错误", None);
        check("undetermined", Some(Verdict::Undetermined));
        check("yesterday", None);
        check("", None);
    }

    fn check(text: &str, expected: Option<Verdict>) {
        assert_eq!(verdict(text).ok(), expected, "{text:?}");
    }
}
