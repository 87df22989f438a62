//! What passes make of the replies of models.

use std::sync::Arc;

use offseeker_chat::{ChatError, ChatModel, Reply, Scripted};
use offseeker_question_synthesis::{
    ClosedBook, Draft, Ground, Judge, Kind, Level, Limits, ObscureByModel, Oracle, Pass, Phrasebook, Planner,
    Rejection, Tally, UniqueByModel, WriteByModel, worded,
};
use offseeker_trajectory::Message;

use crate::world;

/// A draft that is worded.
fn draft(ground: &Ground) -> Draft {
    let planner =
        Planner { levels: vec![(Level::Named, 1)], kinds: vec![(Kind::Chain, 1)], values: 0, ..Planner::default() };
    let mut draft = (0..20).find_map(|number| planner.plan(ground, number).ok()).unwrap();
    draft.text = worded(&draft.plan, Phrasebook::default().phrases("en").unwrap());
    draft
}

fn replying(replies: &[&str]) -> Arc<dyn ChatModel> {
    let reply = |text: &&str| match *text {
        "outage" => Err(ChatError::transient("asleep")),
        text => Ok(Reply::new(Message::assistant(text))),
    };
    let replies: Vec<_> = replies.iter().map(reply).collect();
    Arc::new(Scripted::replying(replies))
}

/// The code of a rejection with `?` where it could not be found out; `ok` where there is none.
fn code(applied: &Result<Draft, Rejection>) -> String {
    match applied {
        Ok(_) => "ok".to_owned(),
        Err(rejection) => format!("{}{}", rejection.code, if rejection.is_undetermined() { "?" } else { "" }),
    }
}

#[tokio::test]
async fn what_is_known_without_research_is_thrown_out() {
    let ground = world::ground(5, 40);
    let answer = draft(&ground).plan.answer.text;
    let right = format!("I know: <answer>the {}.</answer>", answer.to_uppercase());
    let no = "<answer>unknown</answer>";
    closed_book(&ground, &[no; 5], &[], "ok").await;
    closed_book(&ground, &[no, no, no, no, &right], &[], "known_without_research").await;
    closed_book(&ground, &[no, no, "outage"], &[], "model_transient?").await;
    let incorrect = r#"{"verdict": "incorrect", "extracted": "x", "reason": ""}"#;
    let correct = "<judge>Yes</judge>";
    closed_book(&ground, &[no; 5], &[incorrect; 10], "ok").await;
    closed_book(
        &ground,
        &[no; 5],
        &[
            incorrect, correct, correct, incorrect, incorrect, incorrect, incorrect, incorrect, incorrect, incorrect,
            incorrect,
        ],
        "known_without_research",
    )
    .await;
    closed_book(&ground, &[no; 5], &["hm"; 9], "verdict_unreadable?").await;
    closed_book(&ground, &[no; 5], &["outage"], "judge_transient?").await;
}

async fn closed_book(ground: &Arc<Ground>, replies: &[&str], votes: &[&str], expected: &str) {
    let judge = if votes.is_empty() { Judge::by_spelling() } else { Judge::by_model(replying(votes)) };
    let applied = ClosedBook::new(replying(replies), judge).apply(draft(ground)).await;
    assert_eq!(code(&applied), expected, "{replies:?} {votes:?}");
    let tally = applied.ok().and_then(|draft| draft.checks.closed_book);
    assert_eq!(tally, (expected == "ok").then_some(Tally { right: 0, of: 5 }));
}

#[tokio::test]
async fn what_cannot_be_answered_with_all_evidence_is_thrown_out() {
    let ground = world::ground(5, 40);
    let right = format!("<answer>{}</answer>", draft(&ground).plan.answer.text);
    let wrong = "<answer>x</answer>";
    oracle(&ground, &[&right, wrong, &right, &right], "ok").await;
    oracle(&ground, &[&right, wrong, wrong, &right], "not_solvable").await;
    oracle(&ground, &[&right, "outage"], "model_transient?").await;
}

async fn oracle(ground: &Arc<Ground>, replies: &[&str], expected: &str) {
    let draft = draft(ground);
    let model = Arc::new(Scripted::replying(replies.iter().map(|text| match *text {
        "outage" => Err(ChatError::transient("asleep")),
        text => Ok(Reply::new(Message::assistant(text))),
    })));
    let applied = Oracle::new(ground.clone(), model.clone(), Judge::by_spelling()).apply(draft.clone()).await;
    assert_eq!(code(&applied), expected, "{replies:?}");
    let asked = &model.asked()[0].messages[0].content;
    assert!(draft.plan.clues.iter().flat_map(|clue| &clue.evidence).all(|evidence| asked.contains(&evidence.quote)));
    assert!(asked.contains(&draft.plan.answer.text));
}

