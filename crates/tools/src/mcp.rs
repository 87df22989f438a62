//! Tools over the Model Context Protocol: a toolbox is served, and the tools of other servers are called.
//!
//! The protocol carries a text and whether the call failed. What more an [`Observation`](crate::Observation) knows (its
//! status, the places that it shows) travels beside it as metadata, which other programs pass over and [`McpServer`]
//! reads again.

mod carried;
mod client;
mod server;

pub use client::{McpCommand, McpServer};
pub use server::{serve, serve_stdio};

/// Why tools cannot be served, or those of a server not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum McpError {
    /// The program of a server cannot be started.
    #[error("the server {program} cannot be started: {source}")]
    Start {
        /// The program.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// The two sides did not come to terms, or the other side broke off.
    #[error("the connection to {peer} is broken: {reason}")]
    Connection {
        /// The other side.
        peer: String,
        /// Why.
        reason: String,
    },
}
