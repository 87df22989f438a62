//! What a model that runs here is doing, and what it has done.

/// What a model that runs here is doing, and what it has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Load {
    /// Requests that wait.
    pub waiting: usize,
    /// Sequences that run.
    pub running: usize,
    /// Finished sequences whose keys and values are kept.
    pub kept: usize,
    /// The tokens of those.
    pub kept_tokens: usize,
    /// Tokens of prompts that went through the network.
    pub prompt_rows: u64,
    /// Tokens of prompts that did not, because another sequence began with the same.
    pub reused_rows: u64,
    /// Tokens that were written.
    pub written: u64,
    /// Steps of the network.
    pub steps: u64,
    /// How often a sequence had to give its place in memory up, and was run again later.
    pub set_back: u64,
}
