//! Why a call ends the attempt.

use serde::{Deserialize, Serialize};

/// What the model cannot be told of, because it is no fault of its own and nothing that it does would help. It ends
/// the attempt. No text in it holds a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ToolError {
    /// The tool is broken: a sandbox that cannot be set up, a disk that cannot be read.
    #[error("the tool {tool} is broken: {reason}")]
    Broken {
        /// The tool.
        tool: String,
        /// What is wrong.
        reason: String,
    },
    /// A strict replay has no recording of the call.
    #[error("nothing is recorded for this call of {tool}: {reason}; record it first, or replay without being strict")]
    NotRecorded {
        /// The tool.
        tool: String,
        /// What was asked.
        reason: String,
    },
}

impl ToolError {
    /// The tool is broken.
    pub fn broken(tool: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Broken { tool: tool.into(), reason: reason.into() }
    }

    /// The tool.
    #[must_use]
    pub fn tool(&self) -> &str {
        match self {
            Self::Broken { tool, .. } | Self::NotRecorded { tool, .. } => tool,
        }
    }
}
