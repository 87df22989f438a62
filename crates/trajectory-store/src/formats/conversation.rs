//! The conversations that an attempt is written as, and the attempt that conversations are read as.

use offseeker_trajectory::{
    Body, Branch, CallStatus, Message, Node, NodeId, Observed, Origin, Role, Sample, Sampled, ToolSpec, Trajectory,
};

use super::RowError;

/// Which branches of an attempt are written. What was thrown away, and conversations beside the attempt, never are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Branches {
    /// The one that the attempt ended in: where there is an answer, the last that ends in words of the model.
    #[default]
    Main,
    /// All that were kept, each as a row of its own, in the order of [`Trajectory::branches`].
    Kept,
}

impl Branches {
    /// Those branches of an attempt.
    #[must_use]
    pub fn of(self, trajectory: &Trajectory) -> Vec<Branch> {
        if self == Self::Main {
            return trajectory.main_branch().into_iter().collect();
        }
        let mut branches = trajectory.branches();
        branches.retain(|branch| !branch.is_discarded() && !branch.is_aside());
        branches
    }
}

/// A conversation, and the tools that the model was told of.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Conversation {
    pub(super) messages: Vec<Message>,
    pub(super) tools: Vec<ToolSpec>,
}

impl Conversation {
    /// The conversations of some branches of an attempt.
    pub(super) fn all(trajectory: &Trajectory, which: Branches) -> Result<Vec<Self>, RowError> {
        let branches = which.of(trajectory);
        if branches.is_empty() && !trajectory.nodes().is_empty() {
            return Err(RowError::Nothing { reason: "no branch of the attempt was kept" });
        }
        Ok(branches.iter().map(|branch| Self::of(trajectory, branch)).collect())
    }

    /// The conversations of some branches; where nothing was said, one without messages.
    pub(super) fn all_or_empty(trajectory: &Trajectory, which: Branches) -> Result<Vec<Self>, RowError> {
        let mut found = Self::all(trajectory, which)?;
        if found.is_empty() {
            found.push(Self { messages: Vec::new(), tools: trajectory.tools.clone() });
        }
        Ok(found)
    }

    fn of(trajectory: &Trajectory, branch: &Branch) -> Self {
        let written = |node: &&Node| {
            node.as_sampled().is_none_or(|sampled| sampled.discarded.is_none() && sampled.aside.is_none())
        };
        let nodes = branch.path().iter().filter_map(|place| trajectory.node(*place));
        let messages = nodes.filter(written).map(|node| node.message.clone()).collect();
        Self { messages, tools: trajectory.tools.clone() }
    }

    /// The conversation of a sample, without its weights.
    pub(super) fn of_sample(sample: &Sample) -> Result<Self, RowError> {
        match &sample.body {
            Body::Messages { messages, tools } => Ok(Self {
                messages: messages.iter().map(|weighted| weighted.message.clone()).collect(),
                tools: tools.clone(),
            }),
            Body::Tokens(_) => Err(RowError::Nothing {
                reason: "the sample holds tokens, not messages; only our own format and Parquet can hold it",
            }),
        }
    }

    /// What the user says first: the question, in formats that have no field for it.
    pub(super) fn question(&self) -> String {
        let asked = self.messages.iter().find(|message| message.role == Role::User);
        asked.map(|message| message.content.clone()).unwrap_or_default()
    }

    /// The answer, where the last message is the model's and has one in tags.
    pub(super) fn answer(&self) -> Option<String> {
        let last = self.messages.last().filter(|message| message.role == Role::Assistant)?;
        Some(tagged_answer(&last.content)?.to_owned())
    }
}

/// What stands in the last answer tags of a text.
fn tagged_answer(text: &str) -> Option<&str> {
    let (_, rest) = text.rsplit_once("<answer>")?;
    let (answer, _) = rest.split_once("</answer>")?;
    Some(answer.trim())
}

/// Adds a conversation to an attempt; what it begins with and the attempt already has is not added again.
pub(super) fn push(trajectory: &mut Trajectory, messages: Vec<Message>) -> Result<(), RowError> {
    let mut parent = None;
    let mut known = true;
    for message in messages {
        let there = if known { find(trajectory, parent, &message) } else { None };
        known = there.is_some();
        parent = Some(match there {
            Some(place) => place,
            None => trajectory.push(node(parent, message)).map_err(RowError::unwritable)?,
        });
    }
    Ok(())
}

fn find(trajectory: &Trajectory, parent: Option<NodeId>, message: &Message) -> Option<NodeId> {
    trajectory
        .ids()
        .zip(trajectory.nodes())
        .find(|(_, node)| node.parent == parent && node.message == *message)
        .map(|(place, _)| place)
}

/// A message that was read, in its place: how it came about is told by who speaks, and by the tags around it.
fn node(parent: Option<NodeId>, message: Message) -> Node {
    let origin = match message.role {
        Role::Assistant => Origin::Sampled(Sampled { calls: message.tool_calls.clone(), ..Sampled::default() }),
        Role::Tool => Origin::Observed(Observed::new(CallStatus::Ok)),
        Role::User if message.content.starts_with("<tool_response>") => Origin::Observed(Observed::new(CallStatus::Ok)),
        Role::User | Role::System => Origin::Given,
    };
    Node::new(parent, message, origin)
}
