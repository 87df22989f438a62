//! A message in its place in a trajectory.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Correction, Finish, Message, Moment, SampledTokens, ToolCall, Usage};

/// The place of a node in its trajectory: nodes are numbered in the order in which they were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(pub(crate) u32);

impl NodeId {
    /// The place with an index; whether there is a node is for the trajectory to say.
    #[must_use]
    pub fn new(index: u32) -> Self {
        Self(index)
    }

    /// The place as an index into [`Trajectory::nodes`](crate::Trajectory::nodes).
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A message in its place in a trajectory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// The message before this one; none for the first of a conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<NodeId>,
    /// What was said.
    pub message: Message,
    /// How it came about.
    pub origin: Origin,
    /// When it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
}

impl Node {
    /// A message that came about in a way of which everything is said.
    #[must_use]
    pub fn new(parent: Option<NodeId>, message: Message, origin: Origin) -> Self {
        Self { parent, message, origin, at: None }
    }

    /// A message that was given to the model: instructions, the question.
    #[must_use]
    pub fn given(parent: Option<NodeId>, message: Message) -> Self {
        Self::new(parent, message, Origin::Given)
    }

    /// A message that the model wrote, of which nothing more is known.
    #[must_use]
    pub fn sampled(parent: NodeId, message: Message) -> Self {
        Self::new(Some(parent), message, Origin::Sampled(Sampled::default()))
    }

    /// A message in which a tool answered.
    #[must_use]
    pub fn observed(parent: NodeId, message: Message, observed: Observed) -> Self {
        Self::new(Some(parent), message, Origin::Observed(observed))
    }

    /// A message of the loop to bring the model back on its way.
    #[must_use]
    pub fn corrective(parent: NodeId, message: Message, why: Correction) -> Self {
        Self::new(Some(parent), message, Origin::Corrective { why })
    }

    /// What the model wrote, where it did.
    #[must_use]
    pub fn as_sampled(&self) -> Option<&Sampled> {
        match &self.origin {
            Origin::Sampled(sampled) => Some(sampled),
            _ => None,
        }
    }

    /// Whether the model wrote it and it was thrown away.
    #[must_use]
    pub fn is_discarded(&self) -> bool {
        self.as_sampled().is_some_and(|sampled| sampled.discarded.is_some())
    }
}

/// How a message came about, and what is known of that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
// The tag stands beside the content: inside it, serde would copy all tokens before it reads them, and widen each
// log-probability on the way.
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Origin {
    /// Given to the model: instructions, the question.
    Given,
    /// Written by the model.
    Sampled(Sampled),
    /// Answered by a tool.
    Observed(Observed),
    /// Written by the loop to bring the model back on its way; never trained on.
    Corrective {
        /// Why.
        why: Correction,
    },
    /// Put by a context policy in the place of earlier messages.
    Rewritten {
        /// The messages that it stands for.
        of: Vec<NodeId>,
    },
}

/// What is known of a message that the model wrote.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sampled {
    /// The tokens, where the server said them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<SampledTokens>,
    /// What it cost.
    #[serde(default)]
    pub usage: Usage,
    /// Why it ends where it ends, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish: Option<Finish>,
    /// The model that wrote it, where that is not the attempt's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// What it was asked for beside the attempt itself: `summary`. It is a conversation of its own, and no turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aside: Option<String>,
    /// The calls that were read out of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<ToolCall>,
    /// Why it was thrown away and sampled again; such a message is kept but never trained on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discarded: Option<String>,
}

/// What is known of a message in which a tool answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// How the call went; the text says it in words for the model, this says it for programs.
    pub status: CallStatus,
    /// Where its text comes from, so that a citation can be checked without fetching anything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// How long the call took, in milliseconds.
    #[serde(default)]
    pub elapsed_ms: u64,
    /// What models that worked for the tool cost.
    #[serde(default, skip_serializing_if = "Usage::is_nothing")]
    pub usage: Usage,
}

impl Observed {
    /// An answer of which only the status is known.
    #[must_use]
    pub fn new(status: CallStatus) -> Self {
        Self { status, sources: Vec::new(), elapsed_ms: 0, usage: Usage::default() }
    }
}

/// How a call of a tool went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CallStatus {
    /// It did what it was asked.
    Ok,
    /// The arguments do not fit the tool.
    InvalidArguments,
    /// What was asked for is not there.
    NotFound,
    /// It failed and may work another time.
    Transient,
    /// Somebody asked to come back later.
    RateLimited,
    /// A guard forbade it.
    Blocked,
    /// It took too long.
    Timeout,
    /// There is nothing left to spend.
    Budget,
    /// It is broken.
    Internal,
}

/// A place that an observation shows.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Source {
    /// Its address.
    pub url: String,
    /// How much of it was shown.
    pub view: View,
}

/// How much of a place an observation shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum View {
    /// A few words in a list of hits.
    Snippet,
    /// The page, or a part of it.
    Page,
    /// The places where a pattern was found in the page.
    Find,
    /// What a program printed.
    Execution,
}
