//! Why a message ends where it ends.

use serde::{Deserialize, Serialize};

/// Why a message ends where it ends.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Finish {
    /// The model was done, or wrote a stop string.
    Stop {
        /// The stop string, which the message does not contain, where the server says which it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on: Option<String>,
    },
    /// The model had written as many tokens as it may.
    Length,
    /// The model waits for the results of its calls.
    ToolCalls,
    /// The server's filter cut it off.
    Filtered,
    /// The server gave a reason that is not known here.
    Other {
        /// The reason in the server's words.
        reason: String,
    },
}
