//! What a rule needs to know of an attempt before it can compare anything.

use offseeker_trajectory::{Answer, Evidence, Grade, Outcome, StopReason, Trajectory};

/// An attempt at a question whose answers are known: what a rule compares, and how it says what it found.
///
/// It is the beginning of every scorer here, and of use to others.
///
/// ```
/// use offseeker_grading::scorers::KnownAnswers;
/// use offseeker_trajectory::{Outcome, Question, Trajectory};
///
/// let mut attempt = Trajectory::new(Question::new("Which river?", ["the Orsa"]), 0);
/// attempt.answer = Some("the Orsa".into());
/// let known = KnownAnswers::of("shouting@1", &attempt).expect("the answers are known");
/// let is_right = known.spellings().any(|spelling| spelling == "the Orsa");
/// assert_eq!(known.found("the Orsa", is_right, 1.0).outcome, Outcome::Correct);
///
/// let unknown = Trajectory::new(Question::new::<&str>("Which river?", []), 0);
/// assert_eq!(KnownAnswers::of("shouting@1", &unknown).unwrap_err().value, None);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct KnownAnswers<'a> {
    grader: &'a str,
    attempt: &'a Trajectory,
}

impl<'a> KnownAnswers<'a> {
    /// Takes an attempt, or says by an unscored grade why nothing can be said of it: it ended through no fault of its own,
    /// it is under way, no answer is known.
    ///
    /// # Errors
    ///
    /// The grade.
    // The grade is the result, only a final one.
    #[allow(clippy::result_large_err)]
    pub fn of(grader: &'a str, attempt: &'a Trajectory) -> Result<Self, Grade> {
        if let Some(grade) = no_fault(grader, attempt) {
            return Err(grade);
        }
        if attempt.stop.is_none() && attempt.answer.is_none() {
            return Err(Grade::unscored(grader, "the attempt has not ended"));
        }
        let known = Self { grader, attempt };
        if known.spellings().next().is_none() {
            return Err(Grade::unscored(grader, "no answer to the question is known"));
        }
        Ok(known)
    }

    /// Grades an attempt by a rule, where something can be said of it; else says why not.
    pub fn graded(grader: &'a str, attempt: &'a Trajectory, rule: impl FnOnce(Self) -> Grade) -> Grade {
        Self::of(grader, attempt).map_or_else(|unscored| unscored, rule)
    }

    /// Every way to write every right answer; blank ones are none.
    pub fn spellings(self) -> impl Iterator<Item = &'a str> {
        let all = self.attempt.question.answers.iter().flat_map(Answer::spellings);
        all.filter(|spelling| !spelling.trim().is_empty())
    }

    /// The grade of an answer that was compared.
    #[must_use]
    pub fn found(self, answer: &str, is_correct: bool, value: f64) -> Grade {
        let outcome = if is_correct { Outcome::Correct } else { Outcome::Wrong };
        let mut grade = Grade::scored(self.grader, outcome, value);
        grade.evidence.push(Evidence { claim: "what was compared".to_owned(), node: None, quote: answer.to_owned() });
        grade
    }

    /// The grade where there is no answer: malformed where nothing that was written could be read.
    #[must_use]
    pub fn nothing(self, value: f64) -> Grade {
        let is_malformed = matches!(self.attempt.stop, Some(StopReason::Malformed));
        let outcome = if is_malformed { Outcome::Malformed } else { Outcome::NoAnswer };
        Grade::scored(self.grader, outcome, value)
    }
}

/// The grade of an attempt that ended through no fault of its own: unscored. None for any other.
#[must_use]
pub fn no_fault(grader: &str, attempt: &Trajectory) -> Option<Grade> {
    let stop = attempt.stop.as_ref().filter(|stop| stop.is_infrastructure())?;
    Some(Grade::unscored(grader, format!("{NO_FAULT}: {}", stop.kind())))
}

/// How the reason begins for which an attempt is unscored that ended through no fault of its own.
pub(crate) const NO_FAULT: &str = "the attempt ended through no fault of its own";
