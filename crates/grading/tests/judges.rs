//! Judges as graders: votes, retries, what is kept of them, how far they agree.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use offseeker_chat::{ChatError, Mode, Reply, Scripted};
use offseeker_grading::judges::{Agreement, Form, JudgeGrader};
use offseeker_grading::{GradeError, Grader, Judge};
use offseeker_trajectory::{Grade, Message, Node, Outcome, Question, StopReason, Trajectory};

const YES: &str = r#"{"verdict": "correct", "extracted": "x", "reason": "the same"}"#;
const NO: &str = r#"{"verdict": "incorrect", "extracted": "x", "reason": "another"}"#;
const OPEN: &str = r#"{"verdict": "undetermined", "extracted": "", "reason": "the key is odd"}"#;

fn attempt(answer: Option<&str>) -> Trajectory {
    let mut attempt =
        Trajectory::new(Question::new("Which river does the mill stand on?", ["the Orsa", "Orsa river"]), 0);
    let asked = attempt.push(Node::given(None, Message::user("Which river?"))).unwrap();
    let reply = format!("Explanation: e\nExact Answer: {}\nConfidence: 70%", answer.unwrap_or_default());
    attempt.push(Node::sampled(asked, Message::assistant(reply))).unwrap();
    attempt.answer = answer.map(str::to_owned);
    attempt.stop = Some(StopReason::Answered);
    attempt
}

fn judged_by(replies: &[&str], form: Form) -> (Arc<Scripted>, JudgeGrader) {
    let model = Arc::new(Scripted::saying(replies.iter().copied()).named("small"));
    (model.clone(), JudgeGrader::new(Judge::new(model), form))
}

fn unscored(reason: &str) -> Outcome {
    Outcome::Unscored { reason: reason.to_owned() }
}

#[tokio::test]
async fn a_majority_decides_and_no_more_is_asked_than_needed() {
    check(3, &[YES, YES], Outcome::Correct, 2).await;
    check(3, &[NO, NO], Outcome::Wrong, 2).await;
    check(3, &[YES, NO, YES], Outcome::Correct, 3).await;
    check(3, &[YES, NO, NO], Outcome::Wrong, 3).await;
    check(3, &[OPEN, YES, YES], Outcome::Correct, 3).await;
    let split = "the judge could not tell: 1 correct, 1 incorrect, 1 undetermined";
    check(3, &[YES, NO, OPEN], unscored(split), 3).await;
    check(3, &[OPEN, OPEN], unscored("the judge could not tell: 0 correct, 0 incorrect, 2 undetermined"), 2).await;
    check(1, &[NO], Outcome::Wrong, 1).await;
    check(1, &[OPEN], unscored("the judge could not tell: 0 correct, 0 incorrect, 1 undetermined"), 1).await;
    check(2, &[YES, NO], unscored("the judge could not tell: 1 correct, 1 incorrect, 0 undetermined"), 2).await;
    check(5, &[YES, NO, YES, NO, NO], Outcome::Wrong, 5).await;
    check(0, &[YES], Outcome::Correct, 1).await;
}

