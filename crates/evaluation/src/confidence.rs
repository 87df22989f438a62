//! How sure an answer says it is of itself.
//!
//! The prompts of BrowseComp and Humanity's Last Exam ask for a line `Confidence: 85%`, those of Chinese sets for
//! `置信度：85%`. What is said otherwise is not guessed at: a range, a mark out of ten and a number above a hundred are no
//! confidence.

/// The words before a confidence; of those that begin alike the longer ones first.
const LABELS: [&str; 12] = [
    "confidence score",
    "confidence level",
    "confidence",
    "置信度",
    "置信水平",
    "自信程度",
    "自信度",
    "确信度",
    "可信度",
    "信心程度",
    "信心",
    "把握",
];

/// The confidence that a text states last, from 0 to 1; none where it states none.
///
/// Emphasis, full-width colons and digits, and words in brackets before the colon are passed over, and so is reasoning in
/// `<think>`. A number is in hundredths, with a percent sign or without; only one with a decimal point, no percent sign and
/// no more than 1 is a share already.
///
/// ```
/// use offseeker_evaluation::confidence::stated;
///
/// assert_eq!(stated("Exact Answer: the Orsa\n**Confidence:** 85%"), Some(0.85));
/// assert_eq!(stated("最终答案：奥尔萨河\n置信度：９０％"), Some(0.9));
/// assert_eq!(stated("Confidence: high"), None);
/// ```
#[must_use]
pub fn stated(text: &str) -> Option<f64> {
    let said = text.rsplit("</think>").next().unwrap_or(text);
    // Of the same length, so that places in one are places in the other.
    let lower = said.to_ascii_lowercase();
    let mut places: Vec<(usize, usize)> = LABELS
        .iter()
        .flat_map(|label| lower.match_indices(label).map(|(at, _)| (at, label.len())))
        .filter(|(at, _)| !lower[..*at].ends_with(|char: char| char.is_ascii_alphanumeric() || char == '_'))
        .collect();
    places.sort_unstable_by_key(|(at, length)| (std::cmp::Reverse(*at), std::cmp::Reverse(*length)));
    places.into_iter().find_map(|(at, length)| value(behind(&said[at + length..])?))
}

/// What stands behind a label: after a colon, or a word that does for one.
fn behind(rest: &str) -> Option<&str> {
    let rest = without_brackets(rest.trim_start_matches(is_markup)).trim_start_matches(is_markup);
    let value = rest.strip_prefix([':', '：', '=', '为', '是']).or_else(|| rest.strip_prefix("is "))?;
    Some(value.trim_start_matches(|char| is_markup(char) || matches!(char, '{' | '约' | '~')))
}

/// A text without the brackets that it begins with: `(0-100%)`.
fn without_brackets(rest: &str) -> &str {
    let inside = rest.strip_prefix(['(', '（']);
    inside.and_then(|inside| Some(&inside[inside.find([')', '）'])?..])).map_or(rest, |end| {
        let mut chars = end.chars();
        chars.next();
        chars.as_str()
    })
}

