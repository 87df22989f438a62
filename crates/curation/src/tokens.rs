//! How many tokens a conversation has.

use std::fmt::Debug;

use offseeker_resemblance::estimate_tokens;
use offseeker_trajectory::{Message, NodeId, Trajectory};

/// Counts tokens: a tokenizer, or something that makes do without one. Any function from a text to a number is one.
pub trait CountTokens: Send + Sync {
    /// The tokens of a text.
    fn count(&self, text: &str) -> u64;

    /// Whether its numbers are better than those that a server gave for its own model.
    fn is_exact(&self) -> bool {
        true
    }
}

impl<F: Fn(&str) -> u64 + Send + Sync> CountTokens for F {
    fn count(&self, text: &str) -> u64 {
        self(text)
    }
}

/// Counts without a tokenizer: what the server counted where it said so, a quarter of the characters elsewhere, and
/// each character of a script that writes no spaces.
#[derive(Debug, Clone, Copy, Default)]
pub struct Estimate;

impl CountTokens for Estimate {
    fn count(&self, text: &str) -> u64 {
        estimate_tokens(text) as u64
    }

    fn is_exact(&self) -> bool {
        false
    }
}

/// The tokens of the conversation up to a node.
pub(crate) fn conversation(trajectory: &Trajectory, tip: NodeId, counter: &dyn CountTokens) -> u64 {
    let (mut tokens, mut next) = (0_u64, Some(tip));
    while let Some(node) = next.and_then(|id| trajectory.node(id)) {
        let said = node.as_sampled().map(|sampled| sampled.usage.total_tokens()).filter(|said| *said > 0);
        match said.filter(|_| !counter.is_exact()) {
            Some(said) => return tokens.saturating_add(said),
            None => tokens = tokens.saturating_add(message(&node.message, counter)),
        }
        next = node.parent;
    }
    tokens
}

/// The tokens of a message.
pub(crate) fn message(message: &Message, counter: &dyn CountTokens) -> u64 {
    let texts = [message.content.as_str(), message.reasoning.as_deref().unwrap_or_default()];
    let calls = message.tool_calls.iter().flat_map(|call| [call.name.as_str(), call.arguments.as_str()]);
    texts.into_iter().chain(calls).filter(|text| !text.is_empty()).map(|text| counter.count(text)).sum()
}

impl Debug for dyn CountTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CountTokens")
    }
}
