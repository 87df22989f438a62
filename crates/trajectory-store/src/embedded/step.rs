//! Entries that are ready to be stored: all that takes time is done before it is the writer's turn.

use offseeker_trajectory::{Grade, Node, NodeId, RunId, Trajectory, TrajectoryId};

use super::attempt::{End, Header};
use super::node::PackedNode;
use super::piece::{Piece, json};
use super::question::PackedQuestion;
use crate::entry::check_bare;
use crate::{Entry, StoreError};

/// An entry that is ready to be stored.
#[derive(Debug)]
pub(super) enum Step {
    Run { run: RunId, manifest: Piece },
    Begin { beginning: Box<Trajectory>, question: PackedQuestion, header: Piece },
    Node { attempt: TrajectoryId, place: NodeId, node: Box<Node>, packed: PackedNode },
    End { attempt: TrajectoryId, end: End, packed: Piece },
    Reopen { attempt: TrajectoryId },
    Grade { attempt: TrajectoryId, grade: Box<Grade>, packed: Piece },
}

impl Step {
    /// Makes an entry ready.
    ///
    /// # Errors
    ///
    /// When it makes no sense, or JSON cannot say it.
    pub(super) fn of(entry: Entry) -> Result<Self, StoreError> {
        match entry {
            Entry::Run(manifest) => {
                let run = manifest.id().map_err(|error| StoreError::invalid(error.to_string()))?;
                Ok(Self::Run { run, manifest: Piece::of(&*manifest)? })
            }
            Entry::Begin(beginning) => begin(beginning),
            Entry::Node { attempt, place, mut node } => {
                let packed = PackedNode::of(&mut node)?;
                Ok(Self::Node { attempt, place, node, packed })
            }
            Entry::End { attempt, stop, answer } => {
                let end = (stop, answer);
                let packed = Piece::of(&end)?;
                Ok(Self::End { attempt, end, packed })
            }
            Entry::Reopen { attempt } => Ok(Self::Reopen { attempt }),
            Entry::Grade { attempt, grade } => {
                let packed = Piece::of(&*grade)?;
                Ok(Self::Grade { attempt, grade, packed })
            }
        }
    }

    /// The attempt that it belongs to; none for a run.
    pub(super) fn attempt(&self) -> Option<&TrajectoryId> {
        match self {
            Self::Run { .. } => None,
            Self::Begin { beginning, .. } => Some(&beginning.id),
            Self::Node { attempt, .. }
            | Self::End { attempt, .. }
            | Self::Reopen { attempt }
            | Self::Grade { attempt, .. } => Some(attempt),
        }
    }

    /// How many bytes are to be written, more or less.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Run { manifest: piece, .. } | Self::End { packed: piece, .. } | Self::Grade { packed: piece, .. } => {
                piece.weight()
            }
            Self::Begin { question, header, .. } => question.weight() + header.weight(),
            Self::Node { packed, .. } => packed.weight(),
            Self::Reopen { .. } => 0,
        }
    }
}

fn begin(mut beginning: Box<Trajectory>) -> Result<Step, StoreError> {
    check_bare(&beginning)?;
    let question = PackedQuestion::of(&beginning.question)?;
    let header =
        Header { tools: std::mem::take(&mut beginning.tools), metadata: std::mem::take(&mut beginning.metadata) };
    let plain = json(&header)?;
    // What is nested too deep can be written as JSON and never be read.
    serde_json::from_slice::<Header>(&plain)
        .map_err(|error| StoreError::invalid(format!("attempt {} cannot be read back: {error}", beginning.id)))?;
    (beginning.tools, beginning.metadata) = (header.tools, header.metadata);
    Ok(Step::Begin { beginning, question, header: Piece::of_bytes(&plain) })
}
