//! Dialogues as a model reads them: messages and tools to text, text to tokens, tokens to what is learnt from them.

mod check;
mod environment;
mod error;
mod json;
mod marks;
mod renderer;
mod segments;
mod sequences;
mod strftime;
mod template;
mod thinking;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;

pub use check::MOST_BYTES;
pub use error::DialogueError;
pub use renderer::{Origin, Rendered, Renderer};
pub use sequences::{Cutoff, OverLong, Tally};
pub use template::{ChatTemplate, tool_json};
pub use thinking::Thinking;
