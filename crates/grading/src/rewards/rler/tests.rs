//! RLER: its formulas, its buffer, and what it does when its judge fails.

use offseeker_trajectory::{CallStatus, Grade, Outcome, StopReason, Trajectory};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::rewards::made::{
    Goes, attempt, babbling, between, graded, near, never_nought_for_want_of_a_judge, numbered, ours_is_unscored,
    reason, ruling, run, saying, unreachable,
};
use crate::{GradeError, Judge, Judgement};

fn rubric(description: &str, weight: f64) -> Rubric {
    Rubric { title: description.to_owned(), description: description.to_owned(), weight }
}

#[test]
fn formulas_are_those_of_the_system() {
    let check = |formula: &str, found: f64, expected: f64| {
        assert!((found - expected).abs() < 1e-12, "DR Tulu, {formula}: {found}, not {expected}");
    };
    check("rubrics", rubric_total(&[(2.0, 1.0), (2.0, 0.5), (-1.0, 1.0)]), 0.5);
    check("rubrics below one", rubric_total(&[(0.5, 1.0), (-0.5, 1.0)]), 0.0);
    check("rubrics without any above nought", rubric_total(&[(-1.0, 1.0)]), -1.0);
    check("no rubrics", rubric_total(&[]), 0.0);
    check("format, all", format_reward(true, true, true), 1.0);
    check("format, answer", format_reward(true, false, false), 0.5);
    check("format, citation", format_reward(false, true, false), 0.3);
    check("format, query", format_reward(false, false, true), 0.2);
    for (searches, expected) in [(0, 0.0), (1, 1.0 / 3.0), (2, 2.0 / 3.0), (3, 1.0), (9, 1.0)] {
        check("search turns", search_turns_reward(searches), expected);
    }
    check("claim, full", claim_f1(1.0, 1.0), 1.0);
    check("claim, half", claim_f1(0.5, 1.0), 2.0 / 3.0);
    check("claim, none", claim_f1(0.0, 0.0), 0.0);
    check("citation", citation_reward(0.5, 1.0), 0.7);
}

#[test]
fn claims_keep_all_that_they_cite() {
    let check = |answer: &str, expected: &[(&str, &[&str])]| {
        let found = claims(answer);
        let found: Vec<(&str, Vec<&str>)> =
            found.iter().map(|it| (it.text.as_str(), it.ids.iter().map(String::as_str).collect())).collect();
        let expected: Vec<(&str, Vec<&str>)> = expected.iter().map(|(text, ids)| (*text, ids.to_vec())).collect();
        assert_eq!(found, expected, "{answer:?}");
    };
    check("", &[]);
    check("One. Two? 3.5 is a number!", &[("One.", &[]), ("Two?", &[]), ("3.5 is a number!", &[])]);
    check("<cite id=a>x</cite>", &[("x", &["a"])]);
    check("<cite id=\"a, b,a\">x</cite> y", &[("x", &["a", "b"]), ("y", &[])]);
    check("w <cite id='a;b c'>x. y.</cite>. z", &[("w", &[]), ("x. y.", &["a", "b", "c"]), ("z", &[])]);
    check("<cite id=a>cut", &[("cut", &["a"])]);
    check("<cite >x</cite>", &[("x", &[])]);
    check("<cite id=a", &[]);
    check("甲。乙", &[("甲。", &[]), ("乙", &[])]);
}

const SNIPPETS: &str = "<snippet id=s1>The mill stands on the Orsa.</snippet>\n<webpage id=\"w1\">Ledgers.</webpage>";

