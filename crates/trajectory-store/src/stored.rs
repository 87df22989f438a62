//! What a store knows of an attempt.

use std::collections::BTreeMap;

use offseeker_trajectory::{Grade, Node, NodeId, StopReason, Trajectory};

use crate::StoreError;

/// What a store knows of an attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// The attempt with all nodes up to the first gap.
    pub trajectory: Trajectory,
    /// The nodes behind the first gap: results of calls that ended before those that began earlier.
    pub ahead: BTreeMap<NodeId, Node>,
}

impl Stored {
    /// An attempt with no message behind a gap.
    #[must_use]
    pub fn new(trajectory: Trajectory) -> Self {
        Self { trajectory, ahead: BTreeMap::new() }
    }

    /// Puts an attempt together from what was written of it.
    ///
    /// # Errors
    ///
    /// When a message refers to one that does not come before it.
    pub fn of(
        beginning: Trajectory,
        nodes: BTreeMap<NodeId, Node>,
        end: Option<(StopReason, Option<String>)>,
        grades: Vec<Grade>,
    ) -> Result<Self, StoreError> {
        let (mut trajectory, mut ahead) = (beginning, BTreeMap::new());
        for (place, node) in nodes {
            if place.index() == trajectory.nodes().len() {
                let attempt = trajectory.id.clone();
                trajectory.push(node).map_err(|source| StoreError::Unfit { attempt, place, source })?;
            } else {
                ahead.insert(place, node);
            }
        }
        trajectory.grades = grades;
        (trajectory.stop, trajectory.answer) = end.map_or((None, None), |(stop, answer)| (Some(stop), answer));
        Ok(Self { trajectory, ahead })
    }
}
