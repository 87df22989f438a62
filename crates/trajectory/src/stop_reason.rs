//! Why an attempt ended.

use serde::{Deserialize, Serialize};

/// Why an attempt ended. Every attempt has exactly one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum StopReason {
    /// The model gave an answer of its own accord.
    Answered,
    /// The model gave an answer in the last turn that a limit leaves it, without tools.
    ForcedAnswer {
        /// The limit that was reached.
        why: Limit,
    },
    /// A limit was reached and there is no answer.
    Limit {
        /// The limit that was reached.
        which: Limit,
    },
    /// The model went in circles and did not stop when told so.
    Loop,
    /// The model wrote what no parser could read, as often as was allowed.
    Malformed,
    /// The model, or its server's filter, declined.
    Refused,
    /// A page or a query was kept from the attempt because it would have given the answer away.
    Forbidden,
    /// The model could not be reached or answered nonsense; no fault of the attempt.
    ModelFailure {
        /// What went wrong, without secrets.
        reason: String,
    },
    /// A tool broke in a way that the model cannot be told of; no fault of the attempt.
    ToolFailure {
        /// The tool.
        tool: String,
        /// What went wrong, without secrets.
        reason: String,
    },
    /// What was done could not be written down; no fault of the attempt.
    StoreFailure {
        /// What went wrong, without secrets.
        reason: String,
    },
    /// Somebody stopped the run.
    Cancelled,
    /// The program died in the middle and the attempt cannot be taken up again.
    Crashed,
}

impl StopReason {
    /// Its kind, as it is written: `forced_answer`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::ForcedAnswer { .. } => "forced_answer",
            Self::Limit { .. } => "limit",
            Self::Loop => "loop",
            Self::Malformed => "malformed",
            Self::Refused => "refused",
            Self::Forbidden => "forbidden",
            Self::ModelFailure { .. } => "model_failure",
            Self::ToolFailure { .. } => "tool_failure",
            Self::StoreFailure { .. } => "store_failure",
            Self::Cancelled => "cancelled",
            Self::Crashed => "crashed",
        }
    }

    /// Whether the attempt ended through no fault of its own.
    ///
    /// Such an attempt says nothing about the question: it is neither wrong nor a sign that the question is hard.
    ///
    /// ```
    /// use offseeker_trajectory::{Limit, StopReason};
    ///
    /// assert!(StopReason::Cancelled.is_infrastructure());
    /// assert!(!StopReason::Limit { which: Limit::Turns }.is_infrastructure());
    /// ```
    #[must_use]
    pub fn is_infrastructure(&self) -> bool {
        match self {
            Self::ModelFailure { .. }
            | Self::ToolFailure { .. }
            | Self::StoreFailure { .. }
            | Self::Cancelled
            | Self::Crashed => true,
            Self::Answered
            | Self::ForcedAnswer { .. }
            | Self::Limit { .. }
            | Self::Loop
            | Self::Malformed
            | Self::Refused
            | Self::Forbidden => false,
        }
    }
}

/// A limit that an attempt can reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Limit {
    /// Turns of the model.
    Turns,
    /// Calls of tools.
    Calls,
    /// Requests to models.
    Requests,
    /// Tokens read and written in all.
    Tokens,
    /// Tokens that fit into the model's window.
    Context,
    /// Time on the clock.
    WallTime,
    /// Time on the clock less the time spent waiting for rate limits.
    WorkTime,
    /// Money.
    Cost,
}
