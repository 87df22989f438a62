//! Pieces of reasoning: how they are found, and how they are graded.

use offseeker_trajectory::Message;
use proptest::prelude::*;

use super::*;
use crate::rewards::made::{
    Goes, attempt, babbling, between, graded, near, never_nought_for_want_of_a_judge, reason, ruling, run, saying,
    unreachable,
};

#[test]
fn pieces_stand_between_tags_in_capitals() {
    let check = |text: &str, expected: &[(&str, &str)]| {
        let found = atoms(&Message::assistant(text));
        let found: Vec<(&str, &str)> = found.iter().map(|atom| (atom.kind.as_str(), atom.text.as_str())).collect();
        assert_eq!(found, expected, "{text:?}");
    };
    check("", &[]);
    check("<PLAN>outside of reasoning</PLAN>", &[]);
    check(
        "<think><PLAN> a </PLAN> b <RISK_ANALYSIS>c</RISK_ANALYSIS></think>",
        &[("PLAN", "a"), ("RISK_ANALYSIS", "c")],
    );
    check("<think><PLAN>a <ACTION>b</ACTION></PLAN></think>", &[("PLAN", "a <ACTION>b</ACTION>")]);
    check("<think><PLAN>a <ACTION>b</ACTION></think>", &[("ACTION", "b")]);
    check("<think><plan>a</plan><>b</></think>", &[]);
    check("<think><PLAN>a</PLAN>", &[("PLAN", "a")]);
    check("<think><A>1</A></think>x<think><B>2</B></think>", &[("A", "1"), ("B", "2")]);
    let apart =
        Message { reasoning: Some("<PLAN>a</PLAN>".to_owned()), ..Message::assistant("<think><B>b</B></think>") };
    assert_eq!(atoms(&apart).len(), 2);
}

#[test]
fn tags_that_nothing_closes_are_read_in_one_go() {
    let open: String = (0..200_000).map(|number| if number % 2 == 0 { "<A>" } else { "<B>" }).collect();
    assert_eq!(atoms(&Message { reasoning: Some(format!("{open}<C>c</C>")), ..Message::assistant("") }).len(), 1);
    let many: String = (0..100_u8).map(|number| format!("<{}>", "Z".repeat(usize::from(number) + 1))).collect();
    assert_eq!(atoms(&Message { reasoning: Some(format!("{many}<C>c</C>")), ..Message::assistant("") }), []);
}

fn thinking() -> Trajectory {
    attempt()
        .says("<think><PLAN>good</PLAN><ACTION>bad</ACTION></think>")
        .thinks("<OBSERVATION>good</OBSERVATION>")
        .answers("the Orsa")
}

fn judge() -> Judge {
    ruling(|prompt| {
        let pieces = between(prompt, "Pieces:\n", "Rate each");
        let rated = pieces.lines().filter_map(|line| line.split_once(" ("));
        let rated = rated.map(|(key, piece)| format!("{key:?}: {}", if piece.ends_with("good") { 1.0 } else { 0.25 }));
        format!("{{{}}}", rated.collect::<Vec<_>>().join(", "))
    })
}

#[test]
fn the_mean_over_all_pieces_counts_and_each_turn_has_its_own() {
    let grade = graded(&AtomicThought::new(judge()), &thinking());
    near(grade.value, 0.75);
    near(grade.components["pieces"], 3.0);
    let spans: Vec<f64> = grade.spans.iter().map(|span| span.value).collect();
    assert_eq!(spans, [0.625, 1.0]);
}

#[test]
fn a_step_is_the_mean_over_its_own_pieces() {
    let attempt = thinking();
    let steps = AtomicStep::new(judge());
    let found: Vec<Option<f64>> = turns(&attempt)
        .map(|(step, _)| run(StepGrader::grade(&steps, &attempt, step)).unwrap().map(|span| span.value))
        .collect();
    assert_eq!(found, [Some(0.625), Some(1.0), None]);
    let (step, _) = turns(&attempt).next().unwrap();
    assert_eq!(run(AtomicStep::new(babbling()).grade(&attempt, step)).unwrap(), None);
    assert!(matches!(run(AtomicStep::new(unreachable()).grade(&attempt, step)), Err(GradeError::Judge { .. })));
    assert_eq!(run(AtomicStep::new(unreachable()).grade(&attempt, NodeId::new(0))).unwrap(), None, "it is no turn");
}

#[test]
fn many_pieces_are_judged_in_several_calls() {
    let pieces: String = (0..200).map(|_| "<A>good</A>").collect();
    let grade = graded(&AtomicThought::new(judge()), &attempt().thinks(&pieces).answers("x"));
    near(grade.value, 1.0);
    near(grade.components["pieces"], 128.0);
}

#[test]
fn reasoning_that_is_not_divided_is_worth_nothing() {
    near(graded(&AtomicThought::new(unreachable()), &attempt().says("<think>so</think>").answers("x")).value, 0.0);
}

#[test]
fn nothing_is_nought_for_want_of_a_judge() {
    never_nought_for_want_of_a_judge(AtomicThought::new, &thinking());
    for odd in [r#"{"A1": 1, "A2": 1}"#, r#"{"A1": 1, "A2": 1, "A3": 1.5}"#, r#"{"A1": 1, "A2": 1, "A3": "1"}"#] {
        let grade = graded(&AtomicThought::new(saying(&[odd, odd, odd])), &thinking());
        assert!(reason(&grade).contains("could not be read"), "{odd}");
    }
}

proptest! {
    #[test]
    fn any_reasoning_can_be_read(text in "(<A>|</A>|<B>|</B>|<C_D>|</C_D>|<|>|x|é){0,40}") {
        for atom in atoms(&Message { reasoning: Some(text.clone()), ..Message::assistant("") }) {
            prop_assert!(text.contains(&atom.text));
        }
    }
}
