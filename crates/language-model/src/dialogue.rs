//! Dialogues as a model reads them: messages and tools to text, text to tokens, tokens to what is learnt from them.
//!
//! One [`Renderer`] makes the prompt of a model that speaks and the sequence that a model learns from, so what stands
//! before a turn in training is, token by token, what stood before it when it was sampled. It takes any chat template of
//! Hugging Face, and tells of every token whether the model wrote it and in which part of which message; where it cannot
//! tell exactly, it says why instead.
//!
//! How it tells: a turn begins where the prompt before it, rendered by itself, ends in the whole text; it ends with the
//! first ending token after that. Templates that write a message otherwise once others follow it, write no ending token, or
//! leave out what the model said are refused. Ending tokens, and all other special ones, are never made from the text of a
//! message, so no page can end a turn.
//!
//! ```
//! use std::sync::Arc;
//!
//! use offseeker_language_model::{BytePairTraining, ChatTemplate, Origin, Renderer};
//! use offseeker_trajectory::{Message, Segment};
//!
//! let tokenizer = Arc::new(BytePairTraining::new(400).train(["the Karlin mill on the Orsa"])?);
//! let renderer = Renderer::new(tokenizer, ChatTemplate::qwen())?;
//!
//! let asked = [Message::user("Which river?")];
//! let prompt = renderer.prompt(&asked, &[])?;
//! let said = [asked[0].clone(), Message::assistant("<think>\nA mill.\n</think>\n\n<answer>the Orsa</answer>")];
//! let rendered = renderer.render(&said, &[])?;
//! assert!(rendered.ids.starts_with(&prompt));
//! assert_eq!(rendered.origins[prompt.len() - 1], Origin::Given);
//! assert_eq!(rendered.origins[prompt.len()], Origin::Written { message: 1, segment: Segment::Reasoning });
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
