//! What a model may call: search, pages, code.

mod error;
mod observation;
mod tool;

pub use error::ToolError;
pub use observation::{Cut, Freshness, Observation};
pub use tool::Tool;
