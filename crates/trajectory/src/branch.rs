//! A conversation as the model saw it, cut out of a trajectory.

use crate::{Node, NodeId, Trajectory};

/// One conversation of a trajectory, from its first message to a message that nothing follows.
///
/// Branches share messages. So that nothing is trained on twice, every node is *owned* by exactly one of the branches
/// that pass through it: the first in the order of [`Trajectory::branches`]. What a branch owns is always the last
/// part of its path, so the owned parts of all branches together are all nodes, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    path: Vec<NodeId>,
    owned_from: usize,
    discarded: bool,
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
        self.tips().into_iter().map(|tip| self.branch(tip, &mut owned)).collect()
    }

    fn tips(&self) -> Vec<NodeId> {
        let mut is_tip = vec![true; self.nodes().len()];
        for parent in self.nodes().iter().filter_map(|node| node.parent) {
            is_tip[parent.index()] = false;
        }
        let mut tips: Vec<NodeId> = self.ids().filter(|id| is_tip[id.index()]).collect();
        tips.sort_by_key(|tip| (self.is_dead_end(*tip), *tip));
        tips
    }

    fn is_dead_end(&self, tip: NodeId) -> bool {
        self.node(tip).is_some_and(Node::is_discarded)
    }

    fn branch(&self, tip: NodeId, owned: &mut [bool]) -> Branch {
        let path = self.path(tip);
        let owned_from = path.iter().position(|id| !owned[id.index()]).unwrap_or(path.len());
        for id in &path[owned_from..] {
            owned[id.index()] = true;
        }
        Branch { path, owned_from, discarded: self.is_dead_end(tip) }
    }
}
