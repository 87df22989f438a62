//! Why code could not be run at all.

/// Why code could not be run at all. What the code itself did wrong is no error but an [`Outcome`](super::Outcome).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodeError {
    /// There is nothing that could run it.
    #[error("no interpreter was found: {tried}")]
    NoInterpreter {
        /// What was looked for, and what would help.
        tried: String,
    },
    /// There is no sandbox on this system, or not a whole one.
    #[error(
        "code is not run without a sandbox: {missing}; run on Linux 5.13 or later with landlock and seccomp, use the \
         embedded interpreter (feature `monty`), or set `allow_unsandboxed` where the machine itself may be lost"
    )]
    Unsandboxed {
        /// What is missing.
        missing: String,
    },
    /// A name that Python could not call a function by.
    #[error("{name:?} is no name for a function of the host: use a Python identifier that is no keyword")]
    BadName {
        /// The name.
        name: String,
    },
    /// The sandbox could not be set up, or the interpreter did not start in it.
    #[error("the sandbox is broken: {reason}")]
    Broken {
        /// What happened.
        reason: String,
    },
}

impl CodeError {
    pub(super) fn broken(what: &str, error: impl std::fmt::Display) -> Self {
        Self::Broken { reason: format!("{what}: {error}") }
    }
}
