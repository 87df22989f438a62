//! What holds of questions, whatever the graph and the seed.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod exhaustive;
mod models;
mod questions;
mod runs;
mod world;
