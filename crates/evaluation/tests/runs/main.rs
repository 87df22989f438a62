//! Evaluations: what they report, what controls do, that they go on, that nothing sealed is written in clear.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![cfg(feature = "runs")]

mod controls;
mod kills;
mod policies;
mod reported;
mod sealed;
mod world;
