//! The attempt of a panel, which is written down as it is made.

use offseeker_trajectory::{Message, Node, NodeId, StopReason, Trajectory};
use offseeker_trajectory_store::{Entry, StoreError};

use crate::{Halt, Journal};

/// The attempt of a panel, which is written down as it is made.
pub(super) struct Record<'a> {
    pub(super) journal: &'a Journal,
    pub(super) trajectory: Trajectory,
}

impl Record<'_> {
    /// Where the next message goes.
    pub(super) fn next_place(&self) -> NodeId {
        NodeId::new(u32::try_from(self.trajectory.nodes().len()).unwrap_or(u32::MAX))
    }

    /// What was said beside the attempt for this purpose, where it was asked for before.
    pub(super) fn said_beside(&self, purpose: &str) -> Option<Message> {
        let is_meant =
            |node: &&Node| node.as_sampled().is_some_and(|sampled| sampled.aside.as_deref() == Some(purpose));
        self.trajectory.nodes().iter().find(is_meant).map(|node| node.message.clone())
    }

    /// Writes entries and messages down together.
    pub(super) async fn write(&mut self, mut entries: Vec<Entry>, nodes: Vec<Node>) -> Result<(), Halt> {
        let (attempt, first) = (self.trajectory.id.clone(), self.trajectory.nodes().len());
        for (node, number) in nodes.iter().zip(first..) {
            let place = NodeId::new(u32::try_from(number).unwrap_or(u32::MAX));
            entries.push(Entry::Node { attempt: attempt.clone(), place, node: Box::new(node.clone()) });
        }
        self.journal.write(entries).await?;
        for node in nodes {
            let (attempt, place) = (attempt.clone(), self.next_place());
            self.trajectory.push(node).map_err(|source| StoreError::Unfit { attempt, place, source })?;
        }
        Ok(())
    }

    /// Writes down how it ended.
    pub(super) async fn end(&mut self, stop: StopReason, answer: Option<String>) -> Result<(), Halt> {
        let attempt = self.trajectory.id.clone();
        self.journal.write(vec![Entry::End { attempt, stop: stop.clone(), answer: answer.clone() }]).await?;
        self.trajectory.stop = Some(stop);
        self.trajectory.answer = answer;
        Ok(())
    }
}
