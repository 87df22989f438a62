//! Exact match as Search-R1 rewards it.

use async_trait::async_trait;
use offseeker_trajectory::{Grade, Trajectory};

use super::KnownAnswers;
use crate::text::{final_answer, given, response, search_r1, search_r1_answer, tagged};
use crate::{GradeError, Grader};

/// Where a published scorer takes the answer from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum AnswerFrom {
    /// From the raw text, by the rule that was published with the scorer.
    #[default]
    Text,
    /// From the record of the attempt, for agents that say their answers in another way.
    Record,
}

impl AnswerFrom {
    /// The name of a scorer that takes its answer from here.
    pub(super) fn name(self, published: &str) -> String {
        match self {
            Self::Text => published.to_owned(),
            Self::Record => format!("{published}+record"),
        }
    }

    /// The answer as Search-R1 finds it.
    pub(super) fn search_r1(self, attempt: &Trajectory) -> Option<String> {
        match self {
            Self::Text => {
                let response = response(attempt);
                tagged(&response, "answer").next()?;
                search_r1_answer(&(given(attempt) + &response)).map(str::to_owned)
            }
            Self::Record => final_answer(attempt).map(str::to_owned),
        }
    }
}

/// Exact match as Search-R1 v0.2 rewards it: 1 for an answer that is equal to a right one by [its rules](search_r1), nought
/// for any other and for none.
///
/// The answer is the last one between tags in prompt and response together, and there have to be two at least, because the
/// published prompt has an example: with a prompt that has none, the first answer of an attempt counts as the example. In
/// one thing this is not as published: there an attempt without an answer is taken to have answered what the prompt has
/// between tags ("Beijing"); here it has no answer. A right answer of which the rules leave nothing ("The") is in every
/// answer for [`within`](Self::within).
#[derive(Debug, Clone)]
pub struct SearchR1 {
    name: String,
    is_within: bool,
    from: AnswerFrom,
    format_score: f64,
}

impl SearchR1 {
    /// `search-r1/em@v0.2`: the answer has to be equal.
    #[must_use]
    pub fn exact() -> Self {
        Self::new(false, AnswerFrom::Text, 0.0)
    }

    /// `search-r1/subem@v0.2`: a right answer has to stand within the given one.
    #[must_use]
    pub fn within() -> Self {
        Self::new(true, AnswerFrom::Text, 0.0)
    }

    /// Takes the answer from somewhere else; the name gets `+record` for the record of the attempt.
    #[must_use]
    pub fn answers_from(self, from: AnswerFrom) -> Self {
        Self::new(self.is_within, from, self.format_score)
    }

    /// Gives a wrong answer that much, which was published as nought; the name says another one.
    #[must_use]
    pub fn format_score(self, format_score: f64) -> Self {
        Self::new(self.is_within, self.from, format_score)
    }

    fn new(is_within: bool, from: AnswerFrom, format_score: f64) -> Self {
        let name = from.name(if is_within { "search-r1/subem@v0.2" } else { "search-r1/em@v0.2" });
        let name = if format_score == 0.0 { name } else { format!("{name}(format={format_score})") };
        Self { name, is_within, from, format_score }
    }
}

#[async_trait]
impl Grader for SearchR1 {
    fn name(&self) -> &str {
        &self.name
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        Ok(KnownAnswers::graded(&self.name, attempt, |known| {
            let Some(answer) = self.from.search_r1(attempt) else { return known.nothing(0.0) };
            let said = search_r1(&answer);
            let is_correct = known.spellings().map(search_r1).any(|gold| is_match(&said, &gold, self.is_within));
            known.found(&answer, is_correct, if is_correct { 1.0 } else { self.format_score })
        }))
    }
}

pub(super) fn is_match(said: &str, gold: &str, is_within: bool) -> bool {
    if is_within { said.contains(gold) } else { said == gold }
}
