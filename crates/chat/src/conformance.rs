//! What every model must fulfil, as checks that any implementation and any wrapper can run in its tests.
//!
//! - [`check_port`] holds for every model, a remote one that costs money included.
//! - [`check_echo`] holds for whatever carries requests to [`echo`] and its replies back, by a wire or otherwise.
//! - [`check_transparent`] holds for a wrapper that changes nothing of what passes through it.
//!
//! Each stops at the first law that is broken and says which, so a test needs no more than a question mark.
//!
//! ```
//! use offseeker_chat::ChatModelExt;
//! use offseeker_chat::conformance::{self, Violation};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Violation> {
//! let wrapped = conformance::echo().at_most(4);
//! conformance::check_port(&wrapped).await?;
//! conformance::check_echo(&wrapped).await?;
//! conformance::check_transparent(&wrapped).await?;
//! # Ok(())
//! # }
//! ```

mod cases;
mod echo;
mod exact;
mod port;

#[cfg(test)]
mod tests;

pub use echo::echo;
pub use exact::{check_echo, check_transparent};
pub use port::check_port;

/// A law that a model breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the model {model:?} breaks a law: {law}; {found}")]
pub struct Violation {
    /// What the model calls itself.
    pub model: String,
    /// The law.
    pub law: &'static str,
    /// What the model did instead.
    pub found: String,
}
