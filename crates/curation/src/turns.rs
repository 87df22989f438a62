//! The turns that the model took in an attempt.

use std::borrow::Cow;

use offseeker_trajectory::{Node, NodeId, Observed, Origin, Sampled, ToolCall, Trajectory};

use crate::calls::calls_of;

/// A turn of the model that was kept, and how its calls went.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    pub(crate) id: NodeId,
    pub(crate) node: &'a Node,
    pub(crate) calls: Cow<'a, [ToolCall]>,
    /// What tools answered, in the order of the calls.
    pub(crate) results: Vec<(NodeId, &'a Node, &'a Observed)>,
}

/// The turns of an attempt that were kept, in their order, wherever in the graph they are; not what was said beside it.
pub(crate) fn turns(trajectory: &Trajectory) -> Vec<Turn<'_>> {
    let mut turns: Vec<Turn<'_>> = Vec::new();
    let mut turn_of: Vec<Option<usize>> = vec![None; trajectory.nodes().len()];
    for (id, node) in trajectory.ids().zip(trajectory.nodes()) {
        match &node.origin {
            Origin::Sampled(sampled) if is_turn(sampled) => {
                turn_of[id.index()] = Some(turns.len());
                turns.push(Turn { id, node, calls: calls_of(node, sampled), results: Vec::new() });
            }
            Origin::Observed(observed) => {
                let turn = node.parent.and_then(|parent| turn_of[parent.index()]);
                turn_of[id.index()] = turn;
                if let Some(turn) = turn {
                    turns[turn].results.push((id, node, observed));
                }
            }
            _ => {}
        }
    }
    turns
}

/// Whether the model wrote it in the attempt itself, and it was kept.
pub(crate) fn is_turn(sampled: &Sampled) -> bool {
    sampled.aside.is_none() && sampled.discarded.is_none()
}