async fn check(votes: u32, replies: &[&str], outcome: Outcome, asked: usize) {
    let (model, grader) = judged_by(replies, Form::Offseeker);
    let grader = grader.votes(votes);
    let grade = grader.grade(&attempt(Some("the long river"))).await.unwrap();
    assert_eq!(grade.outcome, outcome, "{votes} votes {replies:?}");
    assert_eq!(grade.value.is_none(), matches!(outcome, Outcome::Unscored { .. }));
    assert_eq!(model.asked().len(), asked, "{votes} votes {replies:?}");
    let seeds: Vec<_> = model.asked().iter().map(|asked| asked.sampling.seed.unwrap()).collect();
    assert_eq!(seeds, (0..asked as u64).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_cannot_be_read_is_asked_for_again_with_the_reason() {
    let incomplete = r#"{"verdict": "correct", "extracted": "x"}"#;
    let (model, grader) = judged_by(&["Well.", incomplete, YES, NO, NO], Form::Offseeker);
    let grade = grader.grade(&attempt(Some("the long river"))).await.unwrap();
    assert_eq!(grade.outcome, Outcome::Wrong);
    let asked = model.asked();
    assert_eq!(asked[1].messages.len(), 3);
    assert!(asked[2].messages[4].content.contains("the key \"reason\" is missing"), "{:?}", asked[2].messages[4]);

    // Three tries for each vote, and two votes that say nothing decide nothing.
    let (model, grader) = judged_by(&["Well."; 9], Form::Offseeker);
    let grade = grader.grade(&attempt(Some("the long river"))).await.unwrap();
    assert_eq!(grade.outcome, unscored("the judge could not tell: 0 correct, 0 incorrect, 2 undetermined"));
    assert_eq!(model.asked().len(), 6);
}

#[tokio::test]
async fn nobody_is_asked_about_what_is_plain() {
    let (model, grader) = judged_by(&[NO, NO], Form::Offseeker);
    let plain = grader.grade(&attempt(Some("The Orsa."))).await.unwrap();
    let none = grader.grade(&attempt(None)).await.unwrap();
    let mut failed = attempt(Some("x"));
    failed.stop = Some(StopReason::Cancelled);
    let failed = grader.grade(&failed).await.unwrap();
    assert_eq!([plain.outcome, none.outcome], [Outcome::Correct, Outcome::NoAnswer]);
    assert_eq!(failed.value, None);
    assert_eq!(model.asked().len(), 0);

    let mut asks_always = grader;
    asks_always.short_cut = false;
    assert_eq!(asks_always.grade(&attempt(Some("The Orsa."))).await.unwrap().outcome, Outcome::Wrong);
    assert_eq!(model.asked().len(), 2);
}

#[tokio::test]
async fn a_judge_is_shown_what_its_form_asks_about() {
    let said = "extracted_final_answer: x\nreasoning: r\ncorrect: no\nconfidence: 70%";
    let (model, grader) = judged_by(&[said, said], Form::BrowseComp);
    assert_eq!(grader.name(), "offseeker/browsecomp-form@1:small");
    let grade = grader.grade(&attempt(Some("the Teva"))).await.unwrap();
    assert_eq!(grade.components["confidence"], 70.0);
    assert_eq!(grade.components["votes_incorrect"], 2.0);
    let prompt = model.asked()[0].messages[0].content.clone();
    for shown in
        ["Which river does the mill stand on?", "the Orsa; Orsa river", "Exact Answer: the Teva\nConfidence: 70%"]
    {
        assert!(prompt.contains(shown), "{shown:?} is not in {prompt}");
    }

    let (model, grader) = judged_by(&["B", "B"], Form::Letter);
    let mut grader = grader.prompted("mine@2", "{question}|{answer}|{response}").unwrap();
    grader.longest = 7;
    assert_eq!(grader.name(), "mine@2:small");
    grader.grade(&attempt(Some("éé the Teva"))).await.unwrap();
    let shown = "Which river does the mill stand on?|the Orsa; Orsa river|he Teva";
    assert_eq!(model.asked()[0].messages[0].content, shown);
}

#[tokio::test]
async fn several_judges_vote_in_turn() {
    let judge = |name: &str, replies: &[&str]| {
        let model = Arc::new(Scripted::saying(replies.iter().copied()).named(name));
        (model.clone(), Judge::new(model))
    };
    let ((one, first), (two, second)) = (judge("one", &[YES, NO]), judge("two", &[NO]));
    let grader = JudgeGrader::new(first, Form::Offseeker).and(second);
    assert_eq!(grader.name(), "offseeker/correctness@1:one+two");
    let grade = grader.grade(&attempt(Some("the long river"))).await.unwrap();
    assert_eq!((grade.outcome, one.asked().len(), two.asked().len()), (Outcome::Wrong, 2, 1));
    let claims: Vec<&str> = grade.evidence.iter().map(|evidence| evidence.claim.as_str()).collect();
    let prompt = format!("prompt offseeker/correctness@1 {}", Form::Offseeker.prompt().hash());
    assert_eq!(claims, ["what was compared", &prompt, "one: correct", "two: incorrect", "one: incorrect"]);
}

#[test]
fn a_prompt_that_leaves_something_out_is_refused() {
    let (_, grader) = judged_by(&[], Form::Tag);
    let error = grader.prompted("mine@1", "{question} {response}").unwrap_err();
    assert_eq!(error.to_string(), "prompt mine@1: it does not fill in {answer}");
}

#[tokio::test]
async fn an_outage_is_no_grade_and_a_refusal_is_one() {
    let failing = |error: ChatError| {
        let model = Scripted::by(move |_| Err(error.clone()));
        JudgeGrader::new(Judge::new(Arc::new(model)), Form::Offseeker)
    };
    let outage = failing(ChatError::transient("the line is cut")).grade(&attempt(Some("x"))).await.unwrap_err();
    assert!(matches!(&outage, GradeError::Judge { .. }), "{outage}");
    assert_eq!(outage.kind(), "judge_transient");
    let refused = ChatError::Refused { reason: "the filter".to_owned() };
    let grade = failing(refused).grade(&attempt(Some("x"))).await.unwrap();
    assert_eq!(grade.outcome, unscored("the judge could not tell: 0 correct, 0 incorrect, 2 undetermined"));
    assert!(grade.evidence.iter().any(|evidence| evidence.quote.contains("the filter")), "{grade:?}");
}

/// A judge on a folder, and the model behind it, which votes differently each time it is asked.
fn cached(folder: &std::path::Path, revision: &str, mode: Mode) -> (Arc<Scripted>, JudgeGrader) {
    let model = Scripted::by(|request| {
        let text = if request.sampling.seed == Some(0) { YES } else { NO };
        Ok(Reply::new(Message::assistant(text)))
    });
    let model = Arc::new(model.named("small"));
    let judge = Judge::recorded(model.clone(), revision, folder, mode);
    (model, JudgeGrader::new(judge, Form::Offseeker))
}

#[tokio::test]
async fn what_a_judge_said_is_not_asked_again() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (attempt, other) = (attempt(Some("the long river")), attempt(Some("the short river")));
    let (model, grader) = cached(folder, "2024-08-06", Mode::Replay);
    assert_eq!(grader.name(), "offseeker/correctness@1:small@2024-08-06");
    let first = grader.grade(&attempt).await.unwrap();
    assert_eq!((grader.grade(&attempt).await.unwrap(), model.asked().len()), (first.clone(), 3));

    // Another process, as it were.
    let (again, grader) = cached(folder, "2024-08-06", Mode::ReplayStrict);
    assert_eq!((grader.grade(&attempt).await.unwrap(), again.asked().len()), (first, 0));
    assert_eq!(grader.grade(&other).await.unwrap_err().kind(), "judge_not_recorded");

    // Whatever changes an answer is asked anew.
    let (revised, grader) = cached(folder, "2024-11-20", Mode::Replay);
    grader.grade(&attempt).await.unwrap();
    let (reworded, grader) = cached(folder, "2024-08-06", Mode::Replay);
    let grader = grader.prompted("mine@1", "{question} {answer} {response}").unwrap();
    grader.grade(&attempt).await.unwrap();
    let (resampled, _) = cached(folder, "2024-08-06", Mode::Replay);
    let mut judge = Judge::recorded(resampled.clone(), "2024-08-06", folder, Mode::Replay);
    judge.sampling.temperature = Some(0.5);
    JudgeGrader::new(judge, Form::Offseeker).grade(&attempt).await.unwrap();
    let (elsewhere, grader) = cached(folder, "2024-08-06", Mode::Replay);
    grader.grade(&other).await.unwrap();
    assert_eq!([revised, reworded, resampled, elsewhere].map(|model| model.asked().len()), [3; 4]);
}

#[test]
fn agreement_is_told_with_its_exceptions() {
    let mut agreement = Agreement::between(["one@1", "two@1", "three@1"]);
    agreement.most = 1;
    let (yes, no, open) = (Outcome::Correct, Outcome::Wrong, unscored("odd"));
    let rows = [
        [Some(&yes), Some(&yes), Some(&yes)],
        [Some(&no), Some(&no), None],
        [Some(&yes), Some(&no), Some(&open)],
        [Some(&no), Some(&open), Some(&yes)],
        [None, None, Some(&yes)],
    ];
    for (number, row) in (0..).zip(rows) {
        let mut attempt = Trajectory::new(Question::new("Which river?", ["the Orsa"]), number);
        for (grader, outcome) in ["one@1", "two@1", "three@1"].iter().zip(row) {
            attempt.grades.extend(outcome.map(|outcome| match outcome {
                Outcome::Unscored { reason } => Grade::unscored(*grader, reason),
                outcome => Grade::scored(*grader, outcome.clone(), f64::from(u8::from(*outcome == yes))),
            }));
        }
        agreement.add(&attempt);
    }
    // Pairs: 3 same, 1 same, 1 apart, 1 apart. n = 9 with 5 yes and 4 no: D_o = 4/9, D_e = 2*5*4/(9*8).
    assert_eq!(agreement.raw(), Some(4.0 / 6.0));
    let alpha = 1.0 - (4.0 / 9.0) / (40.0 / 72.0);
    assert!((agreement.alpha_of_outcomes().unwrap() - alpha).abs() < 1e-12);
    assert!((agreement.alpha_of_values().unwrap() - alpha).abs() < 1e-12);
    assert_eq!((agreement.disagreed(), agreement.disagreements().len()), (2, 1));
    assert_eq!(agreement.disagreements()[0].outcomes, [Some(yes), Some(no), None]);
    let text = "agreement 0.667, alpha 0.200 of outcomes, 0.200 of values, 2 disagreements\n       0 unscored by one@1\n       \
                1 unscored by two@1\n       1 unscored by three@1\n";
    assert_eq!(agreement.to_string(), text);
}
