//! A conversation as the model saw it, cut out of a trajectory.

use crate::{Node, NodeId, Origin, Trajectory};

/// One conversation of a trajectory, from its first message to one where it ends.
///
/// A conversation ends where nothing follows. What was thrown away does not count as following: a turn whose next
/// reply was discarded, and never replaced, ends a branch that was kept, and the discarded reply ends one of its own.
///
/// Branches share messages. So that nothing is trained on twice, every node is *owned* by exactly one of the branches
/// that pass through it: the first in the order of [`Trajectory::branches`]. What a branch owns is always the last
/// part of its path, so the owned parts of all branches together are all nodes, each once. Discarded branches own
/// nothing but what was thrown away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    path: Vec<NodeId>,
    owned_from: usize,
    discarded: bool,
    aside: bool,
}

impl Branch {
    /// The nodes from the first to the last.
    #[must_use]
    pub fn path(&self) -> &[NodeId] {
        &self.path
    }

    /// The nodes that belong to this branch and to no other: the last part of the path.
    #[must_use]
    pub fn owned(&self) -> &[NodeId] {
        &self.path[self.owned_from..]
    }

    /// The nodes that it shares with branches before it: the first part of the path.
    #[must_use]
    pub fn shared(&self) -> &[NodeId] {
        &self.path[..self.owned_from]
    }

    /// The last node.
    #[must_use]
    pub fn tip(&self) -> NodeId {
        *self.path.last().expect("a branch has at least one node")
    }

    /// Whether it is a conversation beside the attempt itself: a context policy asked for a summary.
    #[must_use]
    pub fn is_aside(&self) -> bool {
        self.aside
    }

    /// Whether it ends in a message that was thrown away and sampled again.
    #[must_use]
    pub fn is_discarded(&self) -> bool {
        self.discarded
    }
}

impl Trajectory {
    /// All branches: those that were kept in the order of their last nodes, then the discarded ones likewise.
    #[must_use]
    pub fn branches(&self) -> Vec<Branch> {
        let mut owned = vec![false; self.nodes().len()];
        self.tips().into_iter().map(|(discarded, tip)| self.branch(tip, discarded, &mut owned)).collect()
    }

    /// The conversation that the attempt ended in: the last that was kept, and, where there is an answer, that ends in words
    /// of the model. What was said beside it is none.
    #[must_use]
    pub fn main_branch(&self) -> Option<Branch> {
        let mut branches = self.branches();
        branches.retain(|branch| !branch.is_discarded() && !branch.is_aside());
        let ends_in_words = |branch: &Branch| self.node(branch.tip()).is_some_and(|tip| tip.as_sampled().is_some());
        let answering = branches.iter().rposition(ends_in_words).filter(|_| self.answer.is_some());
        let last = answering.or_else(|| branches.len().checked_sub(1))?;
        Some(branches.swap_remove(last))
    }

    /// A path with the messages that rewritten ones stand for in their place, each once.
    #[must_use]
    pub fn unfolded(&self, path: &[NodeId]) -> Vec<NodeId> {
        let mut shown = Vec::with_capacity(path.len());
        let mut seen = vec![false; self.nodes().len()];
        let mut waiting: Vec<NodeId> = path.iter().rev().copied().collect();
        while let Some(id) = waiting.pop() {
            let Some(node) = self.node(id) else { continue };
            if std::mem::replace(&mut seen[id.index()], true) {
                continue;
            }
            match &node.origin {
                // What stands for nothing that is there was put in by the policy, and is kept.
                Origin::Rewritten { of } if !of.is_empty() => waiting.extend(of.iter().rev()),
                _ => shown.push(id),
            }
        }
        shown
    }

    /// The last node of every branch, the kept ones first, and whether it was thrown away.
    fn tips(&self) -> Vec<(bool, NodeId)> {
        let kept = self.kept();
        let mut is_tip = vec![true; kept.len()];
        for (node, kept_here) in self.nodes().iter().zip(&kept) {
            if let Some(parent) = node.parent.map(NodeId::index) {
                is_tip[parent] &= kept[parent] && !kept_here;
            }
        }
        let mut tips: Vec<_> = self.ids().filter(|id| is_tip[id.index()]).map(|id| (!kept[id.index()], id)).collect();
        tips.sort_unstable();
        tips
    }

    /// For each node, whether it was kept: it was not thrown away, or something that was kept follows it.
    fn kept(&self) -> Vec<bool> {
        let mut kept: Vec<bool> = self.nodes().iter().map(|node| !node.is_discarded()).collect();
        for (at, node) in self.nodes().iter().enumerate().rev() {
            if let Some(parent) = node.parent {
                kept[parent.index()] |= kept[at];
            }
        }
        kept
    }

    fn branch(&self, tip: NodeId, discarded: bool, owned: &mut [bool]) -> Branch {
        let path = self.path(tip);
        let owned_from = path.iter().position(|id| !owned[id.index()]).unwrap_or(path.len());
        for id in &path[owned_from..] {
            owned[id.index()] = true;
        }
        let aside = self.node(tip).and_then(Node::as_sampled).is_some_and(|sampled| sampled.aside.is_some());
        Branch { path, owned_from, discarded, aside }
    }
}
