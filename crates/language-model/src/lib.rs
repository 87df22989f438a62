//! A language model that runs and learns here: Qwen3, its tokenizer, its dialogue and its files.

pub mod dialogue;
mod tokenizer;

pub use dialogue::{
    ChatTemplate, Cutoff, DialogueError, Origin, OverLong, Rendered, Renderer, Tally, Thinking, tool_json,
};
pub use tokenizer::{
    BytePairTraining, Encoded, IncrementalText, StopStrings, Tokenizer, TokenizerConfig, TokenizerError,
};
