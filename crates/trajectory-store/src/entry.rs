//! What is written into a store.

use offseeker_trajectory::{Grade, Node, NodeId, StopReason, Trajectory, TrajectoryId};

use crate::{Manifest, StoreError};

/// One thing that is written into a store.
///
/// Writing the same thing again changes nothing, so a program that does not know whether a write came through writes
/// again. Writing something else in its place is a [conflict](crate::StoreError::Conflict).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Entry {
    /// A run, before anything in it. Its id is [`Manifest::id`].
    Run(Box<Manifest>),
    /// An attempt with what is known of it before anything was said: it has no nodes, no end and no grades.
    Begin(Box<Trajectory>),
    /// A message in its place.
    ///
    /// Places may be filled out of order, because calls that are made side by side end when they end. What stands
    /// behind a gap is [`Stored::ahead`](crate::Stored::ahead).
    Node {
        /// The attempt.
        attempt: TrajectoryId,
        /// The place.
        place: NodeId,
        /// The message.
        node: Box<Node>,
    },
    /// The end of an attempt, after which nothing but grades is written.
    End {
        /// The attempt.
        attempt: TrajectoryId,
        /// Why it ended.
        stop: StopReason,
        /// The answer, where one was given.
        answer: Option<String>,
    },
    /// Takes back an end that was [no fault of the attempt's own](StopReason::is_infrastructure), so that it goes on.
    Reopen {
        /// The attempt.
        attempt: TrajectoryId,
    },
    /// A grade, which takes the place of an earlier one by the same grader.
    Grade {
        /// The attempt.
        attempt: TrajectoryId,
        /// What is thought of it.
        grade: Box<Grade>,
    },
}

impl Entry {
    /// The attempt that it belongs to; none for a run.
    #[must_use]
    pub fn attempt(&self) -> Option<&TrajectoryId> {
        match self {
            Self::Run(_) => None,
            Self::Begin(trajectory) => Some(&trajectory.id),
            Self::Node { attempt, .. }
            | Self::End { attempt, .. }
            | Self::Reopen { attempt }
            | Self::Grade { attempt, .. } => Some(attempt),
        }
    }
}

/// Refuses a beginning that has what entries of their own are for.
pub(crate) fn check_bare(beginning: &Trajectory) -> Result<(), StoreError> {
    let is_bare = beginning.nodes().is_empty()
        && beginning.stop.is_none()
        && beginning.answer.is_none()
        && beginning.grades.is_empty();
    if is_bare {
        return Ok(());
    }
    Err(StoreError::invalid("an attempt begins without messages, end and grades; they are entries of their own"))
}
