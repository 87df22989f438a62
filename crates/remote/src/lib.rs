//! What every port to something remote shares: keys, retries, rates, health, recordings.
//!
//! Models, search engines and web pages are asked with the same care, and each has a port and errors of its own. This
//! crate knows none of them. What it needs of an error it asks through one trait, [`Failure`]; the wrappers around a
//! port are made from the parts here, in a few lines each:
//!
//! - [`Key`] is a secret that can be sent and is never printed.
//! - [`RetryPolicy`] says how often to ask and how long to wait in between, and does it.
//! - [`Throttle`] lets requests through at the rates that a server allows, in their order; [`Pace`] is one such rate.
//! - [`Health`] is a circuit breaker: who failed too often rests, and is then tried once.
//! - [`Stop`] is how somebody stops a run of many requests from outside.
//! - [`Cassette`] keeps answers in a folder and gives them again, as its [`Mode`] or the age of a recording says.
//!
//! There is no client here, and nothing of HTTP but [`retry_after`], which reads what a server says of waiting. With
//! the feature `loopback` there is a scripted server for tests.
//!
//! ```
//! use std::time::Duration;
//!
//! use offseeker_remote::{Failure, RetryPolicy};
//!
//! #[derive(Debug, thiserror::Error)]
//! #[error("the line is busy")]
//! struct Busy;
//!
//! impl Failure for Busy {
//!     fn kind(&self) -> &'static str { "busy" }
//!     fn is_transient(&self) -> bool { true }
//!     fn is_rate_limit(&self) -> bool { false }
//!     fn retry_after(&self) -> Option<Duration> { None }
//!     fn is_verdict(&self) -> bool { false }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Busy> {
//! # let policy = RetryPolicy { base: Duration::ZERO, ..RetryPolicy::default() };
//! # let calls = std::cell::Cell::new(0);
//! let said = policy.run("the mill", async || {
//!     calls.set(calls.get() + 1);
//!     if calls.get() < 3 { Err(Busy) } else { Ok("hello") }
//! });
//! assert_eq!((said.await?, calls.get()), ("hello", 3));
//! # Ok(())
//! # }
//! ```

mod cassette;
mod failure;
#[cfg(test)]
mod fault;
mod health;
mod key;
#[cfg(feature = "loopback")]
pub mod loopback;
mod retry;
mod retry_after;
pub mod seconds;
mod stop;
mod throttle;

pub use cassette::{Asked, Cassette, CassetteError, Mode};
pub use failure::Failure;
pub use health::{Health, HealthState, Sign};
pub use key::Key;
pub use retry::RetryPolicy;
pub use retry_after::retry_after;
pub use stop::Stop;
pub use throttle::{Pace, Paused, Throttle};
