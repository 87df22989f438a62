//! From attempts to breakdowns and report lines.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;

use offseeker_evaluation::statistics::Figures;
use offseeker_evaluation::{Attempted, Calibration, Control, Reducer, ReportLine, breakdown, retrieval};
use offseeker_trajectory::{
    CallStatus, Grade, Limit, Message, Node, Observed, Origin, Outcome, Question, Sampled, StopReason, Trajectory,
    Usage,
};

/// An attempt that calls tools, with what came of it.
fn attempt(question: &str, number: u32, tools: &[&str], outcome: Option<Outcome>) -> Trajectory {
    let mut attempt = Trajectory::new(Question::new(question, ["the Orsa"]), number);
    attempt.question.metadata.insert("hops".to_owned(), 2.into());
    let mut at = attempt.push(Node::given(None, Message::user(question))).unwrap();
    let usage = Usage { requests: 1, prompt_tokens: 10, completion_tokens: 4, cost_microusd: 500, ..Usage::default() };
    for tool in tools {
        let sampled = Origin::Sampled(Sampled { usage, ..Sampled::default() });
        let asked = attempt.push(Node::new(Some(at), Message::assistant("I search."), sampled)).unwrap();
        let answer = Message::tool("c1", *tool, "The mill stands on the Orsa.");
        at = attempt.push(Node::observed(asked, answer, Observed::new(CallStatus::Ok))).unwrap();
    }
    attempt.stop = Some(StopReason::Answered);
    attempt.grades = outcome.map(|outcome| Grade::scored("exact@1", outcome, 0.0)).into_iter().collect();
    attempt
}

fn attempts() -> Vec<Attempted> {
    let mut lost = attempt("Who?", 1, &[], None);
    lost.stop = Some(StopReason::Limit { which: Limit::Turns });
    let attempts = [
        attempt("Which river?", 0, &["search", "visit", "search"], Some(Outcome::Correct)),
        attempt("Which river?", 1, &["search"], Some(Outcome::Wrong)),
        attempt("Who?", 0, &[], Some(Outcome::Correct)),
        lost,
    ];
    attempts.iter().map(|attempt| Attempted::of(attempt, "exact@1", &["hops", "level"])).collect()
}

#[test]
fn attempts_are_counted_by_what_they_did() {
    let attempts = attempts();
    let by = |key: &str| -> Vec<(Option<String>, usize, usize)> {
        let parts = breakdown(&attempts, key);
        parts.into_iter().map(|part| (part.value, part.figures.counts.attempts, part.figures.counts.correct)).collect()
    };
    let named = |name: &str| Some(name.to_owned());
    assert_eq!(by("tool"), [(None, 2, 1), (named("search"), 2, 1), (named("visit"), 1, 1)]);
    assert_eq!(by("stop"), [(named("answered"), 3, 2), (named("limit"), 1, 0)]);
    assert_eq!(by("hops"), [(named("2"), 4, 2)]);
    assert_eq!(by("level"), [(None, 4, 2)]);
    let searching = &breakdown(&attempts, "tool")[1];
    assert_eq!((searching.means.calls, searching.means.requests), (2.0, 2.0));
    assert_eq!((searching.means.prompt_tokens, searching.means.completion_tokens), (20.0, 8.0));
    assert!((searching.means.dollars - 0.001).abs() < 1e-12);
}

#[test]
fn attempts_without_the_grade_are_unscored() {
    let outcomes = Attempted::by_question(&attempts(), None);
    let figures = Figures::of(&outcomes, &[1, 2]);
    assert_eq!((figures.counts.attempts, figures.counts.unscored), (4, 1));
    assert!((figures.all.mean.unwrap().value - 0.5).abs() < 1e-12);
    assert!((figures.scored.mean.unwrap().value - 0.75).abs() < 1e-12);
    let clustered = Attempted::by_question(&attempts(), Some("hops"));
    assert!(clustered.iter().all(|question| question.cluster.as_deref() == Some("2")));
}

#[test]
fn a_report_line_is_the_same_bytes_each_time() {
    let mut attempts = attempts();
    let line = |attempts: &[Attempted]| ReportLine {
        contestant: "ours".to_owned(),
        control: Some(Control::NoTools),
        tools: ["search", "visit"].map(str::to_owned).into(),
        dataset: "rivers|hard".to_owned(),
        subset: "0123456789abcdef".to_owned(),
        attempts_each: 2,
        scorer: "exact@1".to_owned(),
        judge: Some("a judge".to_owned()),
        limits: [(Limit::Turns, 40), (Limit::Calls, 100)].into(),
        date: "2026-11-22".to_owned(),
        blocked: 3,
        figures: Figures::of(&Attempted::by_question(attempts, None), &[1, 2]),
    };
    let first = line(&attempts);
    attempts.reverse();
    assert_eq!(line(&attempts).json(), first.json());
    assert_eq!(serde_json::from_str::<ReportLine>(&first.json()).unwrap(), first);
    let row = first.markdown_row();
    // Questions at 1/2 and 1/2: the clustered interval has no width, and Wilson's has.
    let expected = "| ours | no tools | rivers\\|hard | `01234567` | 2 | 2 | 50.0 % (50.0 to 50.0) | 9.5 to 90.5 | ";
    assert!(row.starts_with(expected), "{row}");
    assert!(
        row.ends_with("| 1: 50.0, 2: 0.0 | exact@1 | a judge | search, visit | turns 40, calls 100 | 3 | 2026-11-22 |"),
        "{row}"
    );
    let columns = |line: &str| line.replace("\\|", "").matches('|').count();
    for line in ReportLine::markdown_head().lines() {
        assert_eq!(columns(line), columns(&row));
    }
}

