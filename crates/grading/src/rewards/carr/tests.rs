//! `CaRR`: its formulas, its reading of answers, and what it does when its judge fails.

use offseeker_trajectory::{Outcome, StopReason, Trajectory};
use proptest::prelude::*;
use serde_json::json;

use super::entities::read_names;
use super::*;
use crate::compose::Each;
use crate::rewards::made::{
    Fixed, Goes, attempt, between, graded, group_graded, near, never_nought_for_want_of_a_judge, numbered, reason,
    ruling, saying,
};
use crate::{GradeError, GroupGrader, Judge};

/// The worked example of the paper, and what the shipped flags make of it.
#[test]
fn rewards_are_mixed_as_the_paper_and_as_the_flags_say() {
    let outcome = [1.0, 1.0, 0.0, 1.0];
    let rubrics = [0.5, 0.25, 0.75, 0.0];
    let check = |system: &str, mix: CarrMix, expected: [f64; 4]| {
        let attempts: Vec<Trajectory> = (0..4).map(|number| numbered(number).answers("x")).collect();
        let parts = [outcome, rubrics].map(|values| Fixed::by_attempt(&values.map(Some)));
        let [outcome, rubrics] = parts;
        let grades = group_graded(&CarrGroup::new(mix, outcome, rubrics), &attempts);
        for (grade, expected) in grades.iter().zip(expected) {
            assert!((grade.value.unwrap() - expected).abs() < 1e-12, "{system}: {grade:?}, not {expected}");
        }
    };
    check("CaRR, paper", CarrMix::Paper, [0.9, 0.8, 0.0, 0.7]);
    check("CaRR, shipped flags", CarrMix::Shipped, [0.85, 0.775, 0.0, 0.7]);
    check("CaRR, service's default", CarrMix::Plain, [0.85, 0.775, 0.225, 0.7]);
    check("CaRR, rubric_only_negative", CarrMix::OnlyNegative, [1.0, 1.0, 0.3, 1.0]);
}

#[test]
fn a_group_whose_evidence_is_all_worth_nothing_keeps_its_outcomes() {
    let group = [(1.0, 0.0), (0.0, 0.0)].map(Some);
    assert_eq!(mixed(CarrMix::Paper, 0.3, &group), [Some(0.7), Some(0.0)]);
}

#[test]
fn an_attempt_without_one_of_its_rewards_has_no_mixed_one() {
    assert_eq!(mixed(CarrMix::Paper, 0.3, &[None, Some((1.0, 1.0))]), [None, Some(1.0)]);
    let attempts = [numbered(0).answers("x"), numbered(1).answers("x")];
    let rubrics = Fixed::by_attempt(&[None, Some(0.5)]);
    let grades = group_graded(&CarrGroup::new(CarrMix::Paper, Fixed::at(1.0), rubrics), &attempts);
    assert_eq!(reason(&grades[0]), "evidence: nobody knows");
    near(grades[1].value, 1.0);
}

#[test]
fn a_malformed_attempt_is_worth_nothing() {
    let outcome = Fixed::with(Outcome::Malformed, 1.0);
    let grades = group_graded(&CarrGroup::new(CarrMix::Paper, outcome, Fixed::at(1.0)), &[attempt().answers("x")]);
    near(grades[0].value, 0.0);
    assert_eq!(grades[0].outcome, Outcome::Malformed);
}

