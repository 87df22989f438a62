//! A graph grows the same way whatever fails, whenever it is killed and in whichever order work is done.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod answers;
mod faults;
mod killed;
mod outages;
mod scouts;
mod world;
