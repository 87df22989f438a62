//! What counts as verified.

use offseeker_question_synthesis::{Ask, Clue, Kind, Variable};
use offseeker_trajectory::{Answer, CallStatus, Message, Observed, Question};

use super::*;

const PAGE: &str = "AdaVoss is a miller. Her hobby is coins. Born 1894.";

fn plan() -> Plan {
    let of = || Term::Variable(Variable(0));
    let field = |name: &str, is| Clue::new(Constraint::Field { of: of(), field: name.to_owned(), is });
    let is = |value: &str| Condition::Is { value: value.to_owned() };
    Plan {
        kind: Kind::Chain,
        ask: Ask::Name { of: Variable(0) },
        clues: vec![
            field("profession", is("miller")),
            field("hobby", is("coins")),
            field("born", Condition::Between { least: 1890.0, most: 1899.0 }),
        ],
        bindings: [].into(),
        answer: Answer::from("AdaVoss"),
        support: Vec::new(),
    }
}

/// An attempt that searches, sees a page, says something, and answers.
fn attempt(said: &str) -> Trajectory {
    let mut attempt = Trajectory::new(Question::new("Who?", ["AdaVoss"]), 0);
    let asked = attempt.push(Node::given(None, Message::user("Who?"))).unwrap();
    let call = Message::assistant("<search>miller coins 1890 1894</search>");
    let called = attempt.push(Node::sampled(asked, call)).unwrap();
    let page = Node::observed(called, Message::user(PAGE), Observed::new(CallStatus::Ok));
    let seen = attempt.push(page).unwrap();
    let answer = format!("<think>{said}</think><answer>AdaVoss</answer>");
    attempt.push(Node::sampled(seen, Message::assistant(answer))).unwrap();
    attempt
}

#[tokio::test]
async fn what_is_described_has_to_be_stated() {
    let id = attempt("").question.id;
    let verified = Verified::new([(id, plan())].into(), Dialect::shipped("few-words").unwrap());
    for (said, expected) in [
        (
            "profession miller; wanted miller: yes. hobby coins; wanted coins: yes. born 1894; wanted 1890–1899: yes.",
            true,
        ),
        ("Miller, coins, 1894.", true),
        ("Probably AdaVoss.", false),
        // Two of three.
        ("profession miller; wanted miller: yes. hobby coins; wanted coins: yes.", false),
        // A year that no page says.
        ("Miller, coins, 1893.", false),
        // A year that does not fit.
        ("Miller, coins, 1884.", false),
    ] {
        let grade = verified.grade(&attempt(said)).await.unwrap();
        assert_eq!(grade.outcome == Outcome::Correct, expected, "{said}");
    }
}

#[tokio::test]
async fn what_is_named_leaves_nothing_to_verify_and_what_is_unknown_is_unscored() {
    let attempt = attempt("Probably.");
    let named = Plan { clues: Vec::new(), ..plan() };
    let dialect = Dialect::shipped("few-words").unwrap();
    let known = Verified::new([(attempt.question.id.clone(), named)].into(), dialect);
    assert_eq!(known.grade(&attempt).await.unwrap().outcome, Outcome::Correct);
    let unknown = Verified::new(HashMap::new(), dialect);
    assert_eq!(unknown.grade(&attempt).await.unwrap().value, None);
}
