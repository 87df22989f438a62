//! What of an attempt counted in a training.

use std::collections::BTreeMap;

use offseeker_trajectory::{
    Body, Message, NodeId, Sample, SampledTokens, Segment, Trajectory, WeightedMessage, WeightedToken,
};
use serde::Serialize;

use crate::ViewError;

/// What of an attempt counted in a training: the weights of its messages, and of their tokens where samples are made of
/// those.
///
/// ```
/// use offseeker_curation::{CutRules, samples};
/// use offseeker_trajectory::{Message, Node, Question, Trajectory};
/// use offseeker_viewer::Learnt;
///
/// let mut attempt = Trajectory::new(Question::new("Which river?", ["the Orsa"]), 0);
/// let asked = attempt.push(Node::given(None, Message::user("Which river?")))?;
/// let wrote = attempt.push(Node::sampled(asked, Message::assistant("<answer>the Orsa</answer>")))?;
///
/// let learnt = Learnt::of(&attempt, &samples(&attempt, &CutRules::default())?)?;
/// assert_eq!(learnt.get(wrote).map(|counted| counted.weight), Some(1.0));
/// assert!(learnt.get(asked).is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Learnt(BTreeMap<u32, Counted>);

/// How much a message counted.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Counted {
    /// How much those of its segments counted that `segments` does not name.
    pub weight: f32,
    /// Segments that counted otherwise.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub segments: BTreeMap<Segment, f32>,
    /// How much each of its sampled tokens counted, where that is known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<f32>,
}

impl Learnt {
    /// What counted in the samples that were cut from an attempt, or in its side of a pair. A message that is in several
    /// of them has the largest of its weights.
    ///
    /// # Errors
    ///
    /// When a sample was not cut from the attempt, or from an attempt that was another one then.
    pub fn of<'a>(trajectory: &Trajectory, samples: impl IntoIterator<Item = &'a Sample>) -> Result<Self, ViewError> {
        let mut learnt = Self::default();
        for sample in samples {
            learnt.add(trajectory, sample).ok_or_else(|| ViewError::OtherAttempt {
                sample: sample.id.to_string(),
                attempt: trajectory.id.clone(),
            })?;
        }
        Ok(learnt)
    }

    /// How much a message counted; none where it did not.
    #[must_use]
    pub fn get(&self, node: NodeId) -> Option<&Counted> {
        self.0.get(&number(node))
    }

    fn add(&mut self, trajectory: &Trajectory, sample: &Sample) -> Option<()> {
        let from = sample.from.as_ref().filter(|from| from.trajectory == trajectory.id)?;
        let path = trajectory.path(from.tip);
        match &sample.body {
            Body::Messages { messages, .. } => {
                let nodes = places(trajectory, &path, messages)
                    .or_else(|| places(trajectory, &trajectory.unfolded(&path), messages))?;
                for (node, message) in nodes.into_iter().zip(messages) {
                    let segments = message.segments.clone();
                    self.count(node, Counted { weight: message.weight, segments, tokens: Vec::new() });
                }
            }
            Body::Tokens(tokens) => self.add_tokens(trajectory, &path, tokens),
        }
        Some(())
    }

    /// Counts the tokens of each message that are found in a sample, one message after the other.
    fn add_tokens(&mut self, trajectory: &Trajectory, path: &[NodeId], tokens: &[WeightedToken]) {
        let mut rest = tokens;
        for node in path {
            let ids = trajectory.node(*node).and_then(|node| node.as_sampled()?.tokens.as_ref());
            let Some(ids) = ids.map(SampledTokens::ids).filter(|ids| !ids.is_empty()) else { continue };
            let is_here = |part: &[WeightedToken]| part.iter().map(|token| token.id).eq(ids.iter().copied());
            let Some(at) = rest.windows(ids.len()).position(is_here) else { continue };
            let weights: Vec<f32> = rest[at..at + ids.len()].iter().map(|token| token.weight).collect();
            rest = &rest[at + ids.len()..];
            let weight = weights.iter().copied().fold(0.0, f32::max);
            self.count(*node, Counted { weight, segments: BTreeMap::new(), tokens: weights });
        }
    }

    fn count(&mut self, node: NodeId, counted: Counted) {
        if counted.most() == 0.0 {
            return;
        }
        let place = self.0.entry(number(node)).or_default();
        if counted.most() > place.most() {
            *place = counted;
        }
    }
}

impl Counted {
    /// The largest of its weights.
    fn most(&self) -> f32 {
        self.segments.values().copied().fold(self.weight, f32::max)
    }
}

fn number(node: NodeId) -> u32 {
    u32::try_from(node.index()).expect("a node is numbered in 32 bits")
}

/// The nodes of messages that stand in this order among others; none where they do not.
fn places(trajectory: &Trajectory, among: &[NodeId], messages: &[WeightedMessage]) -> Option<Vec<NodeId>> {
    let mut rest = among.iter();
    let mut place =
        |message: &Message| rest.find(|id| trajectory.node(**id).is_some_and(|node| node.message == *message)).copied();
    messages.iter().map(|weighted| place(&weighted.message)).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