#[tokio::test]
async fn another_answer_that_fits_is_found() {
    let ground = world::ground(5, 40);
    let other = ground.graph().nodes().map(|node| ground.graph().name(node).to_owned());
    let other = other.into_iter().find(|name| *name != draft(&ground).plan.answer.text).unwrap();
    let listed = format!("{{\"others\": [\"{other}\", \"Nobody\"]}}");
    unique(&ground, &["{\"others\": []}"], "ok").await;
    unique(&ground, &[&listed, r#"{"fits": "no", "reason": ""}"#], "ok").await;
    unique(&ground, &[&listed, r#"{"fits": "yes", "reason": ""}"#], "another_answer").await;
    unique(&ground, &[&listed, "hm"], "verdict_unreadable?").await;
    unique(&ground, &["hm"], "list_unreadable?").await;
    unique(&ground, &[&listed, "outage"], "model_transient?").await;
}

async fn unique(ground: &Arc<Ground>, replies: &[&str], expected: &str) {
    let applied = UniqueByModel::new(ground.clone(), replying(replies)).apply(draft(ground)).await;
    assert_eq!(code(&applied), expected, "{replies:?}");
}

#[tokio::test]
async fn what_a_model_writes_is_taken_if_it_is_as_it_should_be() {
    let ground = world::ground(5, 40);
    let draft = draft(&ground);
    let answer = &draft.plan.answer.text;
    let said = |question: &str, answer: &str| format!("<question>{question}</question><answer>{answer}</answer>");
    let good = draft.text.replace("that", "the said");
    let bad = [
        (said(&good, "x"), "the reply has another answer"),
        (said(&format!("{good} Is it {answer}?"), answer), "(leak_answer)"),
        (said(&format!("{good} It is from 1704."), answer), "the text says 1704 (leak_year)"),
        (said("这是什么？", answer), "the text is in another language"),
        (said("What?", answer), "the text is too short or too long"),
        (said(&good.repeat(60), answer), "the text is too short or too long"),
        ("Well.".to_owned(), "the reply has no question in it"),
    ];
    let good_reply = said(&good, answer);
    rewrite(&ground, &draft, &[&good_reply], Ok(&good)).await;
    for (reply, fault) in &bad {
        rewrite(&ground, &draft, &[reply, reply, reply], Err(fault)).await;
        rewrite(&ground, &draft, &[reply, &good_reply], Ok(&good)).await;
    }
    let outage = WriteByModel::new(ground.clone(), replying(&["Well.", "outage"])).apply(draft.clone()).await;
    assert_eq!(code(&outage), "model_transient?");
    let limits = Limits { tries: 1, ..Limits::default() };
    let once = ObscureByModel::new(ground, replying(&["Well."])).limited(limits).apply(draft.clone()).await;
    assert_eq!(once.unwrap().text, draft.text);
}

async fn rewrite(ground: &Arc<Ground>, draft: &Draft, replies: &[&str], expected: Result<&str, &str>) {
    let passes: [Box<dyn Pass>; 2] = [
        Box::new(WriteByModel::new(ground.clone(), replying(replies))),
        Box::new(ObscureByModel::new(ground.clone(), replying(replies))),
    ];
    for pass in passes {
        let applied = pass.apply(draft.clone()).await.unwrap();
        let note = applied.notes.first().map_or("", |note| note.text.as_str());
        match expected {
            Ok(text) => assert_eq!((applied.text.as_str(), note), (text, "")),
            Err(fault) => assert!(applied.text == draft.text && note.contains(fault), "{fault}: {note}"),
        }
    }
}

#[test]
fn a_prompt_of_ones_own_has_to_fill_in_everything() {
    let model = replying(&[]);
    let error = ClosedBook::new(model.clone(), Judge::default()).prompted("Hm?").unwrap_err().to_string();
    assert_eq!(error, "the prompt of closed_book is wrong: it does not fill in {question}");
    assert!(ClosedBook::new(model, Judge::default()).prompted("{question} Quick!").is_ok());
}
