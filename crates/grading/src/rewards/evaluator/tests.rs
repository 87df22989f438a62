//! OffSeeker's evaluator: two passes in opposite orders.

use offseeker_trajectory::StopReason;
use proptest::prelude::*;

use super::*;
use crate::rewards::made::{
    Goes, babbling, between, group_graded, near, numbered, reason, ruling, run, saying, unreachable,
};

fn group(answers: &[&str]) -> Vec<Trajectory> {
    let numbers = 0_u32..;
    numbers.zip(answers).map(|(number, answer)| numbered(number).answers(answer)).collect()
}

fn rated(key: &str, correct: f64, rest: f64) -> String {
    format!("{key}: {{\"correct\": {correct}, \"evidence\": {rest}, \"efficiency\": {rest}, \"format\": {rest}}}")
}

/// A judge that rates evidence by the answer, and gives the attempt at each place of the list something for that place.
fn favouring(favour: &'static [f64]) -> Judge {
    ruling(move |prompt| {
        let keys = between(prompt, "Its keys are exactly ", ";").split(", ").zip(favour);
        let rated = keys.map(|(key, favour)| {
            let answer = between(prompt, &format!("Final answer of {}: ", key.trim_matches('"')), "\n");
            let worth: f64 = answer.parse().unwrap();
            rated(key, 1.0, (worth + favour).min(1.0))
        });
        format!("{{{}}}", rated.collect::<Vec<_>>().join(", "))
    })
}

fn values(judge: Judge, attempts: &[Trajectory]) -> Vec<Option<f64>> {
    group_graded(&Evaluator::new(judge), attempts).iter().map(|grade| grade.value).collect()
}

#[test]
fn the_score_is_the_weighted_sum() {
    let weights = EvaluatorWeights::default();
    near(evaluator_score(weights, [1.0, 1.0, 1.0, 1.0]), 1.0);
    near(evaluator_score(weights, [1.0, 0.5, 0.2, 1.0]), 0.5 + 0.125 + 0.03 + 0.1);
    near(evaluator_score(EvaluatorWeights { correct: 2.0, ..weights }, [1.0, 0.0, 0.0, 0.0]), 2.0);
    let read: EvaluatorWeights = serde_json::from_str("{\"correct\": 0.7}").unwrap();
    assert_eq!(read, EvaluatorWeights { correct: 0.7, ..weights });
}

#[test]
fn the_second_pass_is_in_the_opposite_order_and_both_count() {
    let first = format!("{{{}, {}}}", rated("\"T1\"", 1.0, 1.0), rated("\"T2\"", 0.0, 0.5));
    let second = format!("{{{}, {}}}", rated("\"T1\"", 0.0, 0.1), rated("\"T2\"", 0.0, 0.8));
    let grades = group_graded(&Evaluator::new(saying(&[&first, &second])), &group(&["a", "b"]));
    near(grades[0].value, f64::midpoint(1.0, 0.4));
    near(grades[0].components["disagreement"], 0.6);
    near(grades[0].components["correct"], 0.5);
    near(grades[0].components["evidence"], 0.9);
    assert!(matches!(&grades[0].outcome, Outcome::Unscored { reason } if reason.contains("the two passes differ")));
    near(grades[1].value, f64::midpoint(0.25, 0.05));
    assert_eq!(grades[1].outcome, Outcome::Wrong);
}

#[test]
fn weights_that_come_to_no_number_leave_no_value() {
    let both = format!("{{{}}}", rated("\"T1\"", 1.0, 1.0));
    let mut evaluator = Evaluator::new(saying(&[&both, &both]));
    evaluator.weights.correct = f64::INFINITY;
    assert!(reason(&group_graded(&evaluator, &group(&["a"]))[0]).contains("check the weights"));
}

#[test]
fn an_attempt_keeps_its_own_ratings_in_both_orders() {
    let attempts = group(&["0.2", "0.4", "1.0"]);
    let found = values(favouring(&[0.0, 0.0, 0.0]), &attempts);
    for (found, worth) in found.into_iter().zip([0.2, 0.4, 1.0]) {
        near(found, 0.5 + 0.5 * worth);
    }
}

#[test]
fn a_favour_for_a_place_is_taken_out() {
    let attempts = group(&["0.2", "0.2", "0.2"]);
    let found = values(favouring(&[0.6, 0.3, 0.0]), &attempts);
    near(found[0], 0.5 + 0.5 * 0.5);
    assert!(found.iter().all(|value| (value.unwrap() - found[0].unwrap()).abs() < 1e-12), "{found:?}");
    let grades = group_graded(&Evaluator::new(favouring(&[0.6, 0.3, 0.0])), &attempts);
    near(grades[0].components["disagreement"], 0.3);
    near(grades[1].components["disagreement"], 0.0);
}

#[test]
fn attempts_without_an_answer_are_rated_and_our_failures_are_not() {
    let mut attempts = group(&["0.1", "0.2", "0.3"]);
    attempts[0] = attempts[0].clone().stops(StopReason::Cancelled);
    attempts[2].answer = None;
    let both = format!("{{{}, {}}}", rated("\"T1\"", 1.0, 1.0), rated("\"T2\"", 1.0, 1.0));
    let grades = group_graded(&Evaluator::new(saying(&[&both, &both])), &attempts);
    assert!(reason(&grades[0]).contains("no fault of its own"));
    assert_eq!(grades[1].outcome, Outcome::Correct);
    assert_eq!((grades[2].value, &grades[2].outcome), (Some(1.0), &Outcome::NoAnswer));
    assert_eq!(values(unreachable(), &[]), []);
}

#[test]
fn nothing_is_nought_for_want_of_a_judge() {
    let attempts = group(&["a"]);
    assert!(matches!(run(Evaluator::new(unreachable()).grade(&attempts)), Err(GradeError::Judge { .. })));
    assert!(reason(&group_graded(&Evaluator::new(babbling()), &attempts)[0]).contains("could not be read"));
    let good = format!("{{{}}}", rated("\"T1\"", 1.0, 1.0));
    let half = group_graded(&Evaluator::new(saying(&[good.as_str(), "?", "?", "?"])), &attempts);
    assert_eq!(half[0].value, None, "one pass alone is not enough");
    for odd in [
        format!("{{{}}}", rated("\"T1\"", 0.5, 1.0)),
        format!("{{{}}}", rated("\"T1\"", 1.0, 1.5)),
        format!("{{{}}}", rated("\"T2\"", 1.0, 1.0)),
        "{\"T1\": 1}".to_owned(),
        "{\"T1\": {\"correct\": 1}}".to_owned(),
    ] {
        let grades = group_graded(&Evaluator::new(ruling(move |_| odd.clone())), &attempts);
        assert!(reason(&grades[0]).contains("could not be read"));
    }
}

proptest! {
    #[test]
    fn the_opposite_order_gives_the_same_values(
        answers in prop::collection::vec((0_u8..=10).prop_map(|it| format!("{}", f64::from(it) / 20.0)), 1..6),
    ) {
        const FAVOUR: &[f64] = &[0.5, 0.1, 0.4, 0.0, 0.2];
        let mut attempts = group(&answers.iter().map(String::as_str).collect::<Vec<_>>());
        let mut expected = values(favouring(FAVOUR), &attempts);
        attempts.reverse();
        expected.reverse();
        let found = values(favouring(FAVOUR), &attempts);
        for (found, expected) in found.iter().zip(&expected) {
            prop_assert!((found.unwrap() - expected.unwrap()).abs() < 1e-12);
        }
    }
}
