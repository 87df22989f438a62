//! Which attempts are meant.

use offseeker_trajectory::{Grade, Moment, Outcome, QuestionId, RunId, StopReason, Trajectory};

/// Which attempts are meant: those that fit everything that is said; the default fits all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// The run that they belong to.
    pub run: Option<RunId>,
    /// The question that they attempt.
    pub question: Option<QuestionId>,
    /// The model that made them.
    pub model: Option<String>,
    /// Whether they have ended.
    pub ended: Option<bool>,
    /// Why they ended, as [`StopReason::kind`] spells it: `answered`.
    pub stop: Option<String>,
    /// A grade that they have.
    pub grade: Option<GradeFilter>,
    /// When their first message was written, in milliseconds since 1970: not before this.
    pub from_ms: Option<u64>,
    /// When their first message was written, in milliseconds since 1970: before this.
    pub until_ms: Option<u64>,
}

/// Which grades are meant.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GradeFilter {
    /// The grader and its version.
    pub grader: String,
    /// What came of the attempt, as [`Outcome::kind`] spells it: `correct`.
    pub outcome: Option<String>,
    /// The least value; a grade without a value has none.
    pub at_least: Option<f64>,
    /// The greatest value; a grade without a value has none.
    pub at_most: Option<f64>,
}

impl Filter {
    /// The attempts of a run.
    #[must_use]
    pub fn of_run(run: RunId) -> Self {
        Self { run: Some(run), ..Self::default() }
    }

    /// Whether an attempt fits. A store may answer from an index instead, but never otherwise.
    #[must_use]
    pub fn fits(&self, trajectory: &Trajectory) -> bool {
        let is = |wanted: &Option<String>, found: Option<&str>| wanted.is_none() || wanted.as_deref() == found;
        let begun = trajectory.nodes().first().and_then(|node| node.at).map(|Moment { clock_ms, .. }| clock_ms);
        self.run.as_ref().is_none_or(|run| trajectory.run.as_ref() == Some(run))
            && self.question.as_ref().is_none_or(|question| trajectory.question.id == *question)
            && is(&self.model, trajectory.model.as_deref())
            && self.ended.is_none_or(|ended| trajectory.stop.is_some() == ended)
            && is(&self.stop, trajectory.stop.as_ref().map(StopReason::kind))
            && self.grade.as_ref().is_none_or(|wanted| trajectory.grades.iter().any(|grade| wanted.fits(grade)))
            && self.from_ms.is_none_or(|from| begun.is_some_and(|begun| begun >= from))
            && self.until_ms.is_none_or(|until| begun.is_some_and(|begun| begun < until))
    }
}

impl GradeFilter {
    /// Whether a grade fits.
    #[must_use]
    pub fn fits(&self, grade: &Grade) -> bool {
        grade.grader == self.grader
            && self.outcome.as_deref().is_none_or(|outcome| Outcome::kind(&grade.outcome) == outcome)
            && self.at_least.is_none_or(|least| grade.value.is_some_and(|value| value >= least))
            && self.at_most.is_none_or(|most| grade.value.is_some_and(|value| value <= most))
    }
}
