//! What is left of texts, row by row: what the published code makes of them, and what it confuses.

mod search_r1 {
    use crate::text::*;

    #[test]
    fn spellings_become_what_search_r1_makes_of_them() {
        check("The Beatles!", "beatles");
        check("U.S.A.", "usa");
        check("an  A-team", "ateam");
        check("Café — the", "café —");
        check("vitamin A", "vitamin");
        check("The", "");
        check("Theatre and a an", "theatre and");
        check("a\u{1f}b\u{a0}c", "b c");
        check("", "");
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(search_r1(text), expected, "{text:?}");
    }
}

mod deep_researcher {
    use crate::text::*;

    #[test]
    fn spellings_become_what_deep_researcher_makes_of_them() {
        let check = |text: &str, expected: &str| assert_eq!(deep_researcher(text), expected, "{text:?}");
        check("The Beatles!", "the beatles");
        check("U.S.A.", "u s a");
        check("an  A-team", "an a team");
        check("Café — the", "café — the");
        check("", "");
    }

    #[test]
    fn tags_balance_or_do_not() {
        let check = |text: &str, expected: bool| assert_eq!(deep_researcher_tags_balance(text), expected, "{text:?}");
        check("<think>a</think><answer>b</answer>", true);
        check("<THINK>a</think>", true);
        check("no tags", true);
        check("<think>a<answer>b</answer>", false);
        check("</think><think>", false);
        check("<answer>a</answer></answer>", false);
        check("<tool_call>{}</tool_call><tool_call>{}", false);
        check("<search>is not counted", true);
    }
}

mod python_float {
    use crate::text::*;

    #[test]
    fn numbers_are_what_python_reads() {
        check("17", Some(17.0));
        check(" \t17.5\n", Some(17.5));
        check("1_000", Some(1000.0));
        check("1__000", None);
        check("_1", None);
        check("1_", None);
        check("1_.5", None);
        check("1e3", Some(1000.0));
        check("1e1_0", Some(1e10));
        check("1e", None);
        check(".5", Some(0.5));
        check("5.", Some(5.0));
        check(".", None);
        check("", None);
        check("+ 1", None);
        check("-INF", Some(f64::NEG_INFINITY));
        check("Infinity", Some(f64::INFINITY));
        check("1e999", Some(f64::INFINITY));
        check("0x10", None);
        check("1,000", None);
        check("１２", Some(12.0));
        check("٣.٥", Some(3.5));
        check("²", None);
        check("17\u{1d}", None);
        assert!(python_float("nan").is_some_and(f64::is_nan));
        assert!(python_float("-NaN").is_some_and(f64::is_nan));
    }

    fn check(text: &str, expected: Option<f64>) {
        assert_eq!(python_float(text), expected, "{text:?}");
    }
}

mod gaia {
    use crate::text::*;

    #[test]
    fn strings_and_numbers_become_what_gaia_makes_of_them() {
        assert_eq!(gaia_string("Sea\u{a0}gull", false), "seagull");
        assert_eq!(gaia_string("a. B", true), "a.b");
        assert!((gaia_number("$1,234") - 1234.0).abs() < f64::EPSILON);
        assert!((gaia_number("17%") - 17.0).abs() < f64::EPSILON);
        assert!(gaia_number("about 17").is_infinite());
        assert_eq!(gaia_elements("a, b;c").collect::<Vec<_>>(), ["a", " b", "c"]);
    }
}

mod answer {
    use crate::text::*;

    #[test]
    fn search_r1_takes_the_last_of_at_least_two() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(search_r1_answer(text), expected, "{text:?}");
        check("", None);
        check("<answer>one</answer>", None);
        check("<answer>one</answer><answer>two</answer>", Some("two"));
        check("<answer>one</answer><answer>two</answer> <answer>\nthree\n</answer>", Some("three"));
        check("<answer>one</answer><answer>open", None);
        check("<answer>one <answer>two</answer></answer><answer>three</answer>", Some("three"));
        check("<answer>one</answer><answer></answer>", Some(""));
        check("<answer>one</answer><ANSWER>two</ANSWER>", None);
    }

    #[test]
    fn deep_researcher_takes_the_first() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(deep_researcher_answer(text).as_deref(), expected, "{text:?}");
        };
        check("", None);
        check("<answer>One</answer><answer>two</answer>", Some("one"));
        check("<ANSWER> One </Answer>", Some("one"));
        check("<answer>open", None);
    }
}

mod transcript {
    use offseeker_trajectory::{
        CallStatus, Finish, Message, Node, Observed, Origin, Question, Sampled, ToolCall, Trajectory,
    };

    use crate::text::*;

    #[test]
    fn an_attempt_is_read_along_the_conversation_that_it_ended_in() {
        let mut attempt = Trajectory::new(Question::new("Which river?", ["the Orsa"]), 0);
        let asked = attempt.push(Node::given(None, Message::user("Q ")));
        let asked = asked.unwrap();
        let discarded = Sampled { discarded: Some("no call".to_owned()), ..Sampled::default() };
        attempt.push(Node::new(Some(asked), Message::assistant("oops"), Origin::Sampled(discarded))).unwrap();
        let call = ToolCall::new("c", "search", "{\"query\": \"mill\"}");
        let call = Message { reasoning: Some("hm".into()), tool_calls: vec![call], ..Message::assistant("") };
        let called = attempt.push(Node::sampled(asked, call)).unwrap();
        let observed = Observed::new(CallStatus::Ok);
        let seen = attempt.push(Node::observed(called, Message::tool("c", "search", "a mill"), observed)).unwrap();
        let finish = Some(Finish::Stop { on: Some("</answer>".to_owned()) });
        let answered = Origin::Sampled(Sampled { finish, ..Sampled::default() });
        attempt.push(Node::new(Some(seen), Message::assistant("<answer>x"), answered)).unwrap();

        assert_eq!(given(&attempt), "Q ");
        let call = "<think>hm</think><search>{\"query\": \"mill\"}</search>";
        assert_eq!(written(&attempt), format!("{call}<answer>x</answer>"));
        assert_eq!(response(&attempt), format!("{call}<information>a mill</information><answer>x</answer>"));
        assert_eq!(last_reply(&attempt), Some("<answer>x"));
        let empty = Trajectory::new(Question::new("?", ["a"]), 0);
        assert_eq!((response(&empty), last_reply(&empty)), (String::new(), None));
    }
}
