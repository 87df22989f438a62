//! Web-Shepherd: its score, with and without probabilities, and what it does when its judge fails.

use std::sync::Arc;

use async_trait::async_trait;
use offseeker_chat::{ChatError, Scripted};
use offseeker_trajectory::{Message, NodeId, Trajectory};
use proptest::prelude::*;
use serde_json::json;

use super::verdict::read_verdicts;
use super::*;
use crate::rewards::made::{
    Goes, attempt, babbling, between, graded, near, ours_is_unscored, reason, ruling, run, saying, unreachable,
};
use crate::{GradeError, Judge, StepGrader};

#[test]
fn a_step_is_worth_what_its_items_come_to() {
    let check = |case: &str, verdicts: &[StepVerdict], expected: f64| {
        let chances: Vec<[f64; 3]> = verdicts.iter().copied().map(counted).collect();
        let found = step_score(&chances);
        assert!((found - expected).abs() < 1e-12, "Web-Shepherd, counting, {case}: {found}");
    };
    use StepVerdict::{InProgress, No, Yes};
    check("all", &[Yes, Yes], 1.0);
    check("some", &[Yes, InProgress, No, No], 0.375);
    check("none", &[No, No, No], 0.0);
    check("nothing to judge", &[], 0.0);
    near(step_score(&[[0.5, 0.3, 0.2], [0.1, 0.8, 0.1]]), (0.65 + 0.5) / 2.0);
}

#[test]
fn choices_are_measured_as_the_system_does() {
    let check = |attempts: &[Vec<(f64, Vec<f64>)>], expected: Option<[f64; 3]>| match (Choices::of(attempts), expected)
    {
        (Some(found), Some([rank, steps, whole])) => {
            near(found.mean_reciprocal_rank, rank);
            near(found.step_accuracy, steps);
            near(found.attempt_accuracy, whole);
        }
        (found, expected) => assert_eq!((found, expected), (None, None), "{attempts:?}"),
    };
    let good = vec![(0.9, vec![0.1, 0.2]), (0.5, vec![0.4])];
    let tied = vec![(0.9, vec![0.1]), (0.5, vec![0.5, 0.1])];
    check(std::slice::from_ref(&good), Some([1.0, 1.0, 1.0]));
    check(&[good, tied], Some([0.875, 0.75, 0.5]));
    check(&[vec![(0.1, vec![0.2, 0.3])], Vec::new()], Some([1.0 / 3.0, 0.0, 0.0]));
    check(&[vec![(0.1, Vec::new())]], Some([1.0, 1.0, 1.0]));
    check(&[Vec::new()], None);
    check(&[], None);
}

#[test]
fn probabilities_of_synonyms_are_pooled() {
    let check = |tokens: &[(&str, f64)], expected: Option<[f64; 3]>| {
        let tokens: Vec<(String, f64)> = tokens.iter().map(|(token, p)| ((*token).to_owned(), p.ln())).collect();
        match (pooled(&tokens, &Synonyms::default()), expected) {
            (Some(found), Some(expected)) => {
                assert!(
                    found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-9),
                    "{found:?}"
                );
            }
            (found, expected) => assert_eq!(found, expected, "{tokens:?}"),
        }
    };
    check(&[("Yes", 0.4), (" yes", 0.1), ("YES", 0.1), ("No", 0.2), ("In", 0.2)], Some([0.6, 0.2, 0.2]));
    check(&[("Yes", 0.25), ("No", 0.25), ("The", 0.5)], Some([0.5, 0.0, 0.5]));
    check(&[("In", 1e-30)], Some([0.0, 1.0, 0.0]));
    check(&[("The", 1.0)], None);
    check(&[], None);
    check(&[("Yes", 0.0)], None);
}

