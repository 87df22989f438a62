//! A sample as tokens: those that were sampled, and those of what the model read.

use std::ops::Range;

use offseeker_trajectory::{Message, Segment, ToolSpec, Trajectory, WeightedMessage, WeightedToken};

use super::conversation::Conversation;

/// Spells what the model did not write: the renderer of the model that made the attempt.
pub trait SpellTokens {
    /// The tokens of some messages of a conversation, with everything that stands between the message before them and
    /// the reply after them: the marks of roles, and, before a reply, what asks for it. None where it cannot say.
    fn spell(&self, conversation: &[&Message], part: Range<usize>, tools: &[ToolSpec]) -> Option<Vec<u32>>;
}

/// The tokens of a conversation with their weights; none where not all are known, or a message counts in parts.
pub(super) fn tokens(
    trajectory: &Trajectory,
    conversation: &Conversation,
    weighted: &[WeightedMessage],
    spell: &dyn SpellTokens,
) -> Option<Vec<WeightedToken>> {
    let messages: Vec<&Message> = weighted.iter().map(|weighted| &weighted.message).collect();
    let mut tokens = Vec::new();
    let mut read_from = 0;
    for (at, (id, weighted)) in conversation.shown().iter().zip(weighted).enumerate() {
        let Some(sampled) = trajectory.node(*id)?.as_sampled() else { continue };
        let weight = whole(weighted)?;
        let sampled = sampled.tokens.as_ref().filter(|tokens| !tokens.ids().is_empty())?;
        let read = spell.spell(&messages, read_from..at, &trajectory.tools)?;
        tokens.extend(read.into_iter().map(|id| WeightedToken { id, weight: 0.0, logprob: None }));
        let logprobs = sampled.logprobs();
        tokens.extend(sampled.ids().iter().enumerate().map(|(place, id)| WeightedToken {
            id: *id,
            weight,
            logprob: logprobs.get(place).copied(),
        }));
        read_from = at + 1;
    }
    // What follows the last reply is read by nobody.
    (!tokens.is_empty()).then_some(tokens)
}

/// The weight of a message all of whose segments count the same.
fn whole(weighted: &WeightedMessage) -> Option<f32> {
    let all = [Segment::Reasoning, Segment::Text, Segment::Call, Segment::Arguments, Segment::Answer];
    let mut weights = all.map(|segment| weighted.weight_of(segment)).into_iter();
    let first = weights.next()?;
    weights.all(|weight| weight.to_bits() == first.to_bits()).then_some(first)
}