#[test]
fn citations_are_found() {
    let check = |answer: &str, expected: &[&str]| assert_eq!(citations(answer), expected, "{answer:?}");
    check("", &[]);
    check("[[1](https://a.example)]", &["https://a.example"]);
    check("[[1](https://a.example),[2](http://b.example)]", &["https://a.example", "http://b.example"]);
    check("[[1](https://a.example/w_(x))]", &["https://a.example/w_(x)"]);
    check("[[1](view-source:https://a.example)]", &["https://a.example"]);
    check("[[1](https://r.jina.ai/https://a.example)]", &["https://a.example"]);
    check("[[1](https://a.example)] and [[2](https://r.jina.ai/https://a.example)]", &["https://a.example"]);
    check("[1](https://a.example) without a list", &[]);
    check("[[a](https://a.example)]", &[]);
    check("[[1](ftp://a.example)]", &[]);
    check("[[1](https://a.\nexample)]", &[]);
    check("[[1](https://)]", &[]);
    check("[[1](https://a.example", &[]);
    let long = format!("[[1](https://a.example/{})]", "x".repeat(5000));
    check(&long, &[]);
}

#[test]
fn references_do_not_count_as_the_answer() {
    let answer = "## Explanation with Citations\nIt is. [[1](https://a.example)]\n## Exact Answer\nthe Orsa\n\
                  ## References\n[[2](https://b.example)]\n### more\n## Afterword\nend";
    let rest = without_references(answer);
    assert_eq!(citations(&rest), ["https://a.example"]);
    assert!(rest.contains("the Orsa") && rest.ends_with("end") && !rest.contains("more"));
}