#[test]
fn verdicts_are_read_by_number() {
    let check = |reply: &str, expected: Result<&str, &str>| {
        let found = read_verdicts(reply, 2).map(|verdicts| {
            let said: Vec<&str> = verdicts.iter().map(|(_, place)| &reply[place.clone()]).collect();
            said.join("|")
        });
        assert_eq!(found.as_deref().map_err(String::as_str), expected, "{reply:?}");
    };
    check("1: Yes\n2: No", Ok("Yes|No"));
    check("**1**: In Progress\n- 2. no", Ok("In Progress|no"));
    check("1: No\nNo, wait.\n1: Yes\n2: in-progress", Ok("Yes|in-progress"));
    check("1：Yes\n2) Nothing yet\n2) No.", Ok("Yes|No"));
    check("1: Yes", Err("there is no line with a verdict on item 2"));
    check("2: Yes\n3: No\n0: No", Err("there is no line with a verdict on item 1"));
    check("1: Yesterday\n2: Yes", Err("there is no line with a verdict on item 1"));
    check("In step 1: Yes\n2: Yes", Err("there is no line with a verdict on item 1"));
}

fn two_steps() -> Trajectory {
    attempt()
        .knows("checklist", json!(["the page is found", "the river is named"]))
        .calls("search", r#"{"query": ["mill"]}"#)
        .sees("a list", &[])
        .answers("the Orsa")
}

fn steps(attempt: &Trajectory) -> Vec<NodeId> {
    crate::rewards::turns(attempt).map(|(id, _)| id).collect()
}

#[test]
fn a_step_is_the_mean_over_replies_that_can_be_read() {
    let attempt = two_steps();
    let replies = ["1: Yes\n2: No", "1: Yes\n2: Yes", "?", "?", "?", "1: No\n2: No", "1: Yes\n2: In Progress"];
    let span = run(WebShepherd::new(saying(&replies)).grade(&attempt, steps(&attempt)[0])).unwrap().unwrap();
    near(span.value, (0.5 + 1.0 + 0.0 + 0.75) / 4.0);
    assert_eq!(span.note, "web-shepherd@1: 4 of 5 replies");
}

#[test]
fn replies_are_sampled_apart() {
    let attempt = two_steps();
    let model = Arc::new(Scripted::saying(["1: Yes\n2: No"; 5]));
    let judge = Judge::new(model.clone());
    run(WebShepherd::new(judge).grade(&attempt, steps(&attempt)[1])).unwrap().unwrap();
    let asked = model.asked();
    let seeds: Vec<_> = asked.iter().map(|request| request.sampling.seed).collect();
    assert_eq!(seeds, [Some(0), Some(1), Some(2), Some(3), Some(4)]);
    assert!(asked.iter().all(|request| request.sampling.temperature == Some(1.0)));
    let prompt = &asked[0].messages[0].content;
    assert!(between(prompt, "Before:\n", "The step:").contains("search"), "{prompt}");
    assert!(between(prompt, "The step:\n", "Say").contains("the Orsa"));
}

/// Gives the verdict on item 1 these chances, and knows nothing about others.
#[derive(Debug)]
struct Odds([f64; 3]);

#[async_trait]
impl NextToken for Odds {
    async fn likeliest(&self, messages: &[Message], begun: &str, most: usize) -> Result<Vec<(String, f64)>, ChatError> {
        assert_eq!((messages.len(), most), (1, 10));
        let tokens = ["Yes", "In", "No"].into_iter().zip(self.0).map(|(token, chance)| (token.to_owned(), chance.ln()));
        Ok(if begun == "1: " { tokens.collect() } else { vec![("The".to_owned(), 0.0)] })
    }
}

#[derive(Debug)]
struct Down;

#[async_trait]
impl NextToken for Down {
    async fn likeliest(&self, _: &[Message], _: &str, _: usize) -> Result<Vec<(String, f64)>, ChatError> {
        Err(ChatError::Transient { reason: "it is down".to_owned() })
    }
}

#[test]
fn chances_count_where_the_model_says_them_and_words_where_not() {
    let attempt = two_steps();
    let shepherd = || WebShepherd::new(saying(&["1: No\n2: In Progress"; 5]));
    let weighed = shepherd().weighing(Arc::new(Odds([0.5, 0.3, 0.2])));
    let span = run(weighed.grade(&attempt, steps(&attempt)[0])).unwrap().unwrap();
    near(span.value, f64::midpoint(0.65, 0.5));
    let outage = run(shepherd().weighing(Arc::new(Down)).grade(&attempt, steps(&attempt)[0]));
    assert!(matches!(outage, Err(GradeError::Judge { .. })));
}

#[test]
fn a_step_on_which_nothing_can_be_read_has_no_value() {
    let attempt = two_steps();
    let step = steps(&attempt)[0];
    assert_eq!(run(WebShepherd::new(babbling()).grade(&attempt, step)).unwrap(), None);
    let outage = run(WebShepherd::new(unreachable()).grade(&attempt, step));
    assert!(matches!(outage, Err(GradeError::Judge { .. })));
    let question = NodeId::new(0);
    assert_eq!(run(WebShepherd::new(unreachable()).grade(&attempt, question)).unwrap(), None, "it is no step");
}

#[test]
fn a_checklist_is_written_once_for_a_question() {
    let mut attempt = two_steps();
    attempt.question.metadata.clear();
    let model = Arc::new(Scripted::by(|request| {
        let first = &request.messages[0].content;
        let reply = if first.contains("\"items\"") { "{\"items\": [\"found\"]}" } else { "1: Yes" };
        Ok(offseeker_chat::Reply::new(Message::assistant(reply)))
    }));
    let mut shepherd = WebShepherd::new(Judge::new(model.clone()));
    shepherd.replies = 1;
    for step in steps(&attempt) {
        near(run(shepherd.grade(&attempt, step)).unwrap().map(|span| span.value), 1.0);
    }
    let lists = model.asked().iter().filter(|request| request.messages[0].content.contains("\"items\"")).count();
    assert_eq!(lists, 1);
    let six = r#"{"items": ["a", "b", "c", "d", "e", "f"]}"#;
    for odd in ["{\"items\": []}", six, "{\"items\": [1]}", "{\"items\": [\" \"]}", "{\"list\": []}"] {
        let shepherd = WebShepherd::new(ruling(move |_| odd.to_owned()));
        assert_eq!(run(shepherd.grade(&attempt, steps(&attempt)[0])).unwrap(), None, "{odd}");
    }
}

#[test]
fn the_mean_over_steps_fills_the_spans() {
    let attempt = two_steps();
    let judge =
        || ruling(|prompt| if prompt.contains("(nothing)") { "1: Yes\n2: No" } else { "1: Yes\n2: Yes" }.to_owned());
    let mean = StepMean::new("web-shepherd/mean@1", Arc::new(WebShepherd::new(judge())));
    let grade = graded(&mean, &attempt);
    near(grade.value, 0.75);
    let spans: Vec<(NodeId, f64)> = grade.spans.iter().map(|span| (span.node, span.value)).collect();
    assert_eq!(spans, [(steps(&attempt)[0], 0.5), (steps(&attempt)[1], 1.0)]);
    ours_is_unscored(&mean, &attempt);
    let lost = StepMean::new("web-shepherd/mean@1", Arc::new(WebShepherd::new(babbling())));
    assert_eq!(reason(&graded(&lost, &attempt)), "none of 2 steps has a value by web-shepherd@1");
    let outage = StepMean::new("web-shepherd/mean@1", Arc::new(WebShepherd::new(unreachable())));
    assert!(run(crate::Grader::grade(&outage, &attempt)).is_err());
}

proptest! {
    #[test]
    fn any_reply_can_be_read(reply in "(1|2|3|: |:|yes|No|In Progress|in-|\n|é|\\*\\*|\\.){0,30}") {
        if let Ok(verdicts) = read_verdicts(&reply, 2) {
            for (verdict, place) in verdicts {
                let first = match verdict {
                    StepVerdict::Yes => "y",
                    StepVerdict::InProgress => "i",
                    StepVerdict::No => "n",
                };
                prop_assert!(reply[place].to_lowercase().starts_with(first));
            }
        }
    }

    #[test]
    fn pooled_chances_come_to_one(chances in prop::collection::vec((0_usize..5, 0.001..1.0_f64), 1..10)) {
        let words = ["Yes", "in", "no", " NO ", "other"];
        let tokens: Vec<(String, f64)> =
            chances.iter().map(|(word, chance)| (words[*word].to_owned(), chance.ln())).collect();
        if let Some(pools) = pooled(&tokens, &Synonyms::default()) {
            prop_assert!((pools.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            let score = step_score(&[pools]);
            prop_assert!((0.0..=1.0 + 1e-9).contains(&score));
        }
    }
}
