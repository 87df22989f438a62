//! What models see under each context policy, and that it can be rebuilt.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod crowded;
mod laws;
mod shown;
mod stage;
