//! What happens in a run.

use offseeker_trajectory::{StopReason, TrajectoryId, Usage};

use super::Pace;

/// What happens in a run.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// Questions came in.
    Planned {
        /// How many attempts are new.
        new: u64,
    },
    /// An attempt begins, or goes on.
    Begun {
        /// The attempt.
        attempt: TrajectoryId,
        /// How many messages it already has.
        messages: usize,
    },
    /// An attempt has ended.
    Ended {
        /// The attempt.
        attempt: TrajectoryId,
        /// Why.
        stop: StopReason,
        /// What it cost.
        usage: Usage,
    },
    /// An attempt rests, and goes on when the run does.
    Rested {
        /// The attempt.
        attempt: TrajectoryId,
        /// Why, in words.
        reason: String,
    },
    /// How far the run is; about every second.
    Progress(Pace),
}