#[test]
fn citations_and_searches_against_gold_documents() {
    let set = |ids: &[&str]| -> BTreeSet<String> { ids.iter().map(|id| (*id).to_owned()).collect() };
    let is_number = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    let check = |text: &str, expected: &[&str]| assert_eq!(retrieval::cited(text, is_number), set(expected), "{text}");
    check("One [1], two [2, 3], again [1].", &["1", "2", "3"]);
    check("中文【4】，【5、6】。", &["4", "5", "6"]);
    check("No [sic], [a link](b), [7】, [8, ]9[.", &["8"]);
    check("[[10]] and [11", &["10"]);
    let (gold, found) = (set(&["1", "2"]), set(&["2", "3", "4", "5"]));
    assert_eq!((retrieval::precision(&found, &gold), retrieval::recall(&found, &gold)), (Some(0.25), Some(0.5)));
    assert_eq!((retrieval::precision(&set(&[]), &gold), retrieval::recall(&found, &set(&[]))), (None, None));
    let ranked = ["9", "1", "9", "1", "2"].map(str::to_owned);
    for (most, expected) in [(0, 0.0), (1, 0.0), (2, 0.5), (3, 1.0), (9, 1.0)] {
        assert_eq!(retrieval::recall_at(most, &ranked, &gold), Some(expected));
    }
}

#[test]
fn tools_are_counted_where_their_results_have_no_name() {
    let mut attempt = Trajectory::new(Question::new("Which river?", ["the Orsa"]), 0);
    let asked = attempt.push(Node::given(None, Message::user("Which river?"))).unwrap();
    let calls = ["search", "visit"].map(|name| offseeker_trajectory::ToolCall::new("", name, "{}")).to_vec();
    let turn =
        Node::new(Some(asked), Message::assistant("Both."), Origin::Sampled(Sampled { calls, ..Sampled::default() }));
    let turn = attempt.push(turn).unwrap();
    let first = Node::observed(turn, Message::user("A hit."), Observed::new(CallStatus::Ok));
    let first = attempt.push(first).unwrap();
    attempt.push(Node::observed(first, Message::user("No."), Observed::new(CallStatus::Blocked))).unwrap();
    let facts = Attempted::of(&attempt, "exact@1", &[]);
    assert_eq!(facts.calls, [("search".to_owned(), 1), ("visit".to_owned(), 1)].into());
    assert_eq!((facts.turns, facts.blocked), (1, 1));
}

/// Attempts at one question, each with what it said and what came of it; nothing said is no answer.
fn said(answers: &[(&str, Outcome)]) -> Vec<Attempted> {
    let facts = |(number, (answer, outcome)): (u32, &(&str, Outcome))| {
        let mut attempt = attempt("Which river?", number, &[], Some(outcome.clone()));
        attempt.answer = (!answer.is_empty()).then(|| (*answer).to_owned());
        Attempted { same: attempt.answer.clone(), ..Attempted::of(&attempt, "exact@1", &[]) }
    };
    (0..).zip(answers).map(facts).collect()
}

#[test]
fn one_outcome_is_made_of_several() {
    use Outcome::{Correct, NoAnswer, Wrong};
    let unscored = || Outcome::Unscored { reason: "no judge".to_owned() };
    let check = |answers: &[(&str, Outcome)], best: &Outcome, majority: &Outcome| {
        let mut attempts = said(answers);
        for _ in 0..2 {
            for (reducer, expected) in [(Reducer::BestOf, best), (Reducer::Majority, majority)] {
                let found = reducer.outcomes(&attempts, None);
                assert_eq!(found.len(), 1);
                assert_eq!(found[0].outcomes, std::slice::from_ref(expected), "{reducer:?} of {answers:?}");
            }
            attempts.reverse();
        }
    };
    check(&[("a", Wrong), ("b", Correct), ("a", Wrong)], &Correct, &Wrong);
    check(&[("a", Wrong), ("b", Correct), ("b", Correct)], &Correct, &Correct);
    check(&[("a", Wrong), ("b", Correct)], &Correct, &Wrong);
    check(&[("", NoAnswer), ("", NoAnswer), ("b", Correct)], &Correct, &Correct);
    check(&[("", NoAnswer), ("", unscored())], &NoAnswer, &NoAnswer);
    check(&[("a", unscored()), ("a", Correct), ("b", Wrong)], &Correct, &Correct);
    check(&[("a", unscored()), ("", unscored())], &unscored(), &unscored());
}

#[test]
fn confidence_is_read_from_answers_and_weighed() {
    use Outcome::{Correct, Wrong};
    let attempts = said(&[("Orsa. Confidence: 90%", Correct), ("Lenne. Confidence: 60%", Wrong), ("Elbe", Wrong)]);
    assert_eq!(attempts.iter().map(|it| it.confidence).collect::<Vec<_>>(), [Some(0.9), Some(0.6), None]);
    let found = Calibration::of(&attempts, 1.0).unwrap();
    assert_eq!((found.answers, found.stated), (3, 2));
    assert!((found.brier - (0.01 + 0.36 + 1.0) / 3.0).abs() < 1e-12, "{found:?}");
    assert_eq!(Calibration::of(&said(&[("Elbe", Wrong)]), 1.0), None);

    let mut last = attempt("Which river?", 0, &[], Some(Correct));
    last.answer = Some("the Orsa".to_owned());
    let asked = last.ids().next().unwrap();
    last.push(Node::sampled(asked, Message::assistant("Confidence: 70%\n<answer>the Orsa</answer>"))).unwrap();
    assert_eq!(Attempted::of(&last, "exact@1", &[]).confidence, Some(0.7));
    last.answer = None;
    assert_eq!(Attempted::of(&last, "exact@1", &[]).confidence, None);
}
