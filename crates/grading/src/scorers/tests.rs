//! What each scorer gives, row by row: vectors that were published or worked out by running the published code, and traps.

use offseeker_trajectory::{Limit, Message, Node, Outcome, Question, StopReason, Trajectory};
use proptest::prelude::*;

use super::*;
use crate::Grader;

/// The beginning of every prompt that has an example.
const EXAMPLE: &str = "Answer within <answer> and </answer>, for example <answer> Beijing </answer>. Question: Q\n";

/// An attempt whose prompt and response are these texts.
fn wrote(prompt: &str, response: &str, golds: &[&str]) -> Trajectory {
    let mut attempt = Trajectory::new(Question::new("Q", golds.iter().copied()), 0);
    let asked = attempt.push(Node::given(None, Message::user(prompt))).unwrap();
    attempt.push(Node::sampled(asked, Message::assistant(response))).unwrap();
    attempt.stop = Some(StopReason::Answered);
    attempt
}

/// An attempt of which nothing is known but its answer.
fn answered(answer: &str, golds: &[&str]) -> Trajectory {
    let mut attempt = wrote(EXAMPLE, answer, golds);
    attempt.answer = Some(answer.to_owned());
    attempt
}

/// An attempt that answers between tags, after a prompt with an example.
fn tagged(answer: &str, golds: &[&str]) -> Trajectory {
    wrote(EXAMPLE, &format!("<think>t</think><answer>{answer}</answer>"), golds)
}

async fn check(system: &str, grader: &dyn Grader, attempt: &Trajectory, value: f64, outcome: Outcome) {
    let grade = grader.grade(attempt).await.unwrap();
    let said = &attempt.nodes().last().unwrap().message.content;
    let row = format!("{system}, {}: {said:?} for {:?}", grader.name(), attempt.question.answers);
    assert_eq!(grade.grader, grader.name(), "{row}");
    assert_eq!(grade.outcome, outcome, "{row}");
    let given = grade.value.unwrap_or_else(|| panic!("{row}: it has no value"));
    assert!((given - value).abs() < 1e-12, "{row}: {given} in the place of {value}");
}

/// Right is worth 1, wrong is worth nought.
async fn check_same(system: &str, grader: &dyn Grader, attempt: &Trajectory, is_same: bool) {
    let (value, outcome) = if is_same { (1.0, Outcome::Correct) } else { (0.0, Outcome::Wrong) };
    check(system, grader, attempt, value, outcome).await;
}

#[tokio::test]
async fn exact_match_of_search_r1() {
    let system = "Search-R1 v0.2";
    let rows = [
        ("The Beatles!", "beatles", true),
        ("U.S.A.", "usa", true),
        ("an  A-team", "ateam", true),
        ("A team", "ateam", false),
        ("Café — the", "cafe", false),
        ("Café — the", "CAFÉ —", true),
        ("vitamin A", "vitamin", true),
        ("the river Orsa", "the Orsa", false),
        ("1,000", "1000", true),
        ("3.14", "314", true),
        ("", "the", true),
    ];
    for (said, gold, is_same) in rows {
        check_same(system, &SearchR1::exact(), &tagged(said, &[gold]), is_same).await;
    }
    check_same(system, &SearchR1::exact(), &tagged("two", &["one", "two"]), true).await;
    check_same(system, &SearchR1::within(), &tagged("the river Orsa", &["the Orsa"]), true).await;
    check_same(system, &SearchR1::within(), &tagged("Ors", &["the Orsa"]), false).await;
    check_same(system, &SearchR1::within(), &tagged("anything", &["The"]), true).await;
    let lenient = SearchR1::exact().format_score(0.1);
    check(system, &lenient, &tagged("wrong", &["right"]), 0.1, Outcome::Wrong).await;
    assert_eq!(lenient.name(), "search-r1/em@v0.2(format=0.1)");
}

#[tokio::test]
async fn search_r1_wants_two_answers_in_prompt_and_response() {
    let (system, exact) = ("Search-R1 v0.2", SearchR1::exact());
    let one = "<answer>right</answer>";
    check(system, &exact, &wrote("no example", one, &["right"]), 0.0, Outcome::NoAnswer).await;
    check(system, &exact, &wrote(EXAMPLE, "nothing", &["right"]), 0.0, Outcome::NoAnswer).await;
    check_same(system, &exact, &wrote("no example", &format!("<answer>wrong</answer>{one}"), &["right"]), true).await;
    check_same(system, &exact, &wrote(EXAMPLE, &format!("{one}<answer>wrong</answer>"), &["right"]), false).await;
    // The example is no answer, although the published code takes it for one.
    check(system, &exact, &wrote(EXAMPLE, "<answer>", &["Beijing"]), 0.0, Outcome::NoAnswer).await;
    let mut recorded = wrote("no example", "right", &["right"]);
    recorded.answer = Some("The right!".to_owned());
    let exact = SearchR1::exact().answers_from(AnswerFrom::Record);
    check_same(system, &exact, &recorded, true).await;
    assert_eq!(exact.name(), "search-r1/em@v0.2+record");
}

