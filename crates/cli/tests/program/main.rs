//! The program, run as people run it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod completions;
mod inputs;
mod ran;
mod runs;
mod serving;
mod signals;
mod steps;
