//! What holds for all attempts.

use std::collections::HashSet;

use offseeker_curation::stage::Correctness;
use offseeker_curation::{
    Advantage, CutRules, Digest, PairRules, Recipe, Report, Stage, View, difficulty, pair_up, samples, select,
};
use offseeker_resemblance::hash;
use offseeker_trajectory::{
    Body, CallStatus, Correction, Grade, Message, Node, NodeId, Observed, Origin, Question, Role, Sampled, StopReason,
    Trajectory,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::made::{Made, call, digest_of, good, wrong};

/// Attempts of all kinds, of which many do nearly the same.
fn attempts() -> impl Strategy<Value = Vec<Made>> {
    let one = (0..8_u32, 0..3_u32, any::<bool>(), 0..10_u8, 0..4_usize, 5..14_usize);
    vec(one, 0..24).prop_map(|all| {
        let made = |(at, (pages, asked, right, flaw, extra, calls)): (usize, (u32, u32, bool, u8, usize, usize))| {
            let base = if right { good(pages) } else { wrong(pages) };
            base.with(|made| {
                made.number = at as u32;
                made.question = format!("Which river does mill {asked} stand on?");
                made.calls.truncate(calls);
                made.calls.extend((0..extra).map(|more| call(pages as usize * 100 + 10 + more)));
                match flaw {
                    0 => made.grades.clear(),
                    1 => made.stop = Some(StopReason::Cancelled),
                    2 => made.calls[1].status = CallStatus::NotFound,
                    3 => made.calls[2].note = Some(Correction::Circling),
                    4 => made.grades.push(Grade::unscored("judge@1", "")),
                    5 => made.calls[0].thought.push_str(" The Orsa, I think."),
                    _ => {}
                }
            })
        };
        all.into_iter().enumerate().map(made).collect()
    })
}

fn digests(made: &[Made]) -> Vec<Digest> {
    made.iter().map(|made| digest_of(&made.make())).collect()
}

fn recipe() -> impl Strategy<Value = Recipe> {
    (Just(Stage::ALL.to_vec()).prop_shuffle(), 0..=5_usize).prop_map(|(mut stages, count)| {
        stages.truncate(count);
        Recipe { stages, ..Recipe::default() }
    })
}

/// Trajectories of every shape: any node may follow any earlier one, and rewritten ones stand for any.
fn trajectories() -> impl Strategy<Value = Trajectory> {
    vec((any::<Option<Index>>(), 0..6_u8, vec(any::<Index>(), 0..3)), 0..24).prop_map(|nodes| {
        let mut trajectory = Trajectory::new(Question::new("?", ["x"]), 0);
        for (at, (parent, kind, of)) in nodes.into_iter().enumerate() {
            let parent = parent.filter(|_| at > 0).map(|parent| NodeId::new(parent.index(at) as u32));
            let of = of.into_iter().filter(|_| at > 0).map(|it| NodeId::new(it.index(at) as u32)).collect();
            let aside = (kind == 5).then(|| "summary".to_owned());
            let discarded = (kind == 4).then(|| "unreadable".to_owned());
            let (role, origin) = match kind {
                0 => (Role::User, Origin::Given),
                1 => (Role::Tool, Origin::Observed(Observed::new(CallStatus::Ok))),
                2 => (Role::User, Origin::Rewritten { of }),
                _ => (Role::Assistant, Origin::Sampled(Sampled { aside, discarded, ..Sampled::default() })),
            };
            trajectory.push(Node::new(parent, Message::new(role, at.to_string()), origin)).unwrap();
        }
        trajectory
    })
}

fn cut_rules() -> impl Strategy<Value = CutRules> {
    (any::<bool>(), any::<bool>()).prop_map(|(raw, asides)| CutRules {
        view: if raw { View::Raw } else { View::AsSeen },
        asides,
        ..CutRules::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn nothing_depends_on_the_order_of_the_attempts(made in attempts(), recipe in recipe(), seed in any::<u64>()) {
        let digests = digests(&made);
        let mut turned = digests.clone();
        turned.sort_by_key(|digest| hash(&format!("{seed}{}", digest.attempt)));
        let (one, other) = (select(&digests, &recipe), select(&turned, &recipe));
        prop_assert_eq!(&one, &other);
        let text = |digests: &[Digest], selection| serde_json::to_string(&Report::of(digests, &recipe, selection)).unwrap();
        prop_assert_eq!(text(&digests, &one), text(&turned, &other));
        prop_assert_eq!(pair_up(&digests, &PairRules::default()), pair_up(&turned, &PairRules::default()));
        let bands = offseeker_curation::Bands::default();
        let by = Correctness::default();
        prop_assert_eq!(difficulty(&digests, &by, &bands), difficulty(&turned, &by, &bands));
    }

    #[test]
    fn what_was_kept_is_kept_again(made in attempts(), recipe in recipe()) {
        let digests = digests(&made);
        let first = select(&digests, &recipe);
        let kept: Vec<Digest> = digests.into_iter().filter(|digest| first.has(&digest.attempt)).collect();
        let again = select(&kept, &recipe);
        prop_assert_eq!(again.kept, first.kept);
        prop_assert!(again.dropped.is_empty());
    }

    #[test]
    fn every_attempt_is_kept_or_dropped_once(made in attempts(), recipe in recipe()) {
        let digests = digests(&made);
        let selection = select(&digests, &recipe);
        let mut all: Vec<_> = selection.kept.iter().chain(selection.dropped.iter().map(|it| &it.attempt)).collect();
        all.sort_unstable();
        let mut expected: Vec<_> = digests.iter().map(|digest| &digest.attempt).collect();
        expected.sort_unstable();
        prop_assert_eq!(all, expected);
        let report = Report::of(&digests, &recipe, &selection);
        for stage in &report.stages {
            prop_assert_eq!(stage.came, stage.passed + stage.dropped.values().sum::<u64>());
        }
        prop_assert_eq!(report.kept.attempts, selection.kept.len() as u64);
    }

    #[test]
    fn only_what_was_sampled_counts_and_nothing_counts_twice(trajectory in trajectories(), rules in cut_rules()) {
        let mut counted = HashSet::new();
        for sample in samples(&trajectory, &rules).unwrap() {
            let Body::Messages { messages, .. } = sample.body else { panic!("no token is known") };
            for message in messages.iter().filter(|message| message.weight != 0.0) {
                let place: usize = message.message.content.parse().unwrap();
                let sampled = trajectory.nodes()[place].as_sampled();
                prop_assert!(sampled.is_some_and(|it| it.discarded.is_none() && (rules.asides || it.aside.is_none())));
                prop_assert!(counted.insert(place), "{} counts twice", place);
            }
        }
        if rules.view == View::AsSeen {
            let said = |node: &Node| node.as_sampled().is_some_and(|it| it.discarded.is_none() && it.aside.is_none());
            let missing: Vec<usize> = (0..trajectory.nodes().len()).filter(|at| said(&trajectory.nodes()[*at]) && !counted.contains(at)).collect();
            // What follows a reply that was thrown away, or one beside the attempt, may be in no conversation that is
            // kept.
            for at in missing {
                let reaches = trajectory.branches().iter().any(|branch| {
                    !branch.is_discarded() && !branch.is_aside() && branch.path().iter().any(|id| id.index() == at)
                });
                prop_assert!(!reaches, "{} counts nowhere", at);
            }
        }
    }

    #[test]
    fn attempts_of_any_shape_are_digested(trajectory in trajectories()) {
        let digest = digest_of(&trajectory);
        prop_assert!((0.0..=2.0).contains(&digest.penalty()));
        let json = serde_json::to_string(&digest).unwrap();
        prop_assert_eq!(serde_json::from_str::<Digest>(&json).unwrap(), digest);
    }

    #[test]
    fn advantages_sum_to_nought(rewards in vec(proptest::option::weighted(0.8, -5.0..5.0_f64), 0..12)) {
        let scored = rewards.iter().flatten().count();
        for rule in [Advantage::Grpo, Advantage::DrGrpo, Advantage::Rloo] {
            let found = rule.of(&rewards, &[]);
            let sum: f64 = found.iter().flatten().sum();
            prop_assert!(scored < 2 || sum.abs() < 1e-9, "{:?}: {}", rule, sum);
            prop_assert!(found.iter().zip(&rewards).all(|(found, reward)| reward.is_some() || found.is_none()));
        }
    }

    #[test]
    fn a_better_reward_has_the_better_advantage(rewards in vec(-5.0..5.0_f64, 2..12)) {
        let known: Vec<Option<f64>> = rewards.iter().copied().map(Some).collect();
        for rule in [Advantage::Grpo, Advantage::DrGrpo, Advantage::Rloo] {
            let found = rule.of(&known, &[]);
            for (left, one) in rewards.iter().enumerate() {
                for (right, other) in rewards.iter().enumerate() {
                    prop_assert!(one <= other || found[left] > found[right]);
                }
            }
        }
    }
}