#[tokio::test]
async fn the_format_reward_of_search_r1() {
    let (system, shipped) = ("Search-R1 v0.3", SearchR1Format::default());
    let valid = |answer: &str| {
        format!(
            "<think>a</think>\n<search>q</search>\n<information>Doc 1(Title: \"Orsa\") The Orsa is long.</information>\n\
             <think>b</think>\n<answer> {answer} </answer>\n"
        )
    };
    let gold = ["the Orsa"];
    check(system, &shipped, &wrote(EXAMPLE, &valid("Orsa"), &gold), 1.0, Outcome::Correct).await;
    check(system, &shipped, &wrote(EXAMPLE, "so <answer>Orsa</answer>", &gold), 0.8, Outcome::Correct).await;
    check(system, &shipped, &wrote(EXAMPLE, &valid("the Teva"), &gold), 0.2, Outcome::Wrong).await;
    check(system, &shipped, &wrote(EXAMPLE, "<answer>the Teva</answer>", &gold), 0.1, Outcome::Wrong).await;
    check(system, &shipped, &wrote(EXAMPLE, "<think>a</think>", &gold), 0.0, Outcome::NoAnswer).await;
    let rewards = FormatRewards { retrieval: 0.1, ..FormatRewards::default() };
    let commented = SearchR1Format::new(rewards, AnswerFrom::Text);
    assert_eq!(commented.name(), "search-r1/format@v0.3(structure=0.2,final=0.1,retrieval=0.1)");
    check(system, &commented, &wrote(EXAMPLE, &valid("the Teva"), &gold), 0.3, Outcome::Wrong).await;
    check(system, &commented, &wrote(EXAMPLE, &valid("the Teva"), &["the Lud"]), 0.2, Outcome::Wrong).await;
}

#[test]
fn the_form_of_search_r1() {
    let check = |response: &str, expected: Option<&str>| {
        assert_eq!(search_r1_fault(response).as_deref(), expected, "{response:?}");
    };
    check("<think>a</think><answer>b</answer>", None);
    check("<think>a < b <b></think>\n<answer>b</answer> ", None);
    check("<think>a</think><search>q</search><information>i</information><think>b</think><answer>c</answer>", None);
    check("", Some("it does not end with an answer"));
    check("<answer>b</answer>", Some("<answer> stands where it may not"));
    check("<think>a</think>so<answer>b</answer>", Some("\"so\" stands outside any tag"));
    check("<think>a</think><answer>b</answer>done", Some("\"done\" stands outside any tag"));
    check("<think>a</think><think>a</think>", Some("<think> stands where it may not"));
    check("<think>a</think><search>q</search><answer>b</answer>", Some("<answer> stands where it may not"));
    check("<think>a</search>", Some("</search> stands where it may not"));
    check("<think>a</think><search>q", Some("it does not end with an answer"));
    check(
        "<think>a</think><search>q</search><information>i</information><answer>b</answer>",
        Some("<answer> stands where it may not"),
    );
}

#[tokio::test]
async fn f1_plus_of_search_r1_plus_plus() {
    let (system, plus) = ("Search-R1++", SearchR1F1Plus::default());
    let searched = |answer: &str| {
        wrote(
            EXAMPLE,
            &format!("<search>q</search><answer>{answer}</answer>"),
            &["the river Orsa", "Orsa river valley"],
        )
    };
    check(system, &plus, &searched("river Orsa"), 1.0, Outcome::Correct).await;
    check(system, &plus, &searched("the long river"), 0.5, Outcome::Wrong).await;
    check(system, &plus, &searched("the Teva"), 0.0, Outcome::Wrong).await;
    check(system, &plus, &tagged("the Orsa", &["the Orsa"]), 0.9, Outcome::Correct).await;
    check(system, &plus, &wrote(EXAMPLE, "<search>q</search>", &["a b"]), -0.1, Outcome::NoAnswer).await;
    check(system, &plus, &wrote(EXAMPLE, "nothing", &["a b"]), -0.2, Outcome::NoAnswer).await;
    let harsh = SearchR1F1Plus::new(F1Penalties { no_search: 0.8, no_answer: 0.3 }, AnswerFrom::Text);
    assert_eq!(harsh.name(), "search-r1pp/f1plus@1(search=0.8,answer=0.3)");
    check(system, &harsh, &wrote(EXAMPLE, "nothing", &["a b"]), -1.1, Outcome::NoAnswer).await;
}

