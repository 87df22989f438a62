//! Our own rules: spellings of any script, numbers, dates.

use async_trait::async_trait;
use offseeker_trajectory::{Grade, Trajectory};

use super::KnownAnswers;
use crate::text::{Date, Quantity, comparable, final_answer};
use crate::{GradeError, Grader};

/// `offseeker/match@1`: any spelling of any right answer, as [`comparable`] makes them equal; else the same [`Quantity`];
/// else a [`Date`] that says all that the right one does.
///
/// It takes little for the same that is not, and is meant to stand before a judge: what it calls wrong may be right in
/// other words.
#[derive(Debug, Clone, Copy, Default)]
pub struct Match;

impl Match {
    /// Whether an answer is the same as a right one.
    #[must_use]
    pub fn is_same(answer: &str, gold: &str) -> bool {
        comparable(answer) == comparable(gold)
            || is_same_number(answer, gold)
            || is_same_date(answer, gold) == Some(true)
    }
}

fn is_same_number(answer: &str, gold: &str) -> bool {
    let read = Quantity::read(gold).and_then(|gold| Some(Quantity::read(answer)?.is(&gold, 0.0)));
    read == Some(true)
}

/// Whether an answer is the same date as a right one; none where the right one is no date.
fn is_same_date(answer: &str, gold: &str) -> Option<bool> {
    let gold = Date::read(gold)?;
    Some(Date::read(answer).is_some_and(|date| date.fits(&gold)))
}

#[async_trait]
impl Grader for Match {
    fn name(&self) -> &'static str {
        "offseeker/match@1"
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        Ok(compared(self.name(), attempt, |answer, gold| Some(Self::is_same(answer, gold)), "text"))
    }
}

/// `offseeker/number@1`: the same number, with whatever units, within a tolerance. Right answers that are no numbers do not
/// count, and a question with no other is unscored.
#[derive(Debug, Clone)]
pub struct NumberMatch {
    name: String,
    tolerance: f64,
}

impl Default for NumberMatch {
    fn default() -> Self {
        Self { name: "offseeker/number@1".to_owned(), tolerance: 0.0 }
    }
}

impl NumberMatch {
    /// Lets the number be off by a part of the right one: 0.01 is one in a hundred. The name says it.
    #[must_use]
    pub fn within(tolerance: f64) -> Self {
        Self { name: format!("offseeker/number@1(within={tolerance})"), tolerance }
    }
}

#[async_trait]
impl Grader for NumberMatch {
    fn name(&self) -> &str {
        &self.name
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        let is_same = |answer: &str, gold: &str| {
            let gold = Quantity::read(gold)?;
            Some(Quantity::read(answer).is_some_and(|number| number.is_in_number(&gold, self.tolerance)))
        };
        Ok(compared(&self.name, attempt, is_same, "number"))
    }
}

/// `offseeker/date@1`: a date, in any spelling, that says all that the right one does. Right answers that are no dates do
/// not count, and a question with no other is unscored.
#[derive(Debug, Clone, Copy, Default)]
pub struct DateMatch;

#[async_trait]
impl Grader for DateMatch {
    fn name(&self) -> &'static str {
        "offseeker/date@1"
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        Ok(compared(self.name(), attempt, is_same_date, "date"))
    }
}

/// The grade by a rule that says of a right answer whether the given one is the same, or that it is not of its kind.
fn compared(grader: &str, attempt: &Trajectory, rule: impl Fn(&str, &str) -> Option<bool>, kind: &str) -> Grade {
    KnownAnswers::graded(grader, attempt, |known| {
        let answer = final_answer(attempt);
        let found: Vec<bool> = known.spellings().filter_map(|gold| rule(answer.unwrap_or_default(), gold)).collect();
        if found.is_empty() {
            return Grade::unscored(grader, format!("no known answer to the question is a {kind}"));
        }
        let Some(answer) = answer else { return known.nothing(0.0) };
        let is_correct = found.contains(&true);
        known.found(answer, is_correct, f64::from(u8::from(is_correct)))
    })
}
