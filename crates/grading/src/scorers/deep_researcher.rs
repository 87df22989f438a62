//! The rewards of DeepResearcher.

use async_trait::async_trait;
use offseeker_trajectory::{Grade, Outcome, Trajectory};

use super::{AnswerFrom, KnownAnswers, f1_of_sets};
use crate::text::{deep_researcher, deep_researcher_answer, deep_researcher_tags_balance, final_answer, written};
use crate::{GradeError, Grader};

/// What stands between several right answers in one text.
const BETWEEN_ANSWERS: &str = "<|answer_split|>";

/// The rewards of DeepResearcher: -1 where the tags in what the model wrote do not balance, or where there is no answer;
/// else how much of the first answer between tags is right.
///
/// Words are compared after [its rules](deep_researcher), under which articles count. A right answer may be several, with
/// `<|answer_split|>` between them.
#[derive(Debug, Clone)]
pub struct DeepResearcher {
    name: String,
    is_exact: bool,
    from: AnswerFrom,
}

impl DeepResearcher {
    /// `deepresearcher/f1@1`: F1 over sets of words.
    #[must_use]
    pub fn f1() -> Self {
        Self::new(false, AnswerFrom::Text)
    }

    /// `deepresearcher/em@1`: 1 for an equal answer, nought for another.
    #[must_use]
    pub fn exact() -> Self {
        Self::new(true, AnswerFrom::Text)
    }

    /// Takes the answer from somewhere else; with the record of the attempt the name gets `+record`, and tags do not count.
    #[must_use]
    pub fn answers_from(self, from: AnswerFrom) -> Self {
        Self::new(self.is_exact, from)
    }

    fn new(is_exact: bool, from: AnswerFrom) -> Self {
        let name = from.name(if is_exact { "deepresearcher/em@1" } else { "deepresearcher/f1@1" });
        Self { name, is_exact, from }
    }
}

#[async_trait]
impl Grader for DeepResearcher {
    fn name(&self) -> &str {
        &self.name
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        Ok(KnownAnswers::graded(&self.name, attempt, |known| {
            let answer = match self.from {
                AnswerFrom::Record => final_answer(attempt).map(str::to_owned),
                AnswerFrom::Text => {
                    let text = written(attempt);
                    if !deep_researcher_tags_balance(&text) {
                        return Grade::scored(&self.name, Outcome::Malformed, -1.0);
                    }
                    deep_researcher_answer(&text)
                }
            };
            let Some(answer) = answer else { return known.nothing(-1.0) };
            let said = deep_researcher(&answer);
            let golds = known.spellings().flat_map(|spelling| spelling.split(BETWEEN_ANSWERS)).map(deep_researcher);
            let (f1, is_correct) = golds.fold((0.0, false), |(best, is_correct), gold| {
                (f64::max(best, f1_of_sets(&said, &gold)), is_correct || said == gold)
            });
            let value = if self.is_exact { f64::from(u8::from(is_correct)) } else { f1 };
            let mut grade = known.found(&answer, is_correct, value);
            grade.components.insert("f1".to_owned(), f1);
            grade
        }))
    }
}