#[tokio::test]
async fn the_rewards_of_deep_researcher() {
    let (system, f1, em) = ("DeepResearcher", DeepResearcher::f1(), DeepResearcher::exact());
    let wrote = |response: &str, gold: &str| wrote("no example", response, &[gold]);
    let said = |answer: &str, gold: &str| wrote(&format!("<think>t</think><answer>{answer}</answer>"), gold);
    check(system, &em, &said("A-team!", "a team"), 1.0, Outcome::Correct).await;
    check(system, &em, &said("the A-team", "a team"), 0.0, Outcome::Wrong).await;
    check(system, &f1, &said("the A-team", "a team"), 0.8, Outcome::Wrong).await;
    check(system, &f1, &said("river river Orsa", "the Orsa"), 0.5, Outcome::Wrong).await;
    check(system, &f1, &said("two", "one<|answer_split|>two"), 1.0, Outcome::Correct).await;
    check(system, &f1, &said("", "one"), 0.0, Outcome::Wrong).await;
    check(system, &f1, &wrote("<answer>one</answer><answer>two</answer>", "one"), 1.0, Outcome::Correct).await;
    check(system, &f1, &wrote("<ANSWER>One</ANSWER>", "one"), 1.0, Outcome::Correct).await;
    check(system, &f1, &wrote("<think>t</think>", "one"), -1.0, Outcome::NoAnswer).await;
    check(system, &f1, &wrote("<think>t<answer>one</answer>", "one"), -1.0, Outcome::Malformed).await;
    check(system, &em, &wrote("</think><think><answer>one</answer>", "one"), -1.0, Outcome::Malformed).await;
}

#[tokio::test]
async fn quasi_exact_match_of_gaia() {
    let rows = [
        ("$1,234", "1234", true),
        ("17%", "17", true),
        ("1e3", "1000", true),
        ("about 17", "17", false),
        ("Sea gull", "seagull", true),
        ("St. Petersburg", "St Petersburg", true),
        ("a, b", "a,b", true),
        ("a.,b", "a,b", false),
        ("b,a", "a,b", false),
        ("3; 4", "3;4.0", true),
        ("1,000", "1,000", true),
        ("1000", "1,000", false),
        ("a,b", "a,b,c", false),
        ("1_000", "1000", true),
        (" 17 ", "17", true),
        ("nan", "nan", false),
        ("inf", "inf", true),
        ("whatever", "inf", true),
        ("The Orsa", "Orsa", false),
    ];
    for (said, gold, is_same) in rows {
        check_same("GAIA", &GaiaQuasiExact, &answered(said, &[gold]), is_same).await;
    }
}

#[tokio::test]
async fn our_match() {
    let rows = [
        ("The Orsa.", "the Orsa", true),
        ("ORSA", "Orsa", true),
        ("Orsa (river)", "Orsa", false),
        ("not the Orsa", "the Orsa", false),
        ("Château d’If", "Chateau d'If", true),
        ("vitamin A", "vitamin", false),
        ("C", "C++", false),
        ("卡林 磨坊。", "卡林磨坊", true),
        ("卡林", "卡林磨坊", false),
        ("ＡＢＣ１２３", "abc123", true),
        ("1,234", "1234", true),
        ("1234.0", "1,234", true),
        ("17 %", "17", true),
        ("about 17", "17", true),
        ("3.5万", "35000", true),
        ("35 km", "35,000 m", true),
        ("7", "7 Up", false),
        ("-5", "5", false),
        ("1998", "1999", false),
        ("7", "007", false),
        ("12345678901234567890", "12345678901234567891", false),
        ("5 March 2024", "2024-03-05", true),
        ("March 2024", "5 March 2024", false),
        ("5 March 2024", "March 2024", true),
        ("2024年3月5日", "March 5, 2024", true),
        ("05/03/2024", "March 5, 2024", false),
    ];
    for (said, gold, is_same) in rows {
        check_same("offseeker", &Match, &answered(said, &[gold]), is_same).await;
    }
    // The direct match of xbench cuts what it compares at a colon.
    for said in ["3:1", "https://orsa.example/a?b=c", "10：30"] {
        check_same("xbench", &Match, &answered(said, &[said]), true).await;
    }
    check_same("xbench", &Match, &answered("3:1", &["3:2"]), false).await;
    let mut spelled = answered("Orsa River", &["the Orsa"]);
    spelled.question.answers[0].aliases.push("Orsa river".to_owned());
    check_same("offseeker", &Match, &spelled, true).await;
}

