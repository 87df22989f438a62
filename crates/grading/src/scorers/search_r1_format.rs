//! The reward of Search-R1 v0.3, for which the order of tags counts.

use async_trait::async_trait;
use offseeker_trajectory::{Grade, Trajectory};

use super::search_r1::is_match;
use super::{AnswerFrom, KnownAnswers};
use crate::text::{response, search_r1, tagged};
use crate::{GradeError, Grader};

/// What the reward of Search-R1 v0.3 gives for form.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FormatRewards {
    /// For a response in the right form, and what a right answer in another form lacks of 1. 0.2.
    pub structure: f64,
    /// For a wrong answer in another form. 0.1.
    pub final_format: f64,
    /// Besides `structure`, where a right answer stands in what was read. Nought, as it was shipped.
    pub retrieval: f64,
}

impl Default for FormatRewards {
    fn default() -> Self {
        Self { structure: 0.2, final_format: 0.1, retrieval: 0.0 }
    }
}

/// `search-r1/format@v0.3`: the reward of Search-R1 v0.3.
///
/// | | in form | not in form |
/// | --- | --- | --- |
/// | right | 1 | 1 - `structure` |
/// | wrong | `structure`, and `retrieval` where a right answer was read | `final_format` |
/// | no answer | 0 | 0 |
///
/// The form is [`search_r1_fault`]'s. The answer is found as for [`SearchR1`](super::SearchR1).
#[derive(Debug, Clone)]
pub struct SearchR1Format {
    name: String,
    rewards: FormatRewards,
    from: AnswerFrom,
}

impl Default for SearchR1Format {
    fn default() -> Self {
        Self::new(FormatRewards::default(), AnswerFrom::Text)
    }
}

impl SearchR1Format {
    /// Gives other rewards, or takes the answer from elsewhere; where it is not as published, the name says so.
    #[must_use]
    pub fn new(rewards: FormatRewards, from: AnswerFrom) -> Self {
        let FormatRewards { structure, final_format, retrieval } = rewards;
        let mut name = from.name("search-r1/format@v0.3");
        if rewards != FormatRewards::default() {
            name += &format!("(structure={structure},final={final_format},retrieval={retrieval})");
        }
        Self { name, rewards, from }
    }
}

#[async_trait]
impl Grader for SearchR1Format {
    fn name(&self) -> &str {
        &self.name
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        Ok(KnownAnswers::graded(&self.name, attempt, |known| {
            let Some(answer) = self.from.search_r1(attempt) else { return known.nothing(0.0) };
            let golds: Vec<String> = known.spellings().map(search_r1).collect();
            let is_correct = golds.contains(&search_r1(&answer));
            let text = response(attempt);
            let is_in_form = search_r1_fault(&text).is_none();
            let was_read = || {
                tagged(&text, "information")
                    .map(search_r1)
                    .any(|read| golds.iter().any(|gold| is_match(&read, gold, true)))
            };
            let value = match (is_correct, is_in_form) {
                (true, true) => 1.0,
                (true, false) => 1.0 - self.rewards.structure,
                (false, true) if was_read() => self.rewards.structure + self.rewards.retrieval,
                (false, true) => self.rewards.structure,
                (false, false) => self.rewards.final_format,
            };
            let mut grade = known.found(&answer, is_correct, value);
            grade.components.insert("em".to_owned(), f64::from(u8::from(is_correct)));
            grade.components.insert("format".to_owned(), f64::from(u8::from(is_in_form)));
            grade
        }))
    }
}

/// The tags that may stand in a response.
const TAGS: [&str; 4] = ["think", "search", "information", "answer"];

/// Where a response is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Inside(&'static str),
    After(&'static str),
}

/// What keeps a response from the form of Search-R1 v0.3; none where it has it.
///
/// The form is reasoning, then a search, what it found, reasoning again, and so on; then the answer, right after reasoning.
/// Nothing but white space stands between the blocks, and nothing after the answer.
#[must_use]
pub fn search_r1_fault(response: &str) -> Option<String> {
    let mut state = State::Start;
    let mut rest = response;
    loop {
        let next = next_tag(rest);
        let between = &rest[..next.map_or(rest.len(), |(at, _, _)| at)];
        if !between.trim().is_empty() && !matches!(state, State::Inside(_)) {
            return Some(format!("{:?} stands outside any tag", short(between.trim())));
        }
        let Some((at, tag, closes)) = next else { break };
        state = match (state, tag, closes) {
            (State::Start | State::After("information"), "think", false) => State::Inside("think"),
            (State::After("think"), "search" | "answer", false) | (State::After("search"), "information", false) => {
                State::Inside(tag)
            }
            (State::Inside(open), tag, true) if open == tag => State::After(tag),
            _ => return Some(format!("<{}{tag}> stands where it may not", if closes { "/" } else { "" })),
        };
        rest = &rest[at + tag.len() + if closes { 3 } else { 2 }..];
    }
    (state != State::After("answer")).then(|| "it does not end with an answer".to_owned())
}

/// The next tag: where it is, its name, whether it closes.
fn next_tag(text: &str) -> Option<(usize, &'static str, bool)> {
    text.match_indices('<').find_map(|(at, _)| {
        let inside = &text[at + 1..];
        let (name, closes) = inside.strip_prefix('/').map_or((inside, false), |name| (name, true));
        let is_it = |tag: &&&str| name.strip_prefix(**tag).is_some_and(|after| after.starts_with('>'));
        TAGS.iter().find(is_it).map(|tag| (at, *tag, closes))
    })
}

/// The first words of a text.
fn short(text: &str) -> String {
    text.chars().take(40).collect()
}
