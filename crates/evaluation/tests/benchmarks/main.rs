//! Benchmarks in files as they are published, with questions made up here.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod formats;
mod made;
mod seals;
mod subsets;
mod wrong_files;
