//! What graders made of graders say, and what they say when a part does not know.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use offseeker_trajectory::{Grade, Outcome};
use proptest::prelude::*;

use super::*;
use crate::rewards::made::{Fixed, Goes, attempt, graded, group_graded, near, numbered, reason};
use crate::{GradeError, Grader};

fn part(name: &str, value: Option<f64>) -> Part {
    Part::new(name, value.map_or_else(Fixed::none, Fixed::at))
}

#[test]
fn a_sum_keeps_its_parts() {
    let sum = WeightedSum::new("sum@1").with(0.5, part("a", Some(1.0))).with(-0.25, part("b", Some(2.0)));
    let grade = graded(&sum, &attempt());
    near(grade.value, 0.0);
    let components: Vec<_> = grade.components.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    assert_eq!(components, [("a", 1.0), ("a/half", 0.5), ("b", 2.0), ("b/half", 1.0)]);
}

#[test]
fn the_first_part_that_knows_says_whether_the_answer_is_right() {
    let sum = WeightedSum::new("sum@1")
        .with(1.0, part("format", Some(1.0)))
        .with(1.0, Part::new("right", Fixed::with(Outcome::Wrong, 0.0)))
        .with(1.0, Part::new("other", Fixed::with(Outcome::Correct, 1.0)));
    assert_eq!(graded(&sum, &attempt()).outcome, Outcome::Wrong);
}

#[test]
fn a_part_that_does_not_know_leaves_the_whole_without_a_value() {
    let known = || part("known", Some(1.0));
    let unknown = || part("unknown", None);
    let progress = Progress::default();
    let line = Schedule::Linear { from: 1.0, to: 0.0 };
    let level = |name: &str| Level { name: name.to_owned(), weight: 1.0, needs: None, hard: false };
    let graders: BTreeMap<String, Arc<dyn Grader>> =
        [known(), unknown()].map(|part| (part.name, part.grader)).into_iter().collect();
    let wholes: Vec<Box<dyn Grader>> = vec![
        Box::new(WeightedSum::new("w@1").with(1.0, known()).with(1.0, unknown())),
        Box::new(Gate::new("w@1", unknown(), 0.5, known())),
        Box::new(Gate::new("w@1", known(), 0.5, unknown())),
        Box::new(Sequential::new("w@1", [level("known"), level("unknown")], &graders).unwrap()),
        Box::new(Anneal::new("w@1", known(), unknown(), line.clone(), progress.clone())),
        Box::new(Anneal::new("w@1", unknown(), known(), line, progress)),
        Box::new(Penalty::new("w@1", known()).less(1.0, unknown())),
        Box::new(Penalty::new("w@1", unknown())),
    ];
    for whole in wholes {
        let grade = graded(&*whole, &attempt());
        assert_eq!(reason(&grade), "unknown: nobody knows", "{whole:?}");
        let mut found: Vec<&f64> = grade.components.values().collect();
        found.retain(|value| **value == 1.0);
        assert!(found.len() <= 2, "what the known part said may be told, nothing else: {grade:?}");
    }
}

#[test]
fn a_gate_opens_at_its_threshold_and_asks_nobody_behind_it_while_closed() {
    for (height, value, asked) in [(0.49, -1.0, 0), (0.5, 0.7, 1), (1.0, 0.7, 1)] {
        let behind = Fixed::at(0.7);
        let mut gate = Gate::new("gate@1", part("gate", Some(height)), 0.5, Part::new("behind", behind.clone()));
        gate.closed = -1.0;
        near(graded(&gate, &attempt()).value, value);
        assert_eq!(behind.asked.load(Ordering::Relaxed), asked, "{height}");
    }
}

