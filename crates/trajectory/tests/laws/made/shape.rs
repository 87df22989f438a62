//! Made-up trajectories of which nothing counts but how the messages hang together.

use offseeker_trajectory::{
    CallStatus, Correction, Message, Node, NodeId, Observed, Origin, Question, Role, Sampled, Trajectory,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::node_id;

/// How a node hangs together with the others, and nothing else.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Given,
    Sampled,
    Discarded,
    Observed,
    Corrective,
}

/// A node of which nothing counts but its place and its kind.
pub(crate) fn bare(parent: Option<NodeId>, kind: Kind) -> Node {
    let (role, origin) = match kind {
        Kind::Given => (Role::User, Origin::Given),
        Kind::Sampled => (Role::Assistant, Origin::Sampled(Sampled::default())),
        Kind::Discarded => {
            let discarded = Some("unreadable".to_owned());
            (Role::Assistant, Origin::Sampled(Sampled { discarded, ..Sampled::default() }))
        }
        Kind::Observed => (Role::Tool, Origin::Observed(Observed::new(CallStatus::Ok))),
        Kind::Corrective => (Role::User, Origin::Corrective { why: Correction::Silent }),
    };
    Node::new(parent, Message::new(role, ""), origin)
}

/// Trajectories of every shape, with many messages that were thrown away.
pub(crate) fn shape() -> impl Strategy<Value = Trajectory> {
    let kind =
        select(vec![Kind::Given, Kind::Sampled, Kind::Discarded, Kind::Discarded, Kind::Observed, Kind::Corrective]);
    let near_end = prop_oneof![2 => Just(None), 1 => any::<Index>().prop_map(Some)];
    vec((option::weighted(0.9, near_end), kind), 0..30).prop_map(|nodes| {
        let mut made = Trajectory::new(Question::new("?", [""; 0]), 0);
        for (place, (parent, kind)) in nodes.into_iter().enumerate() {
            let parent = parent.filter(|_| place > 0).map(|far| far.map_or(place - 1, |far| far.index(place)));
            made.push(bare(parent.map(node_id), kind)).expect("it refers to earlier nodes only");
        }
        made
    })
}
