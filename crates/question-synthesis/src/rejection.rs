//! Why a draft does not become a question.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a draft does not become a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// The pass that says so.
    pub pass: String,
    /// What is wrong, in a word that stays the same, so that it can be counted: `not_unique`.
    pub code: String,
    /// What is wrong, for a reader.
    pub reason: String,
    /// Whether it is settled.
    pub ruling: Ruling,
}

/// Whether the fate of a draft is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// There is to be no such question.
    Rejected,
    /// It could not be found out: something was out of reach, or what came back could not be read. The draft is tried
    /// again.
    Undetermined,
}

impl Rejection {
    /// There is to be no such question.
    pub fn rejected(pass: &str, code: &str, reason: impl Into<String>) -> Self {
        Self { pass: pass.to_owned(), code: code.to_owned(), reason: reason.into(), ruling: Ruling::Rejected }
    }

    /// It could not be found out.
    pub fn undetermined(pass: &str, code: &str, reason: impl Into<String>) -> Self {
        Self { ruling: Ruling::Undetermined, ..Self::rejected(pass, code, reason) }
    }

    /// Whether it could not be found out.
    #[must_use]
    pub fn is_undetermined(&self) -> bool {
        self.ruling == Ruling::Undetermined
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settled = if self.is_undetermined() { "could not tell" } else { "rejects it" };
        write!(f, "{} {settled} ({}): {}", self.pass, self.code, self.reason)
    }
}

impl std::error::Error for Rejection {}
