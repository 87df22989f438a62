//! How much each message of a conversation counts.

use std::collections::{BTreeMap, HashSet};

use offseeker_trajectory::{CallStatus, Correction, Message, NodeId, Origin, Segment, Trajectory, WeightedMessage};

use super::conversation::Conversation;
use super::{CutRules, TrainOn};
use crate::turns::turns;

/// The messages of a conversation with their weights; `counts` says which nodes may count here.
pub(super) fn weighted(
    trajectory: &Trajectory,
    conversation: &Conversation,
    rules: &CutRules,
    counts: impl Fn(NodeId) -> bool,
) -> Vec<WeightedMessage> {
    let masked = masked(trajectory, rules);
    let weigh = |id: &NodeId| {
        let node = trajectory.node(*id)?;
        let is_said = node
            .as_sampled()
            .is_some_and(|sampled| sampled.discarded.is_none() && (rules.asides || sampled.aside.is_none()));
        let message = node.message.clone();
        let is_trained = is_said && counts(*id) && !masked.contains(id);
        Some(if is_trained { trained(message, rules) } else { WeightedMessage::new(message, 0.0) })
    };
    conversation.shown().iter().filter_map(weigh).collect()
}

fn trained(message: Message, rules: &CutRules) -> WeightedMessage {
    let (weight, mut segments) = match &rules.train_on {
        TrainOn::AllAssistant | TrainOn::LastAssistant => (1.0, BTreeMap::new()),
        TrainOn::FinalAnswer => (0.0, BTreeMap::from([(Segment::Answer, 1.0)])),
        TrainOn::Segments(weights) => (0.0, weights.clone()),
    };
    let counts = |weight: f32| weight != 0.0;
    if rules.mask_arguments && segments.get(&Segment::Arguments).copied().map_or(counts(weight), counts) {
        segments.insert(Segment::Arguments, 0.0);
    }
    WeightedMessage { message, weight, segments }
}

/// The turns that the rules do not let count, whatever they are part of.
fn masked(trajectory: &Trajectory, rules: &CutRules) -> HashSet<NodeId> {
    let mut masked = HashSet::new();
    if !(rules.mask_failed || rules.mask_malformed) {
        return masked;
    }
    for turn in turns(trajectory) {
        let failed = turn.results.iter().any(|(_, _, observed)| observed.status != CallStatus::Ok);
        let repaired = turn.calls.iter().any(|call| !call.repair.is_none());
        if (rules.mask_failed && failed) || (rules.mask_malformed && repaired) {
            masked.insert(turn.id);
        }
    }
    if rules.mask_malformed {
        let silent = |origin: &Origin| matches!(origin, Origin::Corrective { why: Correction::Silent });
        let noted = trajectory.nodes().iter().filter(|node| silent(&node.origin));
        masked.extend(noted.filter_map(|node| node.parent));
    }
    masked
}
