//! `PokeeResearch`: the grammar of a whole attempt, and its ramp.

use offseeker_trajectory::{Message, Node, NodeId, Origin, Sampled, SampledTokens, Usage};
use proptest::prelude::*;

use super::*;
use crate::rewards::made::{Goes, attempt, graded, near, ours_is_unscored, reason};

const CALL: &str =
    "<think>a</think>\n<tool_call>{\"name\": \"search\", \"arguments\": {\"query\": [\"x\"]}}</tool_call>";
const ANSWER: &str = "<think>a</think><answer>the Orsa</answer>";
const GOOD: &str = "<verification>it fits</verification><verification_result>CORRECT</verification_result>";
const BAD: &str = "<verification>no</verification>\n<verification_result> INCORRECT </verification_result>";

#[test]
fn the_grammar_is_that_of_research_and_verification() {
    let check = |turns: &[&str], expected: Result<(), usize>| {
        assert_eq!(grammar(turns.iter().copied()), expected, "{turns:?}");
    };
    check(&[CALL, ANSWER, GOOD], Ok(()));
    check(&[ANSWER], Ok(()));
    check(&[CALL, CALL, ANSWER, BAD, CALL, ANSWER, GOOD], Ok(()));
    check(&[], Err(0));
    check(&[CALL], Err(1));
    check(&[CALL, ANSWER, BAD], Err(3));
    check(&[GOOD], Err(0));
    check(&[ANSWER, CALL], Err(1));
    check(&[ANSWER, ANSWER], Err(1));
    check(&[ANSWER, GOOD, GOOD], Err(2));
    check(&[ANSWER, GOOD, CALL], Err(2));
    for turn in [
        "<answer>no thought</answer>",
        "<think>a</think>",
        "<think>a</think><answer> </answer>",
        "<think>a</think><answer>b</answer> and more",
        "before <think>a</think><answer>b</answer>",
        "<think>a<think>b</think><answer>c</answer>",
        "<think>a</think><tool_call>{'name': 'search', 'arguments': {}}</tool_call>",
        "<think>a</think><tool_call>{\"name\": \"search\"}</tool_call>",
        "<think>a</think><tool_call>{\"name\": \"\", \"arguments\": {}}</tool_call>",
        "<think>a</think><tool_call>{\"name\": \"s\", \"arguments\": []}</tool_call>",
        "<think>a</think><tool_call>{\"name\": \"s\", \"arguments\": {}}",
        "<verification>a</verification>",
        "<verification>a</verification><verification_result>MAYBE</verification_result>",
    ] {
        check(&[turn, ANSWER], Err(0));
    }
}

#[test]
fn the_turn_that_breaks_the_grammar_is_named() {
    near(graded(&PokeeFormat, &attempt().says(CALL).sees("x", &[]).says(ANSWER).answers("the Orsa")).value, 0.0);
    near(graded(&PokeeFormat, &attempt().says(CALL).sees("x", &[]).answers("the Orsa")).value, 1.0);
    let grade = graded(&PokeeFormat, &attempt().says(CALL).says("oops").answers("the Orsa"));
    assert_eq!((grade.value, &grade.outcome), (Some(0.0), &Outcome::Malformed));
    assert_eq!(grade.spans[0].node, NodeId::new(2));
    ours_is_unscored(&PokeeFormat, &attempt().says(CALL));
}

fn wrote(tokens: &[(usize, u64)]) -> Trajectory {
    let mut made = attempt();
    for (ids, counted) in tokens {
        let sampled = Sampled {
            tokens: (*ids > 0).then(|| SampledTokens::new(vec![7; *ids], Vec::new()).unwrap()),
            usage: Usage { completion_tokens: *counted, ..Usage::default() },
            ..Sampled::default()
        };
        let tip = made.ids().last();
        made.push(Node::new(tip, Message::assistant(ANSWER), Origin::Sampled(sampled))).unwrap();
    }
    made.answer = Some("the Orsa".to_owned());
    made.stops(offseeker_trajectory::StopReason::Answered)
}

#[test]
fn length_is_what_the_model_wrote() {
    let ramp = OverLong { from: 100.0, to: 200.0 };
    for (tokens, expected) in
        [(vec![(50, 0), (0, 50)], 0.0), (vec![(100, 900), (0, 50)], 0.5), (vec![(0, 150), (0, 50)], 1.0)]
    {
        near(graded(&ramp, &wrote(&tokens)).value, expected);
    }
    assert_eq!(reason(&graded(&ramp, &wrote(&[(0, 0)]))), "nobody counted the tokens that the model wrote");
    ours_is_unscored(&ramp, &wrote(&[(1, 1)]));
}

proptest! {
    #[test]
    fn the_ramp_rises_from_nought_to_one(left in 0.0..100.0_f64, right in 0.0..100.0_f64, from in 0.0..50.0_f64) {
        let to = from + 25.0;
        let (short, long) = (left.min(right), left.max(right));
        prop_assert!(over_long(short, from, to) <= over_long(long, from, to));
        prop_assert!((0.0..=1.0).contains(&over_long(left, from, to)));
    }

    #[test]
    fn any_turns_can_be_read(turns in prop::collection::vec("(<think>|</think>|<answer>|</answer>|<tool_call>|x|\\{){0,8}", 0..4)) {
        let read = grammar(turns.iter().map(String::as_str));
        prop_assert!(read.is_ok() || read.is_err_and(|at| at <= turns.len()));
    }
}