#[test]
fn names_are_exactly_those_asked_for() {
    let expected = ["E0".to_owned(), "E1".to_owned()];
    let check = |reply: &str, wrong: &str| match read_names(reply, &expected) {
        Ok(_) => assert_eq!(wrong, "", "{reply}"),
        Err(reason) => assert!(!wrong.is_empty() && reason.contains(wrong), "{reply}: {reason}"),
    };
    check(r#"{"E0": "the Orsa", "E1": null}"#, "");
    check(r#"So: {"E0": "the Orsa", "E1": null}"#, "");
    check(r#"{"E0": "the Orsa"}"#, "\"E1\" is missing");
    check(r#"{"E0": "the Orsa", "E1": "x", "E2": "y"}"#, "no key \"E2\"");
    check(r#"{"E0": "null", "E1": "x"}"#, "the text \"null\"");
    check(r#"{"E0": "None", "E1": "x"}"#, "the text \"None\"");
    check(r#"{"E0": " ", "E1": "x"}"#, "is empty");
    check(r#"{"E0": 3, "E1": "x"}"#, "no text");
    check("none of it", "no JSON object");
}

#[test]
fn statements_are_filled_in_where_all_their_things_have_names() {
    let names = Names::from([("E0".to_owned(), Some("the Orsa".to_owned())), ("E1".to_owned(), None)]);
    assert_eq!(filled("<E0> is a river", &names).as_deref(), Some("the Orsa is a river"));
    assert_eq!(filled("<E0> flows through <E1>", &names), None);
    assert_eq!(filled("<E0> flows through <E10>", &names), None);
    assert_eq!(filled("mills are old", &names).as_deref(), Some("mills are old"));
    assert_eq!(entities_of("<E10> <E2> <E2> <E> <Ex> <E3"), ["E2", "E10"]);
}

#[test]
fn what_is_not_tied_to_the_answer_does_not_count() {
    let check = |case: &str, mentions: &[&[&str]], supported: &[bool], expected: &[bool]| {
        let mentions: Vec<Vec<String>> =
            mentions.iter().map(|all| all.iter().map(|entity| (*entity).to_owned()).collect()).collect();
        assert_eq!(connected(&mentions, supported), expected, "{case}");
    };
    check("a chain", &[&["E0", "E1"], &["E1", "E2"], &["E2"]], &[true, true, true], &[true, true, true]);
    check("a chain in any order", &[&["E2"], &["E1", "E2"], &["E0", "E1"]], &[true, true, true], &[true, true, true]);
    check("a missing link", &[&["E0", "E1"], &["E1", "E2"], &["E2"]], &[true, false, true], &[true, false, false]);
    check("nothing at the answer", &[&["E1", "E2"], &["E2"]], &[true, true], &[false, false]);
    check("no things at all", &[&[], &["E0"]], &[true, true], &[false, true]);
    check("a circle", &[&["E0", "E1"], &["E1", "E0"]], &[true, true], &[true, true]);
    check("none", &[], &[], &[]);
}

proptest! {
    #[test]
    fn more_support_never_counts_for_less(
        mentions in prop::collection::vec(prop::collection::vec(0_u8..5, 0..4), 1..8),
        first in prop::collection::vec(any::<bool>(), 8),
        more in prop::collection::vec(any::<bool>(), 8),
    ) {
        let mentions: Vec<Vec<String>> =
            mentions.iter().map(|all| all.iter().map(|entity| format!("E{entity}")).collect()).collect();
        let both: Vec<bool> = first.iter().zip(&more).map(|(first, more)| *first || *more).collect();
        let before = connected(&mentions, &first);
        let after = connected(&mentions, &both);
        prop_assert!(before.iter().zip(&after).all(|(before, after)| !before || *after));
        prop_assert!(before.iter().zip(&first).all(|(counts, supported)| !counts || *supported));
        prop_assert!(rubric_reward(&after) >= rubric_reward(&before));
    }
}

proptest! {
    #[test]
    fn any_answer_and_any_observation_can_be_read(
        answer in "(\\[|\\]|1|\\(|\\)|,|https://|view-source:|a\\.b|é| |\n|## References\n|## x\n){0,40}",
        text in "(https://a\\.b|https://a\\.b/c|https://d|\\[|\\]|1|é|\n|x|\\.){0,40}",
    ) {
        for address in citations(&answer) {
            prop_assert!(address.starts_with("http") && answer.contains(&address));
        }
        prop_assert!(without_references(&answer).len() <= answer.len());
        let urls = ["https://a.b", "https://a.b/c", "https://d"];
        let attempt = attempt().sees(&text, &urls).answers("x");
        let seen = Seen::by(&attempt);
        let parts: Vec<&str> = urls.iter().flat_map(|url| seen.at(url)).map(|(_, part)| part).collect();
        prop_assert!(parts.iter().map(|part| part.len()).sum::<usize>() <= text.len(), "no part is given twice");
    }
}

const RUBRICS: [&str; 4] =
    ["The Karlin mill stands on <E0>", "<E0> was mapped by <E1>", "<E1> was born in <E2>", "<E3> wrote a ledger"];

fn asked(answer: &str) -> Trajectory {
    attempt()
        .knows("rubrics", json!(RUBRICS))
        .calls("visit", r#"{"urls": ["https://a.example"]}"#)
        .sees("The Karlin mill stands on the Orsa, which Ada Voss mapped.", &["https://a.example"])
        .answers(answer)
}

/// A judge that names all but `<E2>`, and finds borne out what has one of these words.
fn careful(words: &'static [&'static str]) -> Judge {
    ruling(move |prompt| {
        if prompt.contains("Statements:\nS1") {
            let statements = between(prompt, "\nStatements:\n", "\n\n");
            let said = statements.lines().filter_map(|line| line.split_once(": "));
            let said = said.map(|(key, text)| format!("{key:?}: {}", words.iter().any(|word| text.contains(word))));
            return format!("{{{}}}", said.collect::<Vec<_>>().join(", "));
        }
        r#"{"E0": "the Orsa", "E1": "Ada Voss", "E2": null, "E3": "Ida Voss"}"#.to_owned()
    })
}

#[test]
fn the_reward_is_the_share_that_is_named_cited_borne_out_and_tied() {
    let answer = "It is the Orsa [[1](https://a.example)].";
    let check = |judge: Judge, tied: f64, untied: f64| {
        near(graded(&CarrRubrics::new(judge.clone()), &asked(answer)).value, tied);
        near(graded(&CarrRubrics::untied(judge), &asked(answer)).value, untied);
    };
    check(careful(&["mill", "mapped", "ledger"]), 0.5, 0.75);
    check(careful(&["mapped", "ledger"]), 0.25, 0.5);
    check(careful(&["ledger"]), 0.0, 0.25);
    check(careful(&["mill", "mapped", "born", "ledger"]), 0.5, 0.75);
    let grade = graded(&CarrRubrics::new(careful(&["mill", "ledger"])), &asked(answer));
    near(grade.components["named"], 0.75);
    near(grade.components["supported"], 0.5);
    assert_eq!(grade.evidence.len(), 1);
    assert_eq!(grade.evidence[0].claim, "The Karlin mill stands on the Orsa");
    assert!(matches!(grade.outcome, Outcome::Unscored { .. }), "whether it is right is another's to say");
}

#[test]
fn only_what_the_attempt_saw_at_cited_places_is_shown_to_the_judge() {
    let attempt = attempt()
        .knows("rubrics", json!(RUBRICS))
        .sees(
            "1. [Mill](https://a.example)\nabout the mill\n2. [Other](https://b.example)\nabout something else",
            &["https://a.example", "https://b.example"],
        )
        .sees("the whole of c", &["https://r.jina.ai/https://c.example/"])
        .answers("[[1](https://a.example),[2](https://c.example),[3](https://never.example)]");
    let seen = Seen::by(&attempt);
    let at = |address: &str| seen.at(address).map(|(_, text)| text.trim()).collect::<Vec<_>>();
    assert_eq!(at("https://a.example"), ["1. [Mill](https://a.example)\nabout the mill"]);
    assert_eq!(at("https://b.example"), ["2. [Other](https://b.example)\nabout something else"]);
    assert_eq!(at("https://c.example"), ["the whole of c"]);
    assert_eq!(at("https://never.example"), [""; 0]);
    let judge = ruling(|prompt| {
        if let Some((_, texts)) = prompt.split_once("Texts:") {
            assert!(texts.contains("about the mill") && texts.contains("the whole of c"), "{texts}");
            assert!(!texts.contains("something else") && !texts.contains("never"), "{texts}");
            return r#"{"S1": true, "S2": true, "S3": true, "S4": true}"#.to_owned();
        }
        r#"{"E0": "a", "E1": "b", "E2": "c", "E3": "d"}"#.to_owned()
    });
    let grade = graded(&CarrRubrics::new(judge), &attempt);
    near(grade.value, 0.75);
    near(grade.components["cited"], 3.0);
    near(grade.components["cited_and_seen"], 2.0);
}

#[test]
fn each_of_several_places_has_its_own_part() {
    let check = |text: &str, urls: &[&str], expected: &[&str]| {
        let attempt = attempt().sees(text, urls).answers("x");
        let seen = Seen::by(&attempt);
        let parts: Vec<&str> = urls.iter().map(|url| seen.at(url).next().map_or("", |(_, text)| text.trim())).collect();
        assert_eq!(parts, expected, "{text:?}");
    };
    let (a, b) = ("https://a.example", "https://b.example");
    let linked = "URL: https://a.example\nReport: see https://b.example for more\nURL: https://b.example\nReport: b";
    let parts = linked.split_at(linked.find("URL: https://b").unwrap());
    check(linked, &[a, b], &[parts.0.trim(), parts.1]);
    let hits = "1. [Mill [old]](https://a.example)\nsee https://b.example\n12. [B](https://b.example)\nb";
    check(
        hits,
        &[a, b],
        &["1. [Mill [old]](https://a.example)\nsee https://b.example", "12. [B](https://b.example)\nb"],
    );
    check(
        "in one line: https://a.example x https://b.example y",
        &[a, b],
        &["in one line: https://a.example x", "https://b.example y"],
    );
    check(
        "https://a.example/longer\nhttps://a.example",
        &["https://a.example/longer", a],
        &["https://a.example/longer", a],
    );
    let inner = "https://a.example.org:\nlong\nSee https://a.example.\nshort";
    check(inner, &["https://a.example.org", a], &["https://a.example.org:\nlong", "See https://a.example.\nshort"]);
    check("见https://a.example。磨坊", &[a, b], &["见https://a.example。磨坊", ""]);
    check("https://a.example是", &[a, b], &["https://a.example是", ""]);
    check("no address at all", &[a, b], &["", ""]);
    check("https://b.example alone", &[a, b], &["", "https://b.example alone"]);
}

#[test]
fn the_twenty_first_cited_place_is_ignored() {
    let mut attempt = attempt().knows("rubrics", json!(["<E0> is a river"]));
    let mut cited = vec!["[0](https://unseen.example)".to_owned()];
    for number in 1..=21 {
        let address = format!("https://p{number}.example");
        attempt = attempt.sees(&format!("page {number}."), &[address.as_str()]);
        cited.push(format!("[{number}]({address})"));
    }
    let attempt = attempt.answers(&format!("[{}]", cited.join(",")));
    let judge = ruling(|prompt| {
        if prompt.contains("Texts:") {
            assert!(prompt.contains("page 20.") && !prompt.contains("page 21."));
            return r#"{"S1": true}"#.to_owned();
        }
        r#"{"E0": "the Orsa"}"#.to_owned()
    });
    let grade = graded(&CarrRubrics::new(judge), &attempt);
    near(grade.value, 1.0);
    near(grade.components["cited_and_seen"], 20.0);
}

#[test]
fn what_the_system_gives_nothing_for_is_worth_nothing_and_costs_no_judge() {
    let silent = || CarrRubrics::new(crate::rewards::made::unreachable());
    let mut unfinished = asked("x").stops(StopReason::Malformed);
    unfinished.answer = None;
    let grade = graded(&silent(), &unfinished);
    near(grade.value, 0.0);
    assert_eq!(grade.outcome, Outcome::NoAnswer);
    let listed = "It is the Orsa.\n## References\n[[1](https://a.example)]";
    for answer in ["It is the Orsa.", "It is [[1](https://never.example)].", listed] {
        near(graded(&silent(), &asked(answer)).value, 0.0);
    }
}

#[test]
fn a_judge_is_asked_five_times_and_then_there_is_no_value() {
    let answer = "It is the Orsa [[1](https://a.example)].";
    never_nought_for_want_of_a_judge(CarrRubrics::new, &asked(answer));
    let names = r#"{"E0": "the Orsa", "E1": null, "E2": null, "E3": null}"#;
    let late = saying(&["?", "{}", r#"{"E0": "null"}"#, "?", names, "?", "?", "?", "?", r#"{"S1": true}"#]);
    near(graded(&CarrRubrics::new(late), &asked(answer)).value, 0.25);
    let too_late = saying(&["?", "?", "?", "?", "?", names]);
    assert!(reason(&graded(&CarrRubrics::new(too_late), &asked(answer))).contains("carr-entities@1 could not be read"));
}

#[test]
fn a_question_without_rubrics_leaves_attempts_unscored() {
    let attempt = attempt().answers("x");
    let grade = graded(&CarrRubrics::new(saying(&[])), &attempt);
    assert_eq!(reason(&grade), "the question has no rubrics in its metadata");
    let odd = attempt.knows("rubrics", json!([1]));
    assert_eq!(reason(&graded(&CarrRubrics::new(saying(&[])), &odd)), "the question's rubrics are no array of texts");
}

#[test]
fn an_outage_is_an_error_of_the_group_too() {
    let evidence = std::sync::Arc::new(CarrRubrics::new(crate::rewards::made::unreachable()));
    let group = CarrGroup::new(CarrMix::Paper, Fixed::at(1.0), evidence.clone());
    let attempts = [asked("It is the Orsa [[1](https://a.example)].")];
    let failed = crate::rewards::made::run(group.grade(&attempts));
    assert!(matches!(failed, Err(GradeError::Judge { .. })));
    assert!(crate::rewards::made::run(Each(evidence).grade(&attempts)).is_err());
}
