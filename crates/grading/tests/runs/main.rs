//! Runs of graders over a store: what is asked, what is written, and what an outage changes (nothing).

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod attempts;
mod graders;
mod groups;
mod outages;
mod settings;
