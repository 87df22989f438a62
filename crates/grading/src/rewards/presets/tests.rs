//! Presets: every one is found, says what it needs, and can be built.

use std::collections::BTreeSet;

use super::*;
use crate::rewards::made::{Fixed, Goes, attempt, graded, near, ruling, saying};
use crate::rewards::rler::{Rubric, RubricBuffer};

/// The names that the presets have to go by, one line each.
const NAMES: &str = "carr/rubrics carr/rubrics-nobfs carr@paper carr@shipped carr/plain carr/only-negative rler/rubric \
    rler/citation rler/citation@shipped rler/format rler/search-turns rler/total rler/total-without-citations \
    web-shepherd web-shepherd/mean atom-searcher/atr atom-searcher/step atom-searcher/annealed roc/penalty roc/penalty-by-status \
    pokee/format pokee/over-long pokee/total sfr/short sfr/long longwriter/length longwriter/format longwriter/writing \
    rl-struct/levels ruler offseeker/evaluator survey004/stage1 survey004/stage2 survey004/stage3 survey004/report \
    survey004/longwriter survey004/search-rm-loop";

#[test]
fn every_preset_is_found_by_its_name_and_by_that_of_its_grades() {
    let found: Vec<&str> = presets().iter().map(|preset| preset.name).collect();
    assert_eq!(found, NAMES.split_whitespace().collect::<Vec<_>>());
    assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), found.len());
    for name in found {
        assert_eq!(preset(name).map(|preset| preset.name), Some(name));
        let grade_name = preset(name).unwrap().grade_name();
        assert_eq!(preset(&grade_name).map(|preset| preset.name), Some(name));
    }
    assert!(preset("carr").is_none());
}

#[test]
fn the_page_says_of_every_preset_what_it_says_of_itself() {
    let page = include_str!("../../../../../docs/rewards.md");
    let word = |value: serde_json::Value| value.as_str().unwrap().to_owned();
    for preset in presets() {
        let source = word(serde_json::to_value(preset.source).unwrap());
        let port = word(serde_json::to_value(preset.port).unwrap());
        let judge = if preset.judged { "yes" } else { "" };
        let needs = preset.needs.iter().map(|part| format!("`{part}`")).collect::<Vec<_>>().join(", ");
        let row = format!(
            "| `{}` | {} | {source} | {port}s | {judge} | {needs} | {} |",
            preset.name, preset.system, preset.formula
        );
        assert!(page.contains(&row), "docs/rewards.md lacks: {row}");
        if !preset.note.is_empty() {
            let row = format!("| `{}` | {} |", preset.name, preset.note);
            assert!(page.contains(&row), "docs/rewards.md lacks: {row}");
        }
    }
}

#[test]
fn a_preset_says_what_it_is_not_given() {
    for preset in presets() {
        let mut parts = Parts::default();
        let mut missing: Vec<String> = Vec::new();
        // Each time round the next thing that is missing is given.
        let built = loop {
            match preset.build(&parts) {
                Ok(built) => break built,
                Err(error) => {
                    let text = error.to_string();
                    let part = preset.needs.iter().find(|part| text.contains(&format!("{part:?}")));
                    match part {
                        Some(part) => parts = parts.with(*part, Fixed::at(1.0)),
                        None => parts = parts.judged(saying(&[])),
                    }
                    assert!(!missing.contains(&text), "{text}");
                    missing.push(text);
                }
            }
        };
        assert_eq!(missing.len(), preset.needs.len() + usize::from(preset.judged), "{}: {missing:?}", preset.name);
        assert_eq!(built.name(), preset.grade_name());
        let port = match built {
            Built::Attempt(_) => Port::Attempt,
            Built::Group(_) => Port::Group,
            Built::Step(_) => Port::Step,
        };
        assert_eq!(port, preset.port, "{}", preset.name);
    }
}

#[test]
fn a_total_is_the_sum_of_its_parts() {
    let judge = || {
        ruling(|prompt| {
            if prompt.contains("needs_source") { "{\"needs_source\": false}" } else { "{\"score\": 1}" }.to_owned()
        })
    };
    let rubrics = serde_json::json!([{"description": "d"}]);
    let attempt = attempt().knows("rubrics", rubrics).calls("search", "{\"query\": \"x\"}").answers("Mills are old.");
    let total = |name: &str| {
        let built = preset(name).unwrap().build(&Parts::default().judged(judge())).unwrap();
        graded(&*built.as_grader().unwrap(), &attempt)
    };
    near(total("rler/total").value, 0.5 * 0.5 + 0.2 * 0.6 + 0.2 * 0.7 + 0.1 / 3.0);
    near(total("rler/total-without-citations").value, 0.6 * 0.5 + 0.2 * 0.7 + 0.2 / 3.0);
    near(total("rler/total").components["citation/claims_f1"], 1.0);
}

#[test]
fn a_buffer_learns_from_a_total_too() {
    let rubric = Rubric { title: String::new(), description: "says so".to_owned(), weight: 1.0 };
    let mut buffer = RubricBuffer::new(Vec::new());
    buffer.admit(vec![rubric.clone()]);
    let judge = ruling(|prompt| format!("{{\"score\": {}}}", if prompt.contains("Reply:\nyes") { 2 } else { 0 }));
    let parts = Parts::default().judged(judge).scoring(buffer.in_force());
    let total = preset("rler/total-without-citations").unwrap().build(&parts).unwrap().as_grader().unwrap();
    let grades = ["yes", "no"].map(|answer| graded(&*total, &attempt().answers(answer)));
    near(grades[0].value, 0.6 + 0.1);
    near(grades[1].value, 0.1);
    buffer.evolve(&grades);
    assert_eq!((buffer.active.len(), buffer.inactive.len()), (1, 0));
    near(buffer.history[&rubric.key()].0[0], 0.5);
}

#[test]
fn the_share_of_atomic_thought_falls_over_training() {
    let parts = Parts::default().judged(ruling(|_| "{\"A1\": 1}".to_owned())).with("f1", Fixed::at(0.0));
    let grader = preset("atom-searcher/annealed").unwrap().build(&parts).unwrap().as_grader().unwrap();
    let attempt = attempt().thinks("<PLAN>a</PLAN>").answers("x");
    let at = |progress: f64| {
        parts.progress.set(progress);
        graded(&*grader, &attempt).value.unwrap()
    };
    let (start, middle, end) = (at(0.0), at(0.5), at(1.0));
    assert!(start > middle && middle > end);
    near(middle, f64::midpoint(start, end));
}

#[test]
fn being_over_long_is_taken_off() {
    let parts = ["f1", "em", "judge"].iter().fold(Parts::default(), |parts, name| parts.with(*name, Fixed::at(1.0)));
    let grader = preset("pokee/total").unwrap().build(&parts).unwrap().as_grader().unwrap();
    let unknown = graded(&*grader, &attempt().answers("x"));
    assert_eq!(unknown.value, None, "nobody counted its tokens");
    assert!(unknown.components.contains_key("sum/format"));
}
