//! Why an attempt takes no further step.

use offseeker_chat::ChatError;
use offseeker_tools::ToolError;
use offseeker_trajectory::{Limit, StopReason};
use offseeker_trajectory_store::StoreError;

use crate::ProtocolError;

/// Why an attempt takes no further step.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Halt {
    /// It has ended, for this reason.
    #[error("the attempt has ended: {}", .0.kind())]
    Ended(StopReason),
    /// It rests, and goes on when it is taken up again.
    #[error("the attempt rests: {0}")]
    Rests(#[from] Pause),
}

/// Why an attempt rests. It has not ended: taken up again, it goes on where it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Pause {
    /// Somebody asked for it.
    #[error("somebody asked to stop")]
    Stopped,
    /// What is spent on the whole run is at its limit.
    #[error("{reason}")]
    Budget {
        /// The limit.
        which: Limit,
        /// What was spent, in words.
        reason: String,
    },
    /// Its tools cannot be made.
    #[error("the tools cannot be made: {reason}")]
    Tools {
        /// What went wrong.
        reason: String,
    },
    /// Nobody knows how to read what its model writes.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
    /// It cannot be written down.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ProtocolError> for Halt {
    fn from(error: ProtocolError) -> Self {
        Self::Rests(Pause::Protocol(error))
    }
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Rests(Pause::Store(error))
    }
}

impl Pause {
    /// The reason to stop that an attempt is given which nobody will take up again.
    #[must_use]
    pub fn as_stop(&self) -> StopReason {
        match self {
            Self::Stopped => StopReason::Cancelled,
            Self::Tools { reason } => StopReason::ToolFailure { tool: String::new(), reason: reason.clone() },
            Self::Budget { which, .. } => StopReason::Limit { which: *which },
            Self::Protocol(error) => StopReason::ModelFailure { reason: error.to_string() },
            Self::Store(error) => StopReason::StoreFailure { reason: error.to_string() },
        }
    }
}

impl Halt {
    /// The end of an attempt whose model could not be asked.
    pub(crate) fn of_model(error: ChatError) -> Self {
        match error {
            ChatError::Refused { .. } => Self::Ended(StopReason::Refused),
            ChatError::ContextTooLong { .. } => Self::Ended(StopReason::Limit { which: Limit::Context }),
            ChatError::Budget { which, .. } => Self::Rests(Pause::Budget { which, reason: error.to_string() }),
            error => Self::Ended(StopReason::ModelFailure { reason: error.to_string() }),
        }
    }

    /// The end of an attempt whose tool is broken.
    pub(crate) fn of_tool(error: &ToolError) -> Self {
        Self::Ended(StopReason::ToolFailure { tool: error.tool().to_owned(), reason: error.to_string() })
    }
}
