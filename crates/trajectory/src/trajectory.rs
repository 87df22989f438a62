//! An attempt at a question: everything that was said, done and paid.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::canonical::plain_id;
use crate::{
    Grade, Message, Metadata, Node, NodeId, Origin, Question, QuestionId, RunId, StopReason, ToolSpec, TrajectoryError,
    TrajectoryId, Usage,
};

/// An attempt at a question: everything that was said, done and paid.
///
/// The messages form a graph; see [`Branch`](crate::Branch) for the conversations in it. Nodes are only ever added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trajectory {
    /// Names the attempt.
    pub id: TrajectoryId,
    /// What was asked.
    pub question: Question,
    /// Which attempt at the question this is, from nought.
    pub attempt: u32,
    /// The run that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// The model that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The tools that the model was told of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<ToolSpec>,
    nodes: Nodes,
    /// The answer, where one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// Why it ended; none while it is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<StopReason>,
    /// What is thought of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grades: Vec<Grade>,
    /// What else its maker knows of it.
    #[serde(default, skip_serializing_if = "Metadata::is_empty")]
    pub metadata: Metadata,
}

impl Trajectory {
    /// An attempt outside any run, with nothing said yet.
    #[must_use]
    pub fn new(question: Question, attempt: u32) -> Self {
        Self::start(None, question, attempt)
    }

    /// An attempt in a run, with nothing said yet.
    ///
    /// Its id follows from the run, the question and the number, so an attempt that is taken up again keeps it.
    #[must_use]
    pub fn in_run(run: RunId, question: Question, attempt: u32) -> Self {
        Self::start(Some(run), question, attempt)
    }

    /// The id of an attempt in a run, as [`in_run`](Self::in_run) gives it.
    #[must_use]
    pub fn id_in_run(run: &RunId, question: &QuestionId, attempt: u32) -> TrajectoryId {
        id_of(Some(run), question, attempt)
    }

    fn start(run: Option<RunId>, question: Question, attempt: u32) -> Self {
        Self {
            id: id_of(run.as_ref(), &question.id, attempt),
            question,
            attempt,
            run,
            model: None,
            tools: Vec::new(),
            nodes: Nodes::default(),
            answer: None,
            stop: None,
            grades: Vec::new(),
            metadata: Metadata::new(),
        }
    }

    /// Adds a node and says its place.
    ///
    /// # Errors
    ///
    /// When the node names a parent, or stands for messages, that are not there yet.
    pub fn push(&mut self, node: Node) -> Result<NodeId, TrajectoryError> {
        self.nodes.push(node)
    }

    /// Checks that a node fits a place: that it refers to earlier places only.
    ///
    /// # Errors
    ///
    /// When the node names a parent, or stands for messages, that do not come before it.
    pub fn check_node(place: NodeId, node: &Node) -> Result<(), TrajectoryError> {
        check_references(place, node)
    }

    /// All nodes in the order in which they were written.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes.0
    }

    /// The node at a place.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.0.get(id.index())
    }

    /// The places of all nodes.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        // `push` has counted them.
        (0..u32::try_from(self.nodes.0.len()).unwrap_or(u32::MAX)).map(NodeId)
    }

    /// The nodes from the first of a conversation to `tip`; empty where there is no such node.
    #[must_use]
    pub fn path(&self, tip: NodeId) -> Vec<NodeId> {
        let mut path = Vec::new();
        let mut next = self.node(tip).map(|_| tip);
        while let Some(id) = next {
            path.push(id);
            next = self.nodes.0[id.index()].parent;
        }
        path.reverse();
        path
    }

    /// The messages from the first of a conversation to `tip`: what the model saw, and what it wrote last.
    #[must_use]
    pub fn conversation(&self, tip: NodeId) -> Vec<&Message> {
        self.path(tip).into_iter().map(|id| &self.nodes.0[id.index()].message).collect()
    }

    /// What all replies cost together: the discarded ones, those beside the attempt, and those that tools asked for.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.nodes()
            .iter()
            .map(|node| match &node.origin {
                Origin::Sampled(sampled) => sampled.usage,
                Origin::Observed(observed) => observed.usage,
                _ => Usage::default(),
            })
            .sum()
    }
}

fn id_of(run: Option<&RunId>, question: &QuestionId, attempt: u32) -> TrajectoryId {
    TrajectoryId::new(plain_id(&json!({"attempt": attempt, "question": question, "run": run})))
}

/// Nodes that refer to earlier ones only.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Node>")]
struct Nodes(Vec<Node>);

impl Nodes {
    fn push(&mut self, node: Node) -> Result<NodeId, TrajectoryError> {
        let id = NodeId(u32::try_from(self.0.len()).map_err(|_| TrajectoryError::TooManyNodes)?);
        check_references(id, &node)?;
        self.0.push(node);
        Ok(id)
    }
}

impl TryFrom<Vec<Node>> for Nodes {
    type Error = TrajectoryError;

    fn try_from(nodes: Vec<Node>) -> Result<Self, TrajectoryError> {
        let mut checked = Self(Vec::with_capacity(nodes.len()));
        for node in nodes {
            checked.push(node)?;
        }
        Ok(checked)
    }
}

fn check_references(id: NodeId, node: &Node) -> Result<(), TrajectoryError> {
    if let Some(parent) = node.parent.filter(|parent| *parent >= id) {
        return Err(TrajectoryError::Parent { node: id, parent });
    }
    if let Origin::Rewritten { of } = &node.origin
        && let Some(other) = of.iter().copied().find(|other| *other >= id)
    {
        return Err(TrajectoryError::Reference { node: id, other });
    }
    Ok(())
}
