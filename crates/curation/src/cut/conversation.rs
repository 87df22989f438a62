//! The conversations of an attempt, as its model saw them or with the messages that summaries stand for.

use offseeker_trajectory::{Branch, Correction, Node, NodeId, Origin, Trajectory};

use super::{CutRules, View};

/// A conversation: the nodes whose messages it shows, in their order.
#[derive(Debug)]
pub(super) struct Conversation {
    shown: Vec<NodeId>,
    tip: NodeId,
}

impl Conversation {
    pub(super) fn of(trajectory: &Trajectory, branch: &Branch, rules: &CutRules) -> Self {
        let shown = match rules.view {
            View::AsSeen => branch.path().to_vec(),
            View::Raw => trajectory.unfolded(branch.path()),
        };
        let stays = |id: &NodeId| trajectory.node(*id).is_some_and(|node| stays(node, rules));
        Self { shown: shown.into_iter().filter(stays).collect(), tip: branch.tip() }
    }

    /// The nodes that are shown, in their order.
    pub(super) fn shown(&self) -> &[NodeId] {
        &self.shown
    }

    pub(super) fn sources(&self) -> impl Iterator<Item = NodeId> {
        self.shown.iter().copied()
    }

    pub(super) fn tip(&self) -> NodeId {
        self.tip
    }
}

fn stays(node: &Node, rules: &CutRules) -> bool {
    let asks_again = matches!(node.origin, Origin::Corrective { why: Correction::Unreadable });
    !(node.is_discarded() || (asks_again && rules.without_requests_for_more))
}

/// The conversations that samples are cut from. What two of them share belongs to the first.
///
/// With raw observations the last conversation holds nearly all that those before it do, so it comes first.
pub(super) fn conversations(trajectory: &Trajectory, rules: &CutRules) -> Vec<Conversation> {
    let mut branches = trajectory.branches();
    branches.retain(|branch| !branch.is_discarded() && (rules.asides || !branch.is_aside()));
    if rules.view == View::Raw {
        branches.reverse();
    }
    branches.iter().map(|branch| Conversation::of(trajectory, branch, rules)).collect()
}