#[test]
fn levels_end_at_the_first_that_fails() {
    let level = |name: &str, weight, needs, hard| Level { name: name.to_owned(), weight, needs, hard };
    let check = |values: [f64; 3], hard: bool, expected: f64, asked: [u32; 3]| {
        let fixed = values.map(Fixed::at);
        let graders: BTreeMap<String, Arc<dyn Grader>> = ["a", "b", "c"]
            .into_iter()
            .zip(&fixed)
            .map(|(name, grader)| (name.to_owned(), Arc::clone(grader) as Arc<dyn Grader>))
            .collect();
        let levels =
            [level("a", 0.5, Some(1.0), hard), level("b", 0.3, Some(0.5), false), level("c", 0.2, None, false)];
        let grader = Sequential::new("levels@1", levels, &graders).unwrap();
        near(graded(&grader, &attempt()).value, expected);
        assert_eq!(fixed.map(|grader| grader.asked.load(Ordering::Relaxed)), asked, "{values:?}");
    };
    check([1.0, 1.0, 1.0], true, 1.0, [1, 1, 1]);
    check([1.0, 0.5, 0.5], true, 0.75, [1, 1, 1]);
    check([1.0, 0.4, 1.0], true, 0.62, [1, 1, 0]);
    check([0.9, 1.0, 1.0], false, 0.45, [1, 0, 0]);
    check([0.9, 1.0, 1.0], true, 0.0, [1, 0, 0]);
}

#[test]
fn levels_are_data() {
    let json = r#"[{"name":"valid","weight":0.5,"needs":1.0,"hard":true},{"name":"good","weight":0.5,"hard":false}]"#;
    let levels: Vec<Level> = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_string(&levels).unwrap(), json);
    let error = Sequential::new("mine@1", levels, &BTreeMap::new()).unwrap_err();
    assert!(matches!(error, GradeError::Preset { .. }));
    assert_eq!(error.to_string(), "preset mine@1: its level \"valid\" has no grader; give it a part of that name");
}

#[test]
fn a_weight_follows_training() {
    let check = |schedule: Schedule, expected: [f64; 3]| {
        for (progress, expected) in [0.0, 0.5, 1.0].into_iter().zip(expected) {
            near(schedule.weight(progress), expected);
            let shared = Progress::default();
            let anneal =
                Anneal::new("anneal@1", part("a", Some(1.0)), part("b", Some(0.0)), schedule.clone(), shared.clone());
            shared.set(progress);
            let grade = graded(&anneal, &attempt());
            near(grade.value, expected);
            near(grade.components["weight"], expected);
        }
        let line = serde_json::to_string(&schedule).unwrap();
        assert_eq!(serde_json::from_str::<Schedule>(&line).unwrap(), schedule);
    };
    check(Schedule::Constant { weight: 0.3 }, [0.3, 0.3, 0.3]);
    check(Schedule::Linear { from: 0.8, to: 0.2 }, [0.8, 0.5, 0.2]);
    check(Schedule::Cosine { from: 1.0, to: 0.0 }, [1.0, 0.5, 0.0]);
    check(Schedule::Step { from: 1.0, to: 0.0, at: 0.6 }, [1.0, 1.0, 0.0]);
}

#[test]
fn progress_stays_between_nought_and_one() {
    let progress = Progress::default();
    for (set, got) in [(-1.0, 0.0), (0.25, 0.25), (7.0, 1.0), (f64::NAN, 0.0), (f64::INFINITY, 1.0)] {
        progress.clone().set(set);
        assert!((progress.get() - got).abs() < f64::EPSILON, "{set}");
    }
}

#[test]
fn a_penalty_is_taken_off_and_stops_at_the_floor() {
    let base = Penalty::new("p@1", part("base", Some(0.5))).less(0.5, part("long", Some(0.4)));
    near(graded(&base, &attempt()).value, 0.3);
    let mut floored = base.less(1.0, part("loop", Some(1.0)));
    floored.floor = Some(0.0);
    near(graded(&floored, &attempt()).value, 0.0);
}

