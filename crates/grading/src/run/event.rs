//! What happens in a run.

use std::fmt;
use std::sync::Arc;

use offseeker_trajectory::{Grade, QuestionId, TrajectoryId};

use crate::GradeError;

/// What happens in a run.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A grade is written.
    Graded {
        /// The attempt.
        attempt: &'a TrajectoryId,
        /// Its grade.
        grade: &'a Grade,
    },
    /// A grader could not say anything; the next run asks it again.
    Failed {
        /// The grader.
        grader: &'a str,
        /// The question.
        question: &'a QuestionId,
        /// The attempts that it was shown: one, or a group.
        attempts: &'a [&'a TrajectoryId],
        /// Why it could not.
        error: &'a GradeError,
    },
}

/// Is told what happens in a run.
#[derive(Clone)]
pub struct Watcher(Arc<dyn Fn(Event<'_>) + Send + Sync>);

impl Watcher {
    /// Tells a function.
    pub fn new(tell: impl Fn(Event<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    pub(super) fn tell(&self, event: Event<'_>) {
        (self.0)(event);
    }
}

impl Default for Watcher {
    /// Tells nobody.
    fn default() -> Self {
        Self::new(|_| {})
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watcher").finish_non_exhaustive()
    }
}
