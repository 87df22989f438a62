//! What a model may call: search, pages, code.

#[cfg(all(unix, any(feature = "python", feature = "monty")))]
pub mod code;
mod error;
mod observation;
mod tool;

pub use error::ToolError;
pub use observation::{Cut, Freshness, Observation};
pub use tool::Tool;
