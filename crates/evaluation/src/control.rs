//! What figures are held against: attempts under conditions that leave something out, or give something away.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a contestant is held against: the same model under conditions that leave something out, or give something away.
///
/// Every report names it beside the figure, so that it cannot be taken for a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Control {
    /// Asked for the answer at once, without tools: one turn.
    ///
    /// It shows what can be had from memory and from the question itself, as far as the model answers at all. A model that
    /// was only ever trained to look things up has never answered like that, so a low figure does not show that it does
    /// not know, and nothing here shows that a set is not in its training data.
    ClosedBook,
    /// The same protocol and limits with no tool; whatever it calls, it is told that there is no such tool.
    NoTools,
    /// Given the documents that hold the answer, and no tool: how far reading is what fails.
    Oracle,
}

impl Control {
    /// Its name, as it is written: `closed_book`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClosedBook => "closed_book",
            Self::NoTools => "no_tools",
            Self::Oracle => "oracle",
        }
    }
}

impl fmt::Display for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.as_str().replace('_', " "))
    }
}
