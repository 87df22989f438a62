//! SFR-DeepResearch: short answers and reports.

use super::*;
use crate::rewards::made::{
    Goes, attempt, graded, near, never_nought_for_want_of_a_judge, reason, ruling, saying, unreachable,
};

#[test]
fn a_short_answer_is_right_or_not() {
    let check = |said: &str, value: f64, outcome: Outcome| {
        let grade = graded(&SfrShort::new(saying(&[said])), &attempt().answers("the Orsa"));
        near(grade.value, value);
        assert_eq!(grade.outcome, outcome);
    };
    check("{\"correct\": true}", 1.0, Outcome::Correct);
    check("It is. {\"correct\": false}", 0.0, Outcome::Wrong);
    let seen = ruling(|prompt| {
        assert!(
            prompt.contains("Right answers, any of which will do:\nthe Orsa\n") && prompt.contains("Reply:\nOrsa\n")
        );
        "{\"correct\": true}".to_owned()
    });
    near(graded(&SfrShort::new(seen), &attempt().answers("Orsa")).value, 1.0);
}

#[test]
fn no_answer_is_wrong_and_an_unknown_one_cannot_be_told() {
    let mut silent = attempt().stops(offseeker_trajectory::StopReason::Loop);
    let grade = graded(&SfrShort::new(unreachable()), &silent);
    assert_eq!((grade.value, grade.outcome), (Some(0.0), Outcome::NoAnswer));
    near(graded(&SfrLong::new(unreachable()), &silent).value, 0.0);
    silent.question.answers.clear();
    assert_eq!(reason(&graded(&SfrShort::new(unreachable()), &silent)), "the question has no known answer");
}

#[test]
fn a_report_is_rated_in_several_respects() {
    let said = r#"{"facts": 10, "compliance": 5, "writing": 0, "sources": 2.5}"#;
    let grade = graded(&SfrLong::new(saying(&[said])), &attempt().answers("a report"));
    near(grade.value, 0.4375);
    let parts: Vec<(&str, f64)> = grade.components.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    assert_eq!(parts, [("compliance", 0.5), ("facts", 1.0), ("sources", 0.25), ("writing", 0.0)]);
    let mut fewer = SfrLong::new(saying(&["{\"depth\": 8}"]));
    fewer.dimensions = vec![Dimension { name: "depth".to_owned(), description: "it goes deep".to_owned() }];
    near(graded(&fewer, &attempt().answers("a report")).value, 0.8);
}

#[test]
fn nothing_is_nought_for_want_of_a_judge() {
    let attempt = attempt().answers("the Orsa");
    never_nought_for_want_of_a_judge(SfrShort::new, &attempt);
    never_nought_for_want_of_a_judge(SfrLong::new, &attempt);
    for odd in ["{\"correct\": \"yes\"}", "{\"correct\": 1}", "{}", "{\"correct\": true, \"sure\": true}", "true"] {
        let grade = graded(&SfrShort::new(saying(&[odd, odd, odd])), &attempt);
        assert!(reason(&grade).contains("could not be read"), "{odd}");
    }
    let odd = r#"{"facts": 11, "compliance": 5, "writing": 0, "sources": 2}"#;
    assert!(reason(&graded(&SfrLong::new(saying(&[odd; 3])), &attempt)).contains("no number from 0 to 10"));
}