fn searched(answer: &str) -> Trajectory {
    attempt()
        .knows("rubrics", json!([{"description": "names the river", "weight": 2.0, "title": "river"}]))
        .calls("search", r#"{"query": ["mill"]}"#)
        .sees(SNIPPETS, &["https://a.example"])
        .answers(answer)
}

/// Bears out what has the word "mill" in full, what has "ledger" in part; what it is shown has to do with it if it is
/// about the Orsa. Sentences with a figure need a source.
fn reader() -> Judge {
    ruling(|prompt| {
        if prompt.contains("needs_source") {
            let sentence = between(prompt, "\nSentence:\n", "\n\n");
            return format!("{{\"needs_source\": {}}}", sentence.contains(char::is_numeric));
        }
        let claim = between(prompt, "\nClaim:\n", "\n\n");
        let sources = between(prompt, "\nSources:\n", "\n\nReply with");
        let support = match claim {
            claim if claim.contains("mill") => "full",
            claim if claim.contains("ledger") => "partial",
            _ => "none",
        };
        let relevant = sources.split("\n\n").filter_map(|source| {
            let id = between(source, "[", "]");
            (!id.is_empty()).then(|| format!("{id:?}: {}", source.contains("Orsa")))
        });
        let relevant = relevant.collect::<Vec<_>>().join(", ");
        format!("{{\"support\": \"{support}\", \"relevant\": {{{relevant}}}}}")
    })
}

#[test]
fn citations_are_graded_by_claim() {
    let check = |answer: &str, whole: [f64; 2], shipped: [f64; 2]| {
        let attempt = searched(answer);
        for (grader, [f1, valid]) in
            [(RlerCitation::new(reader()), whole), (RlerCitation::as_shipped(reader()), shipped)]
        {
            let grade = graded(&grader, &attempt);
            near(grade.components["claims_f1"], f1);
            near(grade.components["valid_ids"], valid);
            near(grade.value, 0.6 * f1 + 0.4 * valid);
        }
    };
    check("<cite id=s1>The mill is there.</cite>", [1.0, 1.0], [1.0, 1.0]);
    // Recall 1, precision 1/2; the last one alone has nothing to do with it.
    check("<cite id=s1,w1>The mill is there.</cite>", [2.0 / 3.0, 1.0], [0.0, 1.0]);
    // Recall 1/2, precision 1.
    check("<cite id=s1>The ledger is there.</cite>", [2.0 / 3.0, 1.0], [2.0 / 3.0, 1.0]);
    check("<cite id=made-up>The mill is there.</cite>", [0.0, 0.0], [0.0, 0.0]);
    check("<cite id=\"s1 made-up\">The mill is there.</cite>", [2.0 / 3.0, 0.5], [0.0, 0.0]);
    check("<cite id=https://a.example>The mill is there.</cite>", [1.0, 1.0], [1.0, 1.0]);
    check("Mills are old.", [1.0, 0.0], [1.0, 0.0]);
    check("There are 12 mills.", [0.0, 0.0], [0.0, 0.0]);
    check("Mills are old. <cite id=s1>Nonsense.</cite>", [0.5, 1.0], [0.5, 1.0]);
}

#[test]
fn a_judge_that_names_other_ids_is_asked_again() {
    let odd = r#"{"support": "full", "relevant": {"other": true}}"#;
    let good = r#"{"support": "full", "relevant": {"s1": true}}"#;
    let attempt = searched("<cite id=s1>The mill is there.</cite>");
    near(graded(&RlerCitation::new(saying(&[odd, good])), &attempt).value, 1.0);
    let grade = graded(&RlerCitation::new(saying(&[odd, odd, odd])), &attempt);
    assert!(reason(&grade).contains("the key \"s1\" is missing"));
    let odd = r#"{"support": "very", "relevant": {"s1": true}}"#;
    let grade = graded(&RlerCitation::new(saying(&[odd, odd, odd])), &attempt);
    assert!(reason(&grade).contains("it is \"full\", \"partial\" or \"none\""));
}

#[test]
fn rubrics_are_scored_one_by_one() {
    let rubrics = vec![rubric("names the river", 2.0), rubric("says where", 1.0), rubric("pads", -1.0)];
    let judge = ruling(|prompt| {
        let score = match between(prompt, "Criterion (", ")") {
            "names the river" => 2,
            "says where" => 1,
            _ => 0,
        };
        format!("{{\"score\": {score}}}")
    });
    let grade = graded(&RlerRubrics::new(judge).with(rubrics.clone()), &searched("the Orsa"));
    near(grade.value, 2.5 / 3.0);
    let scores: Vec<f64> = rubrics.iter().map(|rubric| grade.components[&rubric.key()]).collect();
    assert_eq!(scores, [1.0, 0.5, 0.0]);
    near(graded(&RlerRubrics::new(saying(&["{\"score\": 1}"])), &searched("the Orsa")).value, 0.5);
}

#[test]
fn a_score_is_nought_one_or_two() {
    for odd in ["{\"score\": 3}", "{\"score\": -1}", "{\"score\": 0.5}", "{\"score\": \"2\"}", "{\"points\": 2}", "2"] {
        let grade = graded(&RlerRubrics::new(saying(&[odd, odd, odd])), &searched("the Orsa"));
        assert!(reason(&grade).contains("could not be read"), "{odd}");
    }
}

#[test]
fn nothing_is_nought_for_want_of_a_judge() {
    never_nought_for_want_of_a_judge(RlerRubrics::new, &searched("the Orsa"));
    never_nought_for_want_of_a_judge(RlerCitation::new, &searched("the Orsa"));
    ours_is_unscored(&RlerFormat, &searched("the Orsa"));
    ours_is_unscored(&RlerSearchTurns, &searched("the Orsa"));
    let bare = attempt().answers("x");
    assert_eq!(reason(&graded(&RlerRubrics::new(unreachable()), &bare)), "the question has no rubrics in its metadata");
    for odd in [json!([]), json!(["text"]), json!([{"weight": 1.0}])] {
        let odd = attempt().knows("rubrics", odd).answers("x");
        assert!(!reason(&graded(&RlerRubrics::new(unreachable()), &odd)).is_empty());
    }
}

#[test]
fn without_an_answer_format_and_searching_are_still_paid() {
    let mut silent = searched("x").stops(StopReason::Loop);
    silent.answer = None;
    let rubrics = graded(&RlerRubrics::new(unreachable()), &silent);
    assert_eq!((rubrics.value, rubrics.outcome), (Some(0.0), Outcome::NoAnswer));
    near(graded(&RlerCitation::new(unreachable()), &silent).value, 0.0);
    near(graded(&RlerFormat, &silent).value, 0.2);
    near(graded(&RlerSearchTurns, &silent).value, 1.0 / 3.0);
}

#[test]
fn queries_that_say_nothing_are_none() {
    let format = |attempt: Trajectory| graded(&RlerFormat, &attempt.answers("x")).value;
    near(format(attempt()), 0.5);
    near(format(attempt().calls("search", "{}")), 0.5);
    near(format(attempt().calls("search", "{\"query\": [").told(CallStatus::InvalidArguments, "no")), 0.5);
    near(format(attempt().calls("search", "{\"query\": \"a\"}").told(CallStatus::InvalidArguments, "no")), 0.5);
    near(format(attempt().calls("search", "{\"query\": \"a\"}").told(CallStatus::NotFound, "no")), 0.7);
    near(graded(&RlerFormat, &attempt().answers("<cite id=a>x</cite>")).value, 0.8);
    let one_of_two =
        attempt().calls("search", "{").told(CallStatus::InvalidArguments, "no").calls("search", "{\"q\": 1}");
    near(graded(&RlerSearchTurns, &one_of_two.answers("x")).value, 1.0 / 3.0);
}

/// Grades of a group in which these rubrics have these scores.
fn grades(scores: &[(&Rubric, &[f64])]) -> Vec<Grade> {
    let count = scores.iter().map(|(_, scores)| scores.len()).max().unwrap_or_default();
    let grade = |at: usize| {
        let mut grade = Grade::scored("rler/rubric@1", Outcome::Wrong, 0.0);
        let known = scores.iter().filter_map(|(rubric, scores)| Some((rubric.key(), *scores.get(at)?)));
        grade.components.extend(known);
        grade
    };
    (0..count).map(grade).collect()
}

fn names(rubrics: &[Rubric]) -> Vec<&str> {
    rubrics.iter().map(|rubric| rubric.description.as_str()).collect()
}

#[test]
fn rubrics_that_tell_nothing_apart_are_dropped_and_five_stay() {
    let all: Vec<Rubric> = ["a", "b", "c", "d", "e", "f", "g"].map(|name| rubric(name, 1.0)).to_vec();
    let mut buffer = RubricBuffer::new(vec![rubric("static", 1.0)]);
    assert_eq!(buffer.admit(all.clone()), 7);
    let scores: [&[f64]; 7] = [
        &[0.0, 1.0, 0.0, 1.0],
        &[0.5, 0.5, 0.5, 0.5],
        &[0.0, 0.5, 0.0, 0.5],
        &[0.5, 0.5, 0.5, 1.0],
        &[0.0, 0.0, 0.5, 1.0],
        &[1.0, 1.0, 0.5, 0.5],
        &[0.0, 0.0, 0.0, 1.0],
    ];
    let still = rubric("static", 1.0);
    let mut group: Vec<(&Rubric, &[f64])> = all.iter().zip(scores).collect();
    group.push((&still, &[1.0, 1.0, 1.0, 1.0]));
    buffer.evolve(&grades(&group));
    assert_eq!(names(&buffer.active), ["a", "g", "e", "c", "f"]);
    assert_eq!(names(&buffer.inactive), ["d", "b"]);
    assert_eq!(names(&buffer.persistent), ["static"], "what came with the question stays");
    assert_eq!(buffer.history[&still.key()], Past(vec![0.0]));
    near(buffer.history[&all[0].key()].0[0], 0.5);
    assert_eq!(buffer.admit(all), 0, "what is or was there is not taken in again");
    assert_eq!(buffer.in_force().len(), 6);
}

#[test]
fn a_rubric_that_nobody_could_score_stays_while_there_is_room() {
    let (known, unknown) = (rubric("known", 1.0), rubric("unknown", 1.0));
    let mut buffer = RubricBuffer { most_active: 2, ..RubricBuffer::new(Vec::new()) };
    buffer.admit(vec![unknown.clone(), known.clone()]);
    buffer.evolve(&grades(&[(&known, &[0.0, 1.0]), (&unknown, &[1.0])]));
    assert_eq!(names(&buffer.active), ["known", "unknown"]);
    buffer.most_active = 1;
    buffer.evolve(&grades(&[(&known, &[0.0, 1.0])]));
    assert_eq!((names(&buffer.active), names(&buffer.inactive)), (vec!["known"], vec!["unknown"]));
}

#[test]
fn what_a_buffer_remembers_is_bounded() {
    let kept = rubric("kept", 1.0);
    let mut buffer = RubricBuffer::new(Vec::new());
    buffer.admit(vec![kept.clone()]);
    for number in 0..MOST_INACTIVE + 10 {
        let same = rubric(&format!("same {number}"), 1.0);
        buffer.admit(vec![same.clone()]);
        buffer.evolve(&grades(&[(&kept, &[0.0, 1.0]), (&same, &[1.0, 1.0])]));
    }
    assert_eq!(buffer.inactive.len(), MOST_INACTIVE);
    assert_eq!(buffer.history[&kept.key()].0.len(), MOST_HISTORY);
    assert_eq!(buffer.history.len(), MOST_INACTIVE + 1);
}

#[test]
fn buffers_are_saved_and_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("rubrics.json");
    let mut buffer = RubricBuffer::new(vec![rubric("static", 0.5)]);
    buffer.admit(vec![rubric("a", 1.0), rubric("b", -1.0)]);
    buffer.evolve(&grades(&[(&rubric("a", 1.0), &[0.1, 0.2, 0.4]), (&rubric("b", -1.0), &[1.0, 1.0])]));
    let buffers = RubricBuffers([(attempt().question.id, buffer)].into());
    buffers.save(&place).unwrap();
    assert_eq!(RubricBuffers::load(&place).unwrap(), buffers);
    std::fs::write(&place, "[1]").unwrap();
    assert!(matches!(RubricBuffers::load(&place), Err(GradeError::File { .. })));
    let missing = RubricBuffers::load(&folder.path().join("none")).unwrap_err();
    assert!(missing.to_string().contains("none"));
}

