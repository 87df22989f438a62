//! The conversation as a policy reads it: what each message is, and to which turn it belongs.

use offseeker_trajectory::{Message, NodeId, Origin, Role, Sampled, ToolCall, Trajectory};

use super::Part;
use crate::{Desk, tokens};

/// A message of the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Passage {
    /// The message as it stands in the conversation.
    pub(super) id: NodeId,
    /// The message as it was first written, where this one stands for it alone.
    pub(super) source: NodeId,
    pub(super) kind: Kind,
    /// The turns that it belongs to or stands for, the first and the last, numbered from 1; none before the first turn.
    pub(super) turns: Option<(u32, u32)>,
}

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It was there before the first turn.
    Opening,
    /// The model wrote it.
    Turn,
    /// A tool answered in it.
    Observation,
    /// The loop said it.
    Correction,
    /// It stands for several messages.
    StandIn,
}

/// The conversation, message by message.
pub(super) fn passages(desk: &Desk<'_, '_>) -> Vec<Passage> {
    let trajectory = desk.trajectory();
    let turns = turns_of(trajectory);
    let passage = |id: NodeId| {
        let source = source(trajectory, id);
        Passage { id, source, kind: kind(trajectory, id, source), turns: turns.get(id.index()).copied().flatten() }
    };
    desk.path().into_iter().map(passage).collect()
}

/// In which place of every conversation of an attempt the question stands: the last one before the first turn.
pub(super) fn question_place(trajectory: &Trajectory) -> usize {
    let given = trajectory.nodes().iter().take_while(|node| matches!(node.origin, Origin::Given));
    given.count().saturating_sub(1)
}

/// The question, as the protocol puts it.
pub(super) fn question<'a>(desk: &'a Desk<'_, '_>) -> &'a str {
    desk.trajectory().nodes().get(question_place(desk.trajectory())).map_or("", |node| node.message.content.as_str())
}

/// The message in a place.
pub(super) fn message<'a>(desk: &'a Desk<'_, '_>, id: NodeId) -> &'a Message {
    &desk.node(id).expect("what the conversation names is there").message
}

/// The call that an observation answers, and whether it is the last one of its turn.
pub(super) fn call_of(trajectory: &Trajectory, observation: NodeId) -> Option<(&ToolCall, bool)> {
    let mut before = 0;
    let mut next = trajectory.node(observation)?.parent;
    loop {
        let node = trajectory.node(next?)?;
        if let Some(Sampled { calls, .. }) = node.as_sampled() {
            return calls.get(before).map(|call| (call, before + 1 == calls.len()));
        }
        before += 1;
        next = node.parent;
    }
}

/// Keeps all these messages.
pub(super) fn kept(passages: &[Passage]) -> impl Iterator<Item = Part> {
    passages.iter().map(|passage| Part::Keep(passage.id))
}

/// A message in the place of these.
pub(super) fn put(message: Message, of: &[Passage]) -> Part {
    Part::Put { message, of: of.iter().map(|passage| passage.id).collect() }
}

/// How long the messages are together, in tokens.
pub(super) fn length(trajectory: &Trajectory, parts: &[Part]) -> u64 {
    parts.iter().map(|part| part.tokens(trajectory)).sum()
}

/// How long a conversation is, in tokens, by the measure of [`length`].
pub(super) fn length_now(desk: &Desk<'_, '_>) -> u64 {
    desk.path().into_iter().map(|id| tokens::estimate(message(desk, id))).sum()
}

/// A rewriting that changes something; none where it is the conversation that there is.
pub(super) fn changed(desk: &Desk<'_, '_>, parts: Vec<Part>) -> Option<Vec<Part>> {
    let path = desk.path();
    let is_same =
        parts.len() == path.len() && parts.iter().zip(&path).all(|(part, id)| part.is_at(desk.trajectory(), *id));
    (!is_same).then_some(parts)
}

/// The turns that each message belongs to or stands for.
fn turns_of(trajectory: &Trajectory) -> Vec<Option<(u32, u32)>> {
    let mut all: Vec<Option<(u32, u32)>> = Vec::with_capacity(trajectory.nodes().len());
    let mut count = 0;
    for node in trajectory.nodes() {
        let turns = match &node.origin {
            Origin::Sampled(sampled) if sampled.aside.is_none() && sampled.discarded.is_none() => {
                count += 1;
                Some((count, count))
            }
            Origin::Observed(_) | Origin::Corrective { .. } => {
                node.parent.and_then(|parent| all[parent.index()]).map(|(_, last)| (last, last))
            }
            Origin::Rewritten { of } => {
                of.iter().filter_map(|of| all[of.index()]).reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
            }
            _ => None,
        };
        all.push(turns);
    }
    all
}

/// The first of the messages of which each stands for the next alone.
fn source(trajectory: &Trajectory, mut id: NodeId) -> NodeId {
    while let Some(Origin::Rewritten { of }) = trajectory.node(id).map(|node| &node.origin) {
        let [one] = of[..] else { break };
        id = one;
    }
    id
}

fn kind(trajectory: &Trajectory, id: NodeId, source: NodeId) -> Kind {
    let (Some(node), Some(first)) = (trajectory.node(id), trajectory.node(source)) else { return Kind::StandIn };
    match &first.origin {
        Origin::Given => Kind::Opening,
        Origin::Sampled(_) if node.message.role == Role::Assistant => Kind::Turn,
        Origin::Observed(_) => Kind::Observation,
        Origin::Corrective { .. } => Kind::Correction,
        _ => Kind::StandIn,
    }
}
