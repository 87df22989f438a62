//! How long a conversation is, in tokens.

use offseeker_pages::estimate_tokens;
use offseeker_trajectory::{Message, Node, NodeId, Trajectory};

/// How long a message is, where nobody counted.
pub(crate) fn estimate(message: &Message) -> u64 {
    let texts = [message.content.as_str(), message.reasoning.as_deref().unwrap_or_default()];
    let calls = message.tool_calls.iter().flat_map(|call| [call.name.as_str(), call.arguments.as_str()]);
    texts.into_iter().chain(calls).map(|text| estimate_tokens(text) as u64).sum()
}

/// How long the conversation up to `tip` is: what the model counted when it wrote last, and what came after that.
///
/// It follows from the trajectory alone, so it is the same when an attempt is taken up again.
pub(crate) fn conversation(trajectory: &Trajectory, tip: NodeId) -> u64 {
    let (mut tokens, mut next) = (0, Some(tip));
    while let Some(node) = next.and_then(|id| trajectory.node(id)) {
        match counted(node) {
            Some(counted) => return tokens + counted,
            None => tokens += estimate(&node.message),
        }
        next = node.parent;
    }
    tokens
}

/// What the model counted, where it wrote the node and said so.
fn counted(node: &Node) -> Option<u64> {
    node.as_sampled().map(|sampled| sampled.usage.total_tokens()).filter(|tokens| *tokens > 0)
}
