//! Agents that are made of agents.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod agent_tool;
mod panel;
mod world;
