//! What runs code here, and what protects the machine from it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What interprets code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Engine {
    /// The `python3` of this machine.
    Python,
    /// An interpreter of a subset of Python that is built in.
    Monty,
}

impl Engine {
    /// Its name: `python`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Monty => "monty",
        }
    }
}

/// What runs code here, and what protects the machine from it, for the manifest of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// What interprets it.
    pub engine: Engine,
    /// Its version.
    pub version: String,
    /// The protections that hold: seen on a process that was started to see.
    pub enforced: Vec<String>,
    /// The protections that this system does not give.
    pub missing: Vec<String>,
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}; enforced: {}", self.engine.name(), self.version, self.enforced.join(", "))?;
        if !self.missing.is_empty() {
            write!(f, "; missing: {}", self.missing.join(", "))?;
        }
        Ok(())
    }
}
