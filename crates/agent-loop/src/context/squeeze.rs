//! Cuts the longest observations of a conversation, where nothing else makes it fit.

use offseeker_trajectory::{Message, NodeId, Origin, Trajectory};

use super::Part;

/// What stands where an observation was cut.
const CUT: &str = "\n[Cut here: the conversation is too long.]\n";

/// The conversation with its observations cut to one length, the largest with which it has at most `room` tokens; none
/// where it fits, or where cutting does not help.
pub(crate) fn squeezed(trajectory: &Trajectory, path: &[NodeId], room: u64) -> Option<Vec<Part>> {
    let cut = |longest: usize| -> Vec<Part> { path.iter().map(|id| part(trajectory, *id, longest)).collect() };
    let length = |parts: &[Part]| parts.iter().map(|part| part.tokens(trajectory)).sum::<u64>();
    let whole =
        path.iter().filter_map(|id| trajectory.node(*id)).map(|node| node.message.content.chars().count()).max()?;
    if length(&cut(whole)) <= room {
        return None;
    }
    let (mut fits, mut too_long) = (0, whole);
    while fits + 1 < too_long {
        let middle = usize::midpoint(fits, too_long);
        if length(&cut(middle)) <= room { fits = middle } else { too_long = middle }
    }
    let parts = cut(fits);
    parts.iter().any(|part| matches!(part, Part::Put { .. })).then_some(parts)
}

fn part(trajectory: &Trajectory, id: NodeId, longest: usize) -> Part {
    let Some(node) = trajectory.node(id) else { return Part::Keep(id) };
    let is_observation = match &node.origin {
        Origin::Observed(_) => true,
        Origin::Rewritten { of } => {
            of.iter().any(|of| trajectory.node(*of).is_some_and(|node| matches!(node.origin, Origin::Observed(_))))
        }
        _ => false,
    };
    match shortened(&node.message.content, longest).filter(|_| is_observation) {
        Some(content) => Part::Put { message: Message { content, ..node.message.clone() }, of: vec![id] },
        None => Part::Keep(id),
    }
}

/// Whether something was cut out of a message.
pub(crate) fn is_cut(message: &Message) -> bool {
    message.content.contains(CUT)
}

/// The beginning and the end of a text, with a word in between; none where it is short enough.
pub(crate) fn shortened(text: &str, longest: usize) -> Option<String> {
    let length = text.chars().count();
    if length <= longest + CUT.len() {
        return None;
    }
    let head: String = text.chars().take(longest - longest / 3).collect();
    let tail: String = text.chars().skip(length - longest / 3).collect();
    Some(format!("{head}{CUT}{tail}"))
}
