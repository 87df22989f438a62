//! Asks a model, calls its tools, shows it what they gave, until there is an answer.
//!
//! An [`Agent`] is a model, its tools, and how they work together: a [`Protocol`] (prompts, tags, roles), [`Limits`], a
//! [`LoopGuard`], a [`ContextPolicy`]. It makes attempts, each a [`Trajectory`](offseeker_trajectory::Trajectory) with
//! the reason why it ended; it never fails. A [`Run`] makes many of them at once, and goes on where it stopped.
//!
//! Two decisions shape it:
//!
//! - **Where an attempt stands follows from its messages alone.** The loop keeps nothing beside them that it could not
//!   read off again, so an attempt that was killed at any byte goes on as if it had not been.
//! - **Each step is written down before the next is taken**, into a [`Journal`]: a reply when it came, the result of a
//!   call when it came, though other calls of the turn are still under way. What was written down is not done again.
//!
//! This crate does not say what an attempt is worth, nor what is learnt from it.
//!
//! The program in the documentation of [`Agent`] makes an attempt offline.

mod agent;
mod attempt;
pub mod compose;
pub mod context;
mod course;
mod guard;
mod halt;
mod journal;
mod limits;
mod protocol;
pub mod run;
mod tokens;

pub use agent::{Agent, Made, Tools};
pub use attempt::Desk;
pub use compose::{AgentTool, Panel, Researcher};
pub use context::ContextPolicy;
pub use guard::LoopGuard;
pub use halt::{Halt, Pause};
pub use journal::Journal;
pub use limits::Limits;
pub use offseeker_remote::Stop;
pub use protocol::{Offer, Protocol, ProtocolError};
pub use run::Run;
