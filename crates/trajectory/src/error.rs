//! What can be wrong with the things of this crate.

use crate::NodeId;

/// A value that breaks a rule of this crate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrajectoryError {
    /// A node names a parent that does not come before it.
    #[error("node {node} names {parent} as its parent; a parent comes before its children")]
    Parent {
        /// The place that the node has, or would have had.
        node: NodeId,
        /// The parent that it names.
        parent: NodeId,
    },
    /// A node refers to another one that does not come before it.
    #[error("node {node} refers to node {other}; only earlier nodes can be referred to")]
    Reference {
        /// The place that the node has, or would have had.
        node: NodeId,
        /// The node that it refers to.
        other: NodeId,
    },
    /// A list that runs beside the tokens has another length than they have.
    #[error("{tokens} tokens but {found} {what}; give one for each token, or none")]
    Length {
        /// What the list holds.
        what: &'static str,
        /// The number of tokens.
        tokens: usize,
        /// The number of entries in the list.
        found: usize,
    },
    /// Two keys of one object are the same text once normalised.
    #[error("the keys of an object are not distinct after Unicode normalisation: {key:?} occurs twice")]
    DuplicateKey {
        /// The key after normalisation.
        key: String,
    },
    /// A value cannot be written as JSON.
    #[error("the value cannot be written as JSON: {reason}")]
    NotJson {
        /// What the serialiser said.
        reason: String,
    },
    /// A trajectory has more nodes than can be numbered.
    #[error("a trajectory holds at most {} nodes", u32::MAX)]
    TooManyNodes,
}
