//! RULER: one call for the whole group, and no favour for a place in it.

use std::sync::Arc;

use offseeker_chat::Scripted;
use offseeker_trajectory::StopReason;
use proptest::prelude::*;

use super::*;
use crate::rewards::made::{
    Goes, attempt, babbling, between, group_graded, near, numbered, reason, ruling, run, saying, unreachable,
};

/// A judge that scores what the final answers say: `0.7` is worth 0.7.
fn by_content() -> Judge {
    ruling(|prompt| {
        let keys = between(prompt, "Its keys are exactly ", ";").split(", ");
        let scores = keys.map(|key| {
            let answer = between(prompt, &format!("Final answer of {}: ", key.trim_matches('"')), "\n");
            format!("{key}: {answer}")
        });
        format!("{{{}}}", scores.collect::<Vec<_>>().join(", "))
    })
}

fn group(answers: &[f64]) -> Vec<Trajectory> {
    let numbers = 0_u32..;
    numbers.zip(answers).map(|(number, answer)| numbered(number).says("so").answers(&answer.to_string())).collect()
}

fn values(grader: &dyn GroupGrader, attempts: &[Trajectory]) -> Vec<Option<f64>> {
    group_graded(grader, attempts).iter().map(|grade| grade.value).collect()
}

#[test]
fn one_call_values_the_whole_group_and_shows_the_common_beginning_once() {
    let model = Arc::new(Scripted::saying([r#"{"T1": 0.25, "T2": 1, "T3": 0}"#]));
    let found = values(&Ruler::new(Judge::new(model.clone())), &group(&[0.1, 0.2, 0.3]));
    assert_eq!(found, [Some(0.25), Some(1.0), Some(0.0)]);
    let asked = model.asked();
    assert_eq!(asked.len(), 1);
    let prompt = &asked[0].messages[0].content;
    assert_eq!(prompt.matches("[user]").count(), 1);
    assert_eq!(prompt.matches("so\n").count(), 1, "all attempts begin with it");
    assert!(prompt.contains("=== T3 ===") && !prompt.contains("=== T4 ==="));
}

#[test]
fn what_attempts_have_in_common_is_their_beginning() {
    let check = |attempts: &[Trajectory], expected: usize| {
        assert_eq!(common_beginning(&attempts.iter().collect::<Vec<_>>()), expected);
    };
    check(&[], 0);
    check(&[attempt().says("a")], 2);
    check(&[attempt().says("a").says("b"), attempt().says("a").says("c")], 2);
    check(&[attempt().says("a"), attempt().says("a").says("b")], 2);
    check(&[attempt().says("a"), attempt().says("b")], 1);
}

#[test]
fn our_own_failures_are_not_shown_and_have_no_value() {
    let mut attempts = group(&[0.1, 0.2, 0.3]);
    attempts[1] = attempts[1].clone().stops(StopReason::Crashed);
    let grades = group_graded(&Ruler::new(by_content()), &attempts);
    near(grades[0].value, 0.1);
    assert!(reason(&grades[1]).contains("no fault of its own"));
    near(grades[2].value, 0.3);
    let all: Vec<Trajectory> = attempts.into_iter().map(|attempt| attempt.stops(StopReason::Crashed)).collect();
    assert_eq!(values(&Ruler::new(unreachable()), &all), [None, None, None]);
    assert_eq!(values(&Ruler::new(unreachable()), &[]), []);
}

#[test]
fn nothing_is_nought_for_want_of_a_judge() {
    let attempts = group(&[0.1, 0.2]);
    assert!(matches!(run(Ruler::new(unreachable()).grade(&attempts)), Err(GradeError::Judge { .. })));
    assert_eq!(values(&Ruler::new(babbling()), &attempts), [None, None]);
    for odd in [r#"{"T1": 1}"#, r#"{"T1": 1, "T2": 1, "T3": 1}"#, r#"{"T1": 1, "T2": 2}"#, r#"{"T1": 1, "T2": "1"}"#] {
        assert_eq!(values(&Ruler::new(saying(&[odd; 3])), &attempts), [None, None], "{odd}");
    }
}

#[test]
fn what_a_judge_is_shown_is_bounded() {
    let attempts =
        vec![numbered(0).says(&"x".repeat(1 << 20)).answers("0.5"), numbered(1).answers(&"y".repeat(1 << 20))];
    let model = Arc::new(Scripted::saying([r#"{"T1": 0.5, "T2": 1}"#]));
    assert_eq!(values(&Ruler::new(Judge::new(model.clone())), &attempts), [Some(0.5), Some(1.0)]);
    let prompt = model.asked().remove(0).messages.remove(0).content;
    assert!(prompt.len() < (1 << 19), "{}", prompt.len());
    assert!(prompt.contains("bytes left out"));
}

proptest! {
    #[test]
    fn a_judge_that_goes_by_content_values_an_attempt_the_same_in_every_place(
        answers in prop::collection::vec((0_u8..=100).prop_map(|it| f64::from(it) / 100.0), 1..7),
        turn in 0_usize..7,
    ) {
        let attempts = group(&answers);
        let mut turned = attempts.clone();
        turned.rotate_left(turn % attempts.len());
        let mut expected = values(&Ruler::new(by_content()), &attempts);
        expected.rotate_left(turn % attempts.len());
        prop_assert_eq!(values(&Ruler::new(by_content()), &turned), expected);
    }
}
