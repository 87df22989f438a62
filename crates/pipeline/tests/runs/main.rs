//! Runs of whole pipelines that are so small that they take seconds.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod changed;
mod folder;
mod killed;
mod tiny;
