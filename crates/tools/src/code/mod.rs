//! Runs Python that a model wrote, where it can do no harm.
//!
//! An [`Interpreter`] has one of two engines behind it. With the feature `python` it is the machine's own `python3`, in
//! a process that landlock, seccomp and limits of the system hold back. With the feature `monty` it is an interpreter of
//! a subset of Python that is built in, and knows neither files nor network; it runs in a process of its own too, so
//! that its memory can be bounded and a crash is its own. [`Interpreter::detect`] takes the first that works, and
//! [`Description`] says which it was and what is in force. Where there is no whole sandbox it refuses.
//!
//! Code runs alone ([`Interpreter::run`]) or in a [`Session`] that keeps variables. It has no network and starts no
//! process; it writes in a folder of its own that is gone afterwards. It may call [`HostFunction`]s. How it ended is an
//! [`Outcome`]; an error means that it could not be run. [`ExecuteCode`] is the tool for a model.
//!
//! `docs/sandbox.md` says what each engine holds back, how that is checked, and what is not covered.

#[cfg(target_os = "linux")]
mod confinement;
#[cfg(not(target_os = "linux"))]
#[path = "unconfined.rs"]
mod confinement;
mod description;
mod error;
mod execute_code;
mod execution;
mod folder;
mod guest;
mod host_function;
mod interpreter;
mod limits;
#[cfg(feature = "monty")]
mod monty;
mod plan;
mod printed;
#[cfg(feature = "python")]
mod python;
mod session;
mod tend;
mod usage;
mod wire;

pub use description::{Description, Engine};
pub use error::CodeError;
pub use execute_code::ExecuteCode;
pub use execution::{Execution, Outcome};
pub use host_function::{HostCall, HostFunction};
pub use interpreter::{Interpreter, Options};
pub use limits::{Bound, Limits};
#[cfg(feature = "monty")]
pub use monty::serve_if_guest;
pub use printed::Printed;
pub use session::Session;