fn is_markup(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\u{3000}' | '*' | '_' | '`' | '"' | '“' | '”')
}

/// The number that a text begins with, as a share.
fn value(text: &str) -> Option<f64> {
    let (text, is_said) = text.strip_prefix("百分之").map_or((text, false), |rest| (rest, true));
    let end = text.find(|char| digit(char).is_none()).unwrap_or(text.len());
    let number: String = text[..end].chars().filter_map(digit).collect();
    let has_point = number.trim_end_matches('.').contains('.');
    let number: f64 = number.trim_end_matches('.').parse().ok()?;
    let rest = text[end..].trim_start_matches(is_markup);
    let sign = ["%", "％", "percent"].into_iter().find_map(|sign| rest.strip_prefix(sign));
    let rest = sign.unwrap_or(rest).trim_start_matches(is_markup);
    let rest = rest.strip_prefix("/100").or_else(|| rest.strip_prefix("/ 100")).unwrap_or(rest);
    if is_more(rest) {
        return None;
    }
    let is_share = has_point && number <= 1.0 && sign.is_none() && !is_said;
    let share = if is_share { number } else { number / 100.0 };
    (0.0..=1.0).contains(&share).then_some(share)
}

/// An ASCII digit or point for one of either width.
fn digit(char: char) -> Option<char> {
    match char {
        '0'..='9' | '.' => Some(char),
        '０'..='９' => {
            char.to_digit(10).or_else(|| Some(char as u32 - '０' as u32)).and_then(|it| char::from_digit(it, 10))
        }
        '．' => Some('.'),
        _ => None,
    }
}

/// Whether what stands behind a number makes it the beginning of something else: a range, a mark out of so many.
fn is_more(rest: &str) -> bool {
    let after = ["-", "–", "—", "~", "～", "至", "到", "to ", "/", "out of 10 "];
    let begins = |mark: &&str| {
        rest.strip_prefix(*mark).is_some_and(|rest| rest.trim_start().starts_with(|c| digit(c).is_some()))
    };
    after.iter().any(begins)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_stated_is_read() {
        check("Confidence: 85%", Some(0.85));
        check("confidence: 85", Some(0.85));
        check("**Confidence**: **85 %**", Some(0.85));
        check("**Confidence:** 85%", Some(0.85));
        check("Confidence：85％", Some(0.85));
        check("Confidence: {85%}", Some(0.85));
        check("Confidence score (0-100%): 72.5%", Some(0.725));
        check("My confidence is 60 percent.", Some(0.6));
        check("Confidence: 85/100", Some(0.85));
        check("Confidence: 100%", Some(1.0));
        check("Confidence: 0%", Some(0.0));
        check("Confidence: 90.", Some(0.9));
        check("Confidence: 0.85", Some(0.85));
        check("Confidence: 1.0", Some(1.0));
        check("Confidence: 1", Some(0.01));
        check("Confidence: 0.5%", Some(0.005));
        check("置信度：85%", Some(0.85));
        check("**置信度**：**８５％**", Some(0.85));
        check("信心：百分之90", Some(0.9));
        check("我的把握为 70%", Some(0.7));
        check("信心程度（0%到100%）：约95%", Some(0.95));
    }

    #[test]
    fn what_is_said_otherwise_is_not_guessed_at() {
        for text in
            ["", "Confidence", "Confidence: high", "Confidence: 101%", "Confidence: -5%", "85%", "Confidence 85"]
        {
            check(text, None);
        }
        for text in [
            "Confidence: 80-90%",
            "Confidence: 80%–90%",
            "Confidence: 80 to 90",
            "置信度：80%至90%",
            "Confidence: 8/10",
        ] {
            check(text, None);
        }
        check("overconfidence: 85%", None);
        check("Confidence: 1.2.3", None);
    }

    #[test]
    fn the_last_one_counts_and_reasoning_does_not() {
        check("Confidence: 20%\nOn reflection:\nConfidence: 90%", Some(0.9));
        check("<think>Confidence: 20%</think>The Orsa.", None);
        check("Confidence: 20%\nConfidence: unknown", Some(0.2));
    }

    fn check(text: &str, expected: Option<f64>) {
        let found = stated(text);
        let is_near = found.zip(expected).is_some_and(|(one, other)| (one - other).abs() < 1e-12);
        assert!(is_near || found == expected, "{text:?}: {found:?}");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_passed_over(text in "(Confidence|置信度|信心| |:|：|\\PC){0,12}", number in 0..=100_u32) {
            prop_assert!(stated(&text).is_none_or(|share| (0.0..=1.0).contains(&share)));
            let share = stated(&format!("{text}\nConfidence: {number}%")).unwrap();
            prop_assert!((share - f64::from(number) / 100.0).abs() < 1e-12);
        }
    }
}
