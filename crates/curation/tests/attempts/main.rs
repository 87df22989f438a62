//! What is found in attempts, what is kept of them, and what is cut from them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod facts;
mod groups;
mod laws;
mod made;
mod pairs;
mod samples;
mod sealed;
mod stages;
