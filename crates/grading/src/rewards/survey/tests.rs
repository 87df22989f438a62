//! The formulas of the survey's chapter.

use offseeker_trajectory::{Message, Node, Origin, StopReason, ToolCall};

use super::*;
use crate::rewards::made::{Fixed, Goes, attempt, graded, near, ours_is_unscored};
use crate::rewards::{Parts, preset};

/// Two calls, one of which was refused, and an answer: three turns.
fn three_turns() -> Trajectory {
    attempt()
        .calls("search", "{\"query\": \"mill\"}")
        .sees("x", &[])
        .calls("search", "{}")
        .told(CallStatus::InvalidArguments, "no")
        .answers("the Orsa")
}

#[test]
fn presets_follow_the_chapter() {
    let check = |name: &str, parts: &[(&str, f64)], expected: f64| {
        let mut given = Parts { most_turns: 10, ..Parts::default() };
        for (part, value) in parts {
            given = given.with(*part, Fixed::at(*value));
        }
        let preset = preset(name).unwrap();
        let names: Vec<&str> = parts.iter().map(|(name, _)| *name).collect();
        assert_eq!(preset.needs, names, "{name}");
        let grade = graded(&*preset.build(&given).unwrap().as_grader().unwrap(), &three_turns());
        assert!((grade.value.unwrap() - expected).abs() < 1e-12, "{name}: {grade:?}");
    };
    check("survey004/stage1", &[("accuracy", 1.0)], 1.0);
    check("survey004/stage2", &[("accuracy", 1.0)], 1.0 + 0.2 * 0.5 - 0.1 * 0.3);
    check(
        "survey004/stage3",
        &[("accuracy", 1.0), ("citation", 0.5), ("cross_validation", 0.5)],
        0.4 + 0.15 + 0.1 + 0.07,
    );
    check(
        "survey004/report",
        &[("accuracy", 1.0), ("structure", 0.5), ("citation", 1.0), ("length", 0.5), ("relevance", 0.8)],
        0.30 + 0.10 + 0.15 + 0.05 + 0.20,
    );
    check("survey004/longwriter", &[("length", 1.0), ("quality", 0.5), ("structure", 0.0)], 0.5);
    check(
        "survey004/search-rm-loop",
        &[("rm", 0.5), ("citation", 0.5), ("hallucination", 1.0)],
        0.5 + 0.1 + 0.07 - 0.3,
    );
    near(stage2(1.0, 0.5, 3, 10), 1.0 + 0.1 - 0.03);
}

#[test]
fn measures_are_counted_in_the_attempt() {
    let check = |measure: Counted, attempt: &Trajectory, expected: f64| {
        near(graded(&measure, attempt).value, expected);
        ours_is_unscored(&measure, attempt);
    };
    check(Counted::ValidCalls, &three_turns(), 0.5);
    check(Counted::ValidCalls, &attempt().answers("x"), 0.0);
    let mut twice_wrong = attempt().calls("search", "{\"query\": \"mill\"}").sees("x", &[]);
    let sampled = offseeker_trajectory::Sampled {
        calls: vec![ToolCall { repair: Repair::Unreadable, ..ToolCall::new("", "search", "{") }],
        ..Default::default()
    };
    let tip = twice_wrong.ids().last();
    twice_wrong.push(Node::new(tip, Message::assistant("{"), Origin::Sampled(sampled))).unwrap();
    let twice_wrong = twice_wrong.told(CallStatus::InvalidArguments, "no").answers("x");
    check(Counted::ValidCalls, &twice_wrong, 0.5);
    check(Counted::Turns { most: 2 }, &three_turns(), 1.5);
    check(Counted::Efficiency { most: 2 }, &three_turns(), 0.0);
    check(Counted::Efficiency { most: 4 }, &three_turns(), 0.25);
    check(Counted::NoSearch, &three_turns(), 0.0);
    check(Counted::NoSearch, &attempt().answers("x"), 1.0);
    check(Counted::NoAnswer, &three_turns(), 0.0);
    check(Counted::NoAnswer, &attempt().says("x").stops(StopReason::Loop), 1.0);
}
