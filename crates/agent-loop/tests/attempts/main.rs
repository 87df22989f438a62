//! Attempts with scripted models: how they go, why they end, and that they go on where they stopped.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod faults;
mod going_on;
mod limits;
mod protocols;
mod world;
