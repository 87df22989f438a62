//! Something to learn from: a conversation, and how much each part of it counts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Message, Metadata, NodeId, SampleId, ToolSpec, TrajectoryId, WeightedToken, finite};

/// A conversation, and how much each part of it counts in training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Names the sample.
    pub id: SampleId,
    /// The conversation and its weights.
    pub body: Body,
    /// What it was cut from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Provenance>,
    /// What else its maker knows of it.
    #[serde(default, skip_serializing_if = "Metadata::is_empty")]
    pub metadata: Metadata,
}

/// Where a sample was cut.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Provenance {
    /// The attempt.
    pub trajectory: TrajectoryId,
    /// The last node of the branch.
    pub tip: NodeId,
}

/// A conversation with weights, in one of two forms.
///
/// Tokens are exact: they are what was sampled. Messages leave the tokens to the renderer of the model that learns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
// The tag stands beside the content: inside it, serde would copy all tokens before it reads them.
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Body {
    /// Tokens in order, each with its weight.
    Tokens(Vec<WeightedToken>),
    /// Messages, each with the weights of its segments.
    Messages {
        /// The messages in order.
        messages: Vec<WeightedMessage>,
        /// The tools that the model was told of.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        tools: Vec<ToolSpec>,
    },
}

/// A message and how much each of its segments counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WeightedMessage {
    /// The message.
    pub message: Message,
    /// How much a segment counts that `segments` does not name; nought for what is only read.
    #[serde(with = "finite")]
    pub weight: f32,
    /// Segments that count otherwise.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", with = "finite::map")]
    pub segments: BTreeMap<Segment, f32>,
}

impl WeightedMessage {
    /// A message all of whose segments count the same.
    #[must_use]
    pub fn new(message: Message, weight: f32) -> Self {
        Self { message, weight, segments: BTreeMap::new() }
    }

    /// How much a segment counts.
    #[must_use]
    pub fn weight_of(&self, segment: Segment) -> f32 {
        self.segments.get(&segment).copied().unwrap_or(self.weight)
    }
}

/// A part of a message that the model wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Segment {
    /// Its reasoning.
    Reasoning,
    /// What it says outside any tag.
    Text,
    /// A call: its tags and the name of the tool.
    Call,
    /// The arguments of a call.
    Arguments,
    /// The answer.
    Answer,
}
