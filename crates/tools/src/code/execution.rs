//! What came of a piece of code.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Bound, Printed};

/// How a piece of code ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// It came to an end by itself.
    Finished {
        /// Its exit status: nought where all went well, one after an exception that nobody caught.
        exit: i32,
    },
    /// It reached a limit.
    Exceeded {
        /// Which.
        bound: Bound,
    },
    /// A signal ended it, which it sent to itself or which the system sent: it crashed, or it was not allowed to live.
    Killed {
        /// The number of the signal.
        signal: i32,
    },
    /// It broke off the exchange with the host, by closing or garbling what it goes over.
    Severed,
}

/// What came of a piece of code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Execution {
    /// How it ended.
    pub outcome: Outcome,
    /// What it printed to standard output.
    pub stdout: Printed,
    /// What it printed to standard error, the traceback of an exception included.
    pub stderr: Printed,
    /// The value of its last expression as Python writes it, unless there is none or it is `None`.
    pub value: Option<String>,
    /// How long it took.
    pub elapsed: Duration,
    /// Whether it began in a new interpreter, without variables of earlier code.
    pub is_fresh: bool,
    /// Whether the variables that it and earlier code set are there for the next.
    pub state_kept: bool,
}

impl Execution {
    /// Code that never ran.
    pub(super) fn refused(bound: Bound, state_kept: bool) -> Self {
        Self {
            outcome: Outcome::Exceeded { bound },
            stdout: Printed::default(),
            stderr: Printed::default(),
            value: None,
            elapsed: Duration::ZERO,
            is_fresh: false,
            state_kept,
        }
    }
}
