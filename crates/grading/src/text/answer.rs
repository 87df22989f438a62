//! Which words of an attempt, or of its raw text, are its answer.

use offseeker_trajectory::Trajectory;

/// The answer that an attempt gave, as its record has it; none where it gave none, or a blank one.
#[must_use]
pub fn final_answer(attempt: &Trajectory) -> Option<&str> {
    attempt.answer.as_deref().map(str::trim).filter(|answer| !answer.is_empty())
}

/// What stands between each pair of tags of a name, the nearest closing tag counting.
pub fn tagged<'a>(text: &'a str, tag: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    let mut rest = text;
    std::iter::from_fn(move || {
        let begin = rest.find(&open)? + open.len();
        let end = begin + rest[begin..].find(&close)?;
        let inside = &rest[begin..end];
        rest = &rest[end + close.len()..];
        Some(inside)
    })
}

/// The answer in a prompt and what was written to it, as Search-R1 takes it: the last one between tags, and none where there
/// are fewer than two, because its prompt has an example.
///
/// ```
/// use offseeker_grading::text::search_r1_answer;
///
/// assert_eq!(search_r1_answer("e.g. <answer>Beijing</answer> ... <answer> the Orsa </answer>"), Some("the Orsa"));
/// assert_eq!(search_r1_answer("<answer>the Orsa</answer>"), None);
/// ```
#[must_use]
pub fn search_r1_answer(text: &str) -> Option<&str> {
    let mut answers = tagged(text, "answer");
    answers.next()?;
    answers.last().map(str::trim)
}

/// The answer in what was written, as DeepResearcher takes it: the first one between tags. It looks at text in lower case,
/// so the case of the tags does not count.
#[must_use]
pub fn deep_researcher_answer(text: &str) -> Option<String> {
    let text = text.to_lowercase();
    tagged(&text, "answer").next().map(|answer| answer.trim().to_owned())
}
