//! Which attempts at a question gave the same answer, in whatever words.

use std::sync::Arc;

use async_trait::async_trait;
use offseeker_grading::text::{comparable, final_answer};
use offseeker_grading::{GradeError, Grader, GroupGrader};
use offseeker_trajectory::{Answer, Grade, Outcome, Question, StopReason, Trajectory, content_id};

/// Says which attempts at a question gave the same answer, in whatever words: what a majority is counted by.
///
/// Answers that are [spelled alike](comparable) are the same. Of others a grader is asked, with one answer in the place of
/// the right one: a judge that knows what is right in other words also knows what is the same in other words. Each answer
/// is held against one of each that was there before; where the grader cannot tell, it is another one.
///
/// It grades groups, so a [`Grading`](offseeker_grading::run::Grading) asks once and writes down what it heard. The grade is
/// no verdict: its value is the number of the answer among those that were given, from nought.
///
/// ```
/// use std::sync::Arc;
///
/// use offseeker_evaluation::SameAnswers;
/// use offseeker_grading::{GroupGrader, scorers};
/// use offseeker_trajectory::{Question, StopReason, Trajectory};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), offseeker_grading::GradeError> {
/// let said = |(number, answer): (u32, &str)| {
///     let mut attempt = Trajectory::new(Question::new("When was the mill built?", ["1790"]), number);
///     attempt.stop = Some(StopReason::Answered);
///     attempt.answer = Some(answer.to_owned());
///     attempt
/// };
/// let attempts: Vec<_> = (0..).zip(["12 May 1790", "1812", "1790-05-12"]).map(said).collect();
/// let grades = SameAnswers::by(scorers::DateMatch).grade(&attempts).await?;
/// assert_eq!(grades.iter().map(|grade| grade.value).collect::<Vec<_>>(), [Some(0.0), Some(1.0), Some(0.0)]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct SameAnswers {
    name: String,
    grader: Arc<dyn Grader>,
}

impl SameAnswers {
    /// What the rule is called that asks nobody: answers are the same where they are spelled alike.
    pub const SPELLED_ALIKE: &str = "offseeker/spelled-alike@1";

    /// Asks a grader that compares an answer with a right one.
    #[must_use]
    pub fn by(grader: impl Grader + 'static) -> Self {
        Self { name: format!("offseeker/same-answers@1({})", grader.name()), grader: Arc::new(grader) }
    }

    /// What an answer shares with others that are spelled like it.
    pub(super) fn spelling(attempt: &Trajectory) -> Option<String> {
        content_id(&comparable(final_answer(attempt)?)).ok()
    }

    /// What an answer shares with those that are the same, as this has said it.
    pub(super) fn said(&self, attempt: &Trajectory) -> Option<String> {
        let grade = attempt.grades.iter().rev().find(|grade| grade.grader == self.name)?;
        grade.value.map(|number| number.to_string())
    }

    /// Whether two answers to a question are the same.
    async fn are_same(&self, question: &Question, known: &str, answer: &str) -> Result<bool, GradeError> {
        if comparable(known) == comparable(answer) {
            return Ok(true);
        }
        let mut asked = Trajectory::new(Question { answers: vec![Answer::from(known)], ..question.clone() }, 0);
        asked.stop = Some(StopReason::Answered);
        asked.answer = Some(answer.to_owned());
        Ok(self.grader.grade(&asked).await?.outcome == Outcome::Correct)
    }
}

#[async_trait]
impl GroupGrader for SameAnswers {
    fn name(&self) -> &str {
        &self.name
    }

    async fn grade(&self, attempts: &[Trajectory]) -> Result<Vec<Grade>, GradeError> {
        let mut grades: Vec<Grade> =
            attempts.iter().map(|_| Grade::unscored(&self.name, "there is no answer")).collect();
        // Whoever reads them in another order numbers them alike.
        let mut order: Vec<usize> = (0..attempts.len()).collect();
        order.sort_by_key(|at| attempts[*at].attempt);
        let mut known: Vec<&str> = Vec::new();
        for at in order {
            let Some(answer) = final_answer(&attempts[at]) else { continue };
            let mut number = 0;
            while number < known.len() && !self.are_same(&attempts[at].question, known[number], answer).await? {
                number += 1;
            }
            if number == known.len() {
                known.push(answer);
            }
            let reason = "it says which answers are the same, not which are right";
            // There are fewer attempts at a question than a float counts exactly.
            #[allow(clippy::cast_precision_loss)]
            let value = Some(number as f64);
            grades[at] = Grade { value, ..Grade::unscored(&self.name, reason) };
        }
        Ok(grades)
    }
}
