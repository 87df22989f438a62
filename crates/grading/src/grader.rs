//! The ports: how good one attempt is, all attempts at a question, one step.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use offseeker_trajectory::{Grade, NodeId, Span, Trajectory};

use crate::GradeError;

/// Says how good a finished attempt is.
///
/// A grader of one's own, for answers that have to be short:
///
/// ```
/// use async_trait::async_trait;
/// use offseeker_grading::scorers::KnownAnswers;
/// use offseeker_grading::{GradeError, Grader, text};
/// use offseeker_trajectory::{Grade, Question, StopReason, Trajectory};
///
/// #[derive(Debug)]
/// struct Brief {
///     words: usize,
/// }
///
/// #[async_trait]
/// impl Grader for Brief {
///     fn name(&self) -> &str {
///         "mine/brief@1"
///     }
///
///     async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
///         let known = match KnownAnswers::of(self.name(), attempt) {
///             Ok(known) => known,
///             Err(unscored) => return Ok(unscored),
///         };
///         let Some(answer) = text::final_answer(attempt) else { return Ok(known.nothing(0.0)) };
///         let is_right = known.spellings().any(|gold| text::comparable(answer).contains(&text::comparable(gold)));
///         let is_brief = answer.split_whitespace().count() <= self.words;
///         Ok(known.found(answer, is_right, if is_right && is_brief { 1.0 } else { 0.0 }))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), GradeError> {
/// let mut attempt = Trajectory::new(Question::new("Which river?", ["the Orsa"]), 0);
/// attempt.stop = Some(StopReason::Answered);
/// attempt.answer = Some("It is, as everybody knows, the Orsa".into());
/// assert_eq!(Brief { words: 3 }.grade(&attempt).await?.value, Some(0.0));
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait Grader: Debug + Send + Sync {
    /// Its name and version, as they stand in its grades: `gaia/quasi-exact@1`.
    fn name(&self) -> &str;

    /// How good the attempt is.
    ///
    /// A grade without a value says for good that there is none: the question has no known answer, the judge's words could
    /// not be read.
    ///
    /// # Errors
    ///
    /// When nothing could be found out now, such as when the judge does not reply.
    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError>;
}

/// Says how good attempts at one question are, seen together.
#[async_trait]
pub trait GroupGrader: Debug + Send + Sync {
    /// Its name and version, as they stand in its grades.
    fn name(&self) -> &str;

    /// How good each attempt is, in the order of the attempts.
    ///
    /// # Errors
    ///
    /// When nothing could be found out now.
    async fn grade(&self, attempts: &[Trajectory]) -> Result<Vec<Grade>, GradeError>;
}

/// Says how good one step of an attempt is.
#[async_trait]
pub trait StepGrader: Debug + Send + Sync {
    /// Its name and version, as they stand in its grades.
    fn name(&self) -> &str;

    /// How good it was to write this message; none where it cannot be told.
    ///
    /// # Errors
    ///
    /// When nothing could be found out now.
    async fn grade(&self, attempt: &Trajectory, step: NodeId) -> Result<Option<Span>, GradeError>;
}

#[async_trait]
impl<G: Grader + ?Sized> Grader for Arc<G> {
    fn name(&self) -> &str {
        (**self).name()
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        (**self).grade(attempt).await
    }
}

#[async_trait]
impl<G: GroupGrader + ?Sized> GroupGrader for Arc<G> {
    fn name(&self) -> &str {
        (**self).name()
    }

    async fn grade(&self, attempts: &[Trajectory]) -> Result<Vec<Grade>, GradeError> {
        (**self).grade(attempts).await
    }
}

#[async_trait]
impl<G: StepGrader + ?Sized> StepGrader for Arc<G> {
    fn name(&self) -> &str {
        (**self).name()
    }

    async fn grade(&self, attempt: &Trajectory, step: NodeId) -> Result<Option<Span>, GradeError> {
        (**self).grade(attempt, step).await
    }
}
