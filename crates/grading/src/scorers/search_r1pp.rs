//! The reward of Search-R1++: F1 less penalties, so that not answering is worse than answering wrong.

use async_trait::async_trait;
use offseeker_trajectory::{Grade, Trajectory};

use super::{AnswerFrom, KnownAnswers, f1_of_bags};
use crate::text::search_r1;
use crate::{GradeError, Grader};

/// What Search-R1++ takes off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct F1Penalties {
    /// For an attempt that called no tool. 0.1.
    pub no_search: f64,
    /// For an attempt without an answer. 0.1.
    pub no_answer: f64,
}

impl Default for F1Penalties {
    fn default() -> Self {
        Self { no_search: 0.1, no_answer: 0.1 }
    }
}

/// `search-r1pp/f1plus@1`: F1 over words after Search-R1's rules, the best over all right answers, less penalties.
///
/// With F1 alone no answer is worth as much as a wrong one, and a policy learns to give none.
#[derive(Debug, Clone)]
pub struct SearchR1F1Plus {
    name: String,
    penalties: F1Penalties,
    from: AnswerFrom,
}

impl Default for SearchR1F1Plus {
    fn default() -> Self {
        Self::new(F1Penalties::default(), AnswerFrom::Text)
    }
}

impl SearchR1F1Plus {
    /// Takes off something else, or takes the answer from elsewhere; where it is not as published, the name says so.
    #[must_use]
    pub fn new(penalties: F1Penalties, from: AnswerFrom) -> Self {
        let F1Penalties { no_search, no_answer } = penalties;
        let mut name = from.name("search-r1pp/f1plus@1");
        if penalties != F1Penalties::default() {
            name += &format!("(search={no_search},answer={no_answer})");
        }
        Self { name, penalties, from }
    }
}

#[async_trait]
impl Grader for SearchR1F1Plus {
    fn name(&self) -> &str {
        &self.name
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        Ok(KnownAnswers::graded(&self.name, attempt, |known| {
            let unsearched = if has_searched(attempt) { 0.0 } else { self.penalties.no_search };
            let Some(answer) = self.from.search_r1(attempt) else {
                return known.nothing(-unsearched - self.penalties.no_answer);
            };
            let said = search_r1(&answer);
            let (f1, is_correct) = known.spellings().map(search_r1).fold((0.0, false), |(best, is_correct), gold| {
                (f64::max(best, f1_of_bags(&said, &gold)), is_correct || said == gold)
            });
            let mut grade = known.found(&answer, is_correct, f1 - unsearched);
            grade.components.insert("f1".to_owned(), f1);
            grade.components.insert("no_search".to_owned(), -unsearched);
            grade
        }))
    }
}

/// Whether the attempt called a tool, in a message that was kept.
fn has_searched(attempt: &Trajectory) -> bool {
    attempt.nodes().iter().any(|node| {
        let sampled = node.as_sampled().filter(|sampled| sampled.discarded.is_none() && sampled.aside.is_none());
        let tags = || node.message.content.contains("<search>");
        sampled.is_some_and(|sampled| !sampled.calls.is_empty() || !node.message.tool_calls.is_empty() || tags())
    })
}
