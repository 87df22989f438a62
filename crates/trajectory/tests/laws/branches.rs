//! What holds for the branches of every trajectory, and the branches of some.

use offseeker_trajectory::{Message, Node, NodeId, Origin, Question, Trajectory};
use proptest::prelude::*;

use crate::made::Kind::{Corrective, Discarded, Given, Observed, Sampled};
use crate::made::{self, Kind, node_id};

proptest! {
    #[test]
    fn the_owned_parts_are_all_nodes_each_once(trajectory in made::shape()) {
        let mut owned: Vec<NodeId> = trajectory.branches().iter().flat_map(|branch| branch.owned().to_vec()).collect();
        owned.sort_unstable();
        prop_assert_eq!(owned, trajectory.ids().collect::<Vec<_>>());
    }

    #[test]
    fn what_a_branch_owns_is_the_last_part_of_its_path(trajectory in made::shape()) {
        for branch in trajectory.branches() {
            prop_assert_eq!(branch.path(), [branch.shared(), branch.owned()].concat());
            prop_assert_eq!(branch.owned().last(), Some(&branch.tip()));
        }
    }

    #[test]
    fn a_path_starts_where_nothing_is_before_and_follows_the_parents(trajectory in made::shape()) {
        for branch in trajectory.branches() {
            let parents: Vec<Option<NodeId>> =
                branch.path().iter().map(|id| trajectory.node(*id).and_then(|node| node.parent)).collect();
            let before = [None].into_iter().chain(branch.path().iter().copied().map(Some));
            prop_assert_eq!(parents, before.take(branch.path().len()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn kept_branches_come_first_and_each_kind_in_the_order_of_its_last_nodes(trajectory in made::shape()) {
        let order: Vec<_> = trajectory.branches().iter().map(|branch| (branch.is_discarded(), branch.tip())).collect();
        prop_assert!(order.is_sorted(), "{:?}", order);
    }

    #[test]
    fn a_discarded_branch_owns_what_was_thrown_away_and_nothing_else(trajectory in made::shape()) {
        for branch in trajectory.branches().iter().filter(|branch| branch.is_discarded()) {
            for id in branch.owned() {
                prop_assert!(trajectory.nodes()[id.index()].is_discarded());
            }
        }
    }

    #[test]
    fn a_branch_ends_where_nothing_of_its_kind_follows(trajectory in made::shape()) {
        for branch in trajectory.branches() {
            let followers = trajectory.ids().filter(|id| {
                let counts = branch.is_discarded() || !trajectory.nodes()[id.index()].is_discarded();
                counts && *id != branch.tip() && trajectory.path(*id).contains(&branch.tip())
            });
            prop_assert_eq!(followers.collect::<Vec<_>>(), []);
        }
    }
}

/// The path of a branch, how many nodes of it are shared, and whether it was thrown away.
type Expected<'a> = (&'a [usize], usize, bool);

const KEPT: bool = false;
const THROWN_AWAY: bool = true;

#[track_caller]
fn check(nodes: &[(Option<usize>, Kind)], expected: &[Expected<'_>]) {
    let mut trajectory = Trajectory::new(Question::new("?", [""; 0]), 0);
    for (parent, kind) in nodes {
        trajectory.push(made::bare(parent.map(node_id), *kind)).expect("the example is right");
    }
    check_branches(&trajectory, expected);
}

#[track_caller]
fn check_branches(trajectory: &Trajectory, expected: &[Expected<'_>]) {
    let branches = trajectory.branches();
    let found: Vec<_> = branches
        .iter()
        .map(|branch| {
            let path: Vec<usize> = branch.path().iter().map(|id| id.index()).collect();
            (path, branch.shared().len(), branch.is_discarded())
        })
        .collect();
    let expected: Vec<_> =
        expected.iter().map(|(path, shared, discarded)| (path.to_vec(), *shared, *discarded)).collect();
    assert_eq!(found, expected);
}

#[test]
fn nothing_said_has_no_branch() {
    check(&[], &[]);
}

#[test]
fn one_conversation_is_one_branch() {
    check(&[(None, Given), (Some(0), Given), (Some(1), Sampled)], &[(&[0, 1, 2], 0, KEPT)]);
}

#[test]
fn the_kept_branch_owns_the_turns_before_a_reply_that_was_sampled_again() {
    check(
        &[
            (None, Given),
            (Some(0), Given),
            (Some(1), Sampled),
            (Some(2), Observed),
            (Some(3), Discarded),
            (Some(3), Sampled),
        ],
        &[(&[0, 1, 2, 3, 5], 0, KEPT), (&[0, 1, 2, 3, 4], 4, THROWN_AWAY)],
    );
}

#[test]
fn turns_before_a_reply_that_was_never_replaced_are_kept() {
    check(
        &[(None, Given), (Some(0), Sampled), (Some(1), Observed), (Some(2), Discarded), (Some(2), Discarded)],
        &[(&[0, 1, 2], 0, KEPT), (&[0, 1, 2, 3], 3, THROWN_AWAY), (&[0, 1, 2, 4], 3, THROWN_AWAY)],
    );
}

#[test]
fn a_discarded_reply_that_the_model_was_corrected_for_stays_in_the_conversation() {
    check(
        &[(None, Given), (Some(0), Discarded), (Some(1), Corrective), (Some(2), Sampled)],
        &[(&[0, 1, 2, 3], 0, KEPT)],
    );
}

/// Instructions, a question, a turn; then something in place of the turn, and an answer.
#[track_caller]
fn check_rewritten(parent: Option<usize>, of: &[usize], expected: &[Expected<'_>]) {
    let mut trajectory = Trajectory::new(Question::new("?", [""; 0]), 0);
    for (parent, kind) in [(None, Given), (Some(0), Given), (Some(1), Sampled), (Some(2), Observed)] {
        trajectory.push(made::bare(parent.map(node_id), kind)).expect("the example is right");
    }
    let of = of.iter().map(|id| node_id(*id)).collect();
    let summary = Node::new(parent.map(node_id), Message::user("So far: ..."), Origin::Rewritten { of });
    let summary = trajectory.push(summary).expect("it stands for earlier messages");
    trajectory.push(made::bare(Some(summary), Sampled)).expect("its parent is there");
    check_branches(&trajectory, expected);
}

#[test]
fn a_rewrite_opens_a_branch() {
    check_rewritten(Some(1), &[2, 3], &[(&[0, 1, 2, 3], 0, KEPT), (&[0, 1, 4, 5], 2, KEPT)]);
}

#[test]
fn a_rewrite_of_everything_opens_a_branch_that_shares_nothing() {
    check_rewritten(None, &[0, 1, 2, 3], &[(&[0, 1, 2, 3], 0, KEPT), (&[4, 5], 0, KEPT)]);
}