#[test]
fn a_model_proposes_what_tells_answers_apart() {
    let attempts: Vec<Trajectory> =
        (0..3).map(|number| numbered(number).answers(&format!("answer {number}"))).collect();
    let mut buffer = RubricBuffer::new(vec![rubric("in use already", 1.0)]);
    let good =
        r#"{"positive": [{"title": "t", "description": "d"}], "negative": [{"title": "u", "description": "e"}]}"#;
    let judge = ruling(move |prompt| {
        assert!(prompt.contains("answer 0") && prompt.contains("answer 2") && prompt.contains("in use already"));
        good.to_owned()
    });
    let Judgement::Read(proposed) = run(propose(&judge, &buffer, &attempts)).unwrap() else { panic!("it can be read") };
    assert_eq!(proposed.iter().map(|rubric| rubric.weight).collect::<Vec<_>>(), [1.0, -1.0]);
    assert_eq!(buffer.admit(proposed), 2);
    assert!(matches!(run(propose(&unreachable(), &buffer, &attempts)), Err(GradeError::Judge { .. })));
    assert!(matches!(run(propose(&babbling(), &buffer, &attempts)), Ok(Judgement::Unreadable { .. })));
    let six = [r#"{"title": "t", "description": "d"}"#; 6].join(",");
    for odd in [format!("{{\"positive\": [{six}]}}"), "{\"positive\": []}".to_owned(), "{\"positive\": [1]}".to_owned()]
    {
        let said = run(propose(&ruling(move |_| odd.clone()), &buffer, &attempts)).unwrap();
        assert!(matches!(said, Judgement::Unreadable { .. }), "{said:?}");
    }
    let alone = run(propose(&unreachable(), &buffer, &attempts[..1])).unwrap();
    assert_eq!(alone, Judgement::Read(Vec::new()), "a single answer cannot be told apart from any");
}

proptest! {
    #[test]
    fn a_buffer_never_holds_more_than_it_may(scores in prop::collection::vec(prop::collection::vec(0_u8..3, 4), 0..12)) {
        let rubrics: Vec<Rubric> = (0..scores.len()).map(|number| rubric(&number.to_string(), 1.0)).collect();
        let mut buffer = RubricBuffer::new(Vec::new());
        buffer.admit(rubrics.clone());
        let halves: Vec<Vec<f64>> =
            scores.iter().map(|all| all.iter().map(|score| f64::from(*score) / 2.0).collect()).collect();
        let group: Vec<(&Rubric, &[f64])> = rubrics.iter().zip(halves.iter().map(Vec::as_slice)).collect();
        buffer.evolve(&grades(&group));
        prop_assert!(buffer.active.len() <= 5);
        prop_assert_eq!(buffer.active.len() + buffer.inactive.len(), rubrics.len());
        for rubric in &buffer.active {
            prop_assert!(buffer.history[&rubric.key()].0[0] > 0.0);
        }
    }

    #[test]
    fn any_answer_can_be_read(answer in "(<cite id=|>|</cite>|a\\.|\"|'|，|x| |\n){0,30}") {
        for claim in claims(&answer) {
            prop_assert!(!claim.text.trim().is_empty());
        }
    }
}