#[tokio::test]
async fn our_numbers_and_dates() {
    let near = NumberMatch::within(0.01);
    assert_eq!(near.name(), "offseeker/number@1(within=0.01)");
    let rows: [(&dyn Grader, &str, &str, bool); 9] = [
        (&near, "99.5", "100", true),
        (&near, "98", "100", false),
        (&near, "1.0 million people", "1,005,000", true),
        (&near, "-100", "100", false),
        (&near, "many", "100", false),
        (&NumberMatch::default(), "99.999", "100", false),
        (&NumberMatch::default(), "12 dozen", "12", true),
        (&DateMatch, "Tuesday, March 5th, 2024", "2024-03-05", true),
        (&DateMatch, "the fifth", "2024-03-05", false),
    ];
    for (grader, said, gold, is_same) in rows {
        check_same("offseeker", grader, &answered(said, &[gold]), is_same).await;
    }
    for (grader, reason) in [(&near as &dyn Grader, "number"), (&DateMatch, "date")] {
        let grade = grader.grade(&answered("17", &["the Orsa"])).await.unwrap();
        let reason = format!("no known answer to the question is a {reason}");
        assert_eq!((grade.value, grade.outcome), (None, Outcome::Unscored { reason }));
    }
}

proptest! {
    #[test]
    fn an_answer_is_the_same_as_itself_in_any_case(answer in "\\PC{0,30}", word in "[b-dk-o]{1,9}( [0-9]{1,4})?") {
        prop_assert!(Match::is_same(&answer, &answer));
        let shouted = format!(" The {}.", word.to_uppercase());
        prop_assert!(Match::is_same(&shouted, &word));
    }
}

/// Every scorer as it comes.
fn all() -> Vec<Box<dyn Grader>> {
    vec![
        Box::new(SearchR1::exact()),
        Box::new(SearchR1::within()),
        Box::new(SearchR1Format::default()),
        Box::new(SearchR1F1Plus::default()),
        Box::new(DeepResearcher::f1()),
        Box::new(DeepResearcher::exact()),
        Box::new(GaiaQuasiExact),
        Box::new(Match),
        Box::new(NumberMatch::default()),
        Box::new(DateMatch),
    ]
}

#[tokio::test]
async fn what_is_not_known_is_unscored_and_no_answer_is_not_wrong() {
    let date = ["2024-03-05", "17"];
    let mut failed = tagged("17", &date);
    failed.answer = Some("17".to_owned());
    failed.stop = Some(StopReason::ModelFailure { reason: "the line was cut".to_owned() });
    let mut under_way = wrote(EXAMPLE, "<think>", &date);
    under_way.stop = None;
    let unscored = [
        (failed, "the attempt ended through no fault of its own: model_failure"),
        (tagged("17", &[]), "no answer to the question is known"),
        (tagged("17", &[" "]), "no answer to the question is known"),
        (under_way, "the attempt has not ended"),
    ];
    let stops = [
        (StopReason::Limit { which: Limit::Turns }, Outcome::NoAnswer),
        (StopReason::Loop, Outcome::NoAnswer),
        (StopReason::Refused, Outcome::NoAnswer),
        (StopReason::Malformed, Outcome::Malformed),
    ];
    for grader in all() {
        for (attempt, reason) in &unscored {
            let grade = grader.grade(attempt).await.unwrap();
            let reason = (*reason).to_owned();
            assert_eq!((grade.value, grade.outcome), (None, Outcome::Unscored { reason }), "{}", grader.name());
        }
        for (stop, outcome) in &stops {
            let mut attempt = wrote(EXAMPLE, "", &date);
            attempt.stop = Some(stop.clone());
            let grade = grader.grade(&attempt).await.unwrap();
            assert_eq!(grade.outcome, *outcome, "{}", grader.name());
            assert!(grade.value.is_some_and(|value| value <= 0.0), "{}", grader.name());
        }
    }
}

#[test]
fn names_are_those_of_the_table() {
    let names: Vec<String> = all().iter().map(|grader| grader.name().to_owned()).collect();
    let expected = [
        "search-r1/em@v0.2",
        "search-r1/subem@v0.2",
        "search-r1/format@v0.3",
        "search-r1pp/f1plus@1",
        "deepresearcher/f1@1",
        "deepresearcher/em@1",
        "gaia/quasi-exact@1",
        "offseeker/match@1",
        "offseeker/number@1",
        "offseeker/date@1",
    ];
    assert_eq!(names, expected);
}