#[test]
fn values_of_a_group_are_shares_of_the_highest() {
    let check = |values: &[Option<f64>], expected: &[Option<f64>]| {
        assert_eq!(normalised_by_max(values), expected, "{values:?}");
        let attempts: Vec<_> = (0_u32..).take(values.len()).map(numbered).collect();
        let grades = group_graded(&GroupMax::new("max@1", Fixed::by_attempt(values)), &attempts);
        let found: Vec<_> = grades.iter().map(|grade| grade.value).collect();
        assert_eq!(found, expected, "{values:?}");
        let raw: Vec<_> = grades.iter().map(|grade| grade.components.get("raw").copied()).collect();
        assert_eq!(raw, values);
    };
    check(&[Some(0.5), Some(0.25), Some(0.0)], &[Some(1.0), Some(0.5), Some(0.0)]);
    check(&[Some(0.0), Some(0.0)], &[Some(0.0), Some(0.0)]);
    check(&[Some(0.5), None, Some(1.0)], &[Some(0.5), None, Some(1.0)]);
    check(&[None], &[None]);
}

#[test]
fn each_attempt_of_a_group_is_graded_by_itself() {
    let values = [Some(0.1), None, Some(0.3)];
    let attempts: Vec<_> = (0..3).map(numbered).collect();
    let grades = group_graded(&Each(Fixed::by_attempt(&values)), &attempts);
    assert_eq!(grades.iter().map(|grade| grade.value).collect::<Vec<_>>(), values);
}

#[test]
fn an_earlier_grade_is_read_and_nobody_is_asked() {
    let mut attempt = attempt().answers("the Orsa");
    assert_eq!(reason(&graded(&Earlier::named("f1@1"), &attempt)), "there is no grade by f1@1 on the attempt");
    for value in [0.2, 0.6] {
        let mut grade = Grade::scored("f1@1", Outcome::Wrong, value);
        grade.components.insert("recall".to_owned(), 1.0);
        attempt.grades.push(grade);
    }
    near(graded(&Earlier::named("f1@1"), &attempt).value, 0.6);
    near(graded(&Earlier::named("f1@1").component("recall"), &attempt).value, 1.0);
    let missing = graded(&Earlier::named("f1@1").component("precision"), &attempt);
    assert_eq!(reason(&missing), "the grade by f1@1 has no component precision");
}

#[test]
fn a_value_that_is_no_number_is_none() {
    let sum = WeightedSum::new("sum@1").with(f64::INFINITY, part("a", Some(1.0)));
    let grade = graded(&sum, &attempt());
    assert_eq!(reason(&grade), "its parts come to inf; check the weights");
    assert!(serde_json::to_string(&grade).is_ok());
}

proptest! {
    #[test]
    fn a_sum_lies_between_what_its_weights_allow(parts in prop::collection::vec((0.0..1.0_f64, 0.0..1.0_f64), 1..6)) {
        let mut sum = WeightedSum::new("sum@1");
        for (at, (weight, value)) in parts.iter().enumerate() {
            sum = sum.with(*weight, part(&at.to_string(), Some(*value)));
        }
        let value = graded(&sum, &attempt()).value.unwrap();
        let weights: f64 = parts.iter().map(|(weight, _)| weight).sum();
        let low = parts.iter().map(|(_, value)| *value).fold(f64::INFINITY, f64::min);
        let high = parts.iter().map(|(_, value)| *value).fold(0.0, f64::max);
        prop_assert!(value >= weights * low - 1e-9 && value <= weights * high + 1e-9);
    }

    #[test]
    fn an_annealed_value_lies_between_its_parts(early in 0.0..1.0_f64, late in 0.0..1.0_f64, at in 0.0..1.0_f64) {
        let progress = Progress::default();
        progress.set(at);
        let schedule = Schedule::Cosine { from: 1.0, to: 0.0 };
        let anneal = Anneal::new("a@1", part("e", Some(early)), part("l", Some(late)), schedule, progress);
        let value = graded(&anneal, &attempt()).value.unwrap();
        prop_assert!(value >= early.min(late) - 1e-9 && value <= early.max(late) + 1e-9);
    }
}
