//! What is found in an attempt.

use offseeker_curation::{Digest, Digester, Reading, Secrets};
use offseeker_resemblance::KnownTexts;
use offseeker_trajectory::{Message, Node, Question, StopReason, Trajectory, View};

use crate::made::{Made, call, digest_of, good, url};

fn digest(made: &Made) -> Digest {
    digest_of(&made.make())
}

#[test]
fn a_good_attempt_is_summed_up() {
    let digest = digest(&good(0));
    assert_eq!((digest.shape.turns, digest.shape.tokens, digest.shape.in_order), (11, 5_000, true));
    assert_eq!((digest.calls.made, digest.calls.failed, digest.calls.repeated, digest.calls.visits), (10, 0, 0, 9));
    assert_eq!(digest.calls.sequence.len(), 10, "the first call, and nine pairs");
    assert_eq!((digest.grounds.answer_seen, digest.grounds.gold_seen), (true, true));
    assert_eq!((digest.grounds.addresses, digest.grounds.invented), (9, 0));
    assert!(digest.thoughts.least >= 10 && digest.thoughts.switched == 0);
    assert!(digest.safety.secrets.is_empty() && !digest.safety.closed_book && !digest.safety.repeats_known);
    assert!(digest.penalty().abs() < 1e-12);
}

#[test]
fn a_digest_is_small_and_outlives_a_file() {
    let digest = digest(&good(7));
    let json = serde_json::to_string(&digest).unwrap();
    assert!(json.len() < 1_500, "{} bytes", json.len());
    assert_eq!(serde_json::from_str::<Digest>(&json).unwrap(), digest);
}

#[test]
fn addresses_that_nobody_showed_are_invented() {
    let check = |change: fn(&mut Made), addresses: u32, invented: u32| {
        let grounds = digest(&good(0).with(change)).grounds;
        assert_eq!((grounds.addresses, grounds.invented), (addresses, invented));
    };
    check(|made| made.calls[4].arguments = r#"{"url": "https://nowhere.example/"}"#.to_owned(), 9, 1);
    check(|made| made.calls[4].arguments = r#"{"url": "http://Karlin.example/page/4/"}"#.to_owned(), 9, 0);
    check(|made| made.answer = Some("the Orsa (https://nowhere.example)".to_owned()), 10, 1);
    check(|made| made.answer = Some(format!("the Orsa [1]({})", url(3))), 9, 0);
    // What the question names was shown.
    check(
        |made| {
            made.question.push_str(" See https://nowhere.example/x.");
            made.calls[1].arguments = r#"{"url": "https://nowhere.example/x"}"#.to_owned();
        },
        9,
        0,
    );
}

#[test]
fn answers_are_found_in_what_was_shown_before_them() {
    let check = |change: fn(&mut Made), answer: bool, gold: bool| {
        let grounds = digest(&good(0).with(change)).grounds;
        assert_eq!((grounds.answer_seen, grounds.gold_seen), (answer, gold));
    };
    let hide: fn(&mut Made) = |made| made.calls.iter_mut().for_each(|call| call.shown = "Nothing is here.".to_owned());
    check(hide, false, false);
    check(|made| made.answer = Some("THE ORSA!".to_owned()), true, true);
    check(|made| made.answer = Some("Orsa river".to_owned()), false, true);
    check(|made| made.answer = None, false, true);
    check(
        |made| {
            made.gold = "卡林河";
            made.answer = Some("卡林河".to_owned());
            made.calls[3].shown = "磨坊位于卡林河上。".to_owned();
        },
        true,
        true,
    );
}

#[test]
fn calls_that_mean_the_same_are_the_same() {
    let check = |arguments: &str, repeated: u32| {
        let made = good(0).with(|made| made.calls[5].arguments = arguments.to_owned());
        assert_eq!(digest(&made).calls.repeated, repeated, "{arguments}");
    };
    check(r#"{"url":"https://karlin.example/page/4"}"#, 1);
    check(r#"{ "url" : "https://karlin.example/page/4" }"#, 1);
    check(r#"{"url":"https://karlin.example/page/44"}"#, 0);
    check("{", 0);
}

#[test]
fn visits_are_told_by_what_was_shown_or_by_the_tool() {
    let check = |name: &'static str, view: Option<View>, visits: u32| {
        let made = good(0).with(|made| {
            made.calls = vec![call(1)];
            made.calls[0].name = name;
            match view {
                Some(view) => made.calls[0].sources[0].view = view,
                None => made.calls[0].sources.clear(),
            }
        });
        assert_eq!(digest(&made).calls.visits, visits, "{name} {view:?}");
    };
    check("search", Some(View::Snippet), 0);
    check("anything", Some(View::Page), 1);
    check("visit_urls", None, 1);
    check("search", None, 0);
}

#[test]
fn an_answer_before_any_look_is_noticed() {
    let check = |change: fn(&mut Made), closed: bool| {
        assert_eq!(digest(&good(0).with(change)).safety.closed_book, closed);
    };
    check(|made| made.calls[0].thought = "It is surely the Orsa; let me check.".to_owned(), true);
    check(|made| made.calls[1].thought = "It is surely the Orsa; let me check.".to_owned(), false);
    check(
        |made| {
            made.question = "Is it the Orsa or the Lenn?".to_owned();
            made.calls[0].thought = "It is the Orsa or the Lenn.".to_owned();
        },
        false,
    );
    check(|made| made.calls.clear(), true);
}

#[test]
fn known_texts_and_secrets_are_noticed() {
    let known =
        KnownTexts::of(["Which river does the old Karlin mill stand on?", "How many mills are there in Karlin?"]);
    let reading = Reading { known_in_observations: true, ..Reading::default() };
    let digester = Digester::new(reading).knowing(known.clone());
    let near = digester.digest(&good(0).make()).safety;
    assert!(near.nearest_known > 0.3 && near.nearest_known < 0.7 && !near.repeats_known, "{near:?}");
    let shown =
        good(0).with(|made| made.calls[2].shown = "Quiz: how many mills are there in Karlin? Seven.".to_owned());
    assert!(digester.digest(&shown.make()).safety.repeats_known);
    assert!(!Digester::default().knowing(known).digest(&shown.make()).safety.repeats_known);

    let key = format!("hf_{}", "aB3".repeat(11));
    let check = |change: &dyn Fn(&mut Made), expected: &[&str]| {
        let found = digest(&good(0).with(change)).safety.secrets;
        assert_eq!(found, expected);
        assert!(found.iter().all(|name| !name.contains(&key)));
    };
    check(&|made| made.calls[2].shown.push_str(&key), &["huggingface-token"]);
    check(&|made| made.calls[2].thought.push_str(" Ask ada@karlin.example"), &["email-address"]);
    check(&|made| made.calls[2].shown.push_str(" Ask ada@karlin.example"), &[]);
    let made = good(0).with(|made| made.calls[2].shown.push_str(&key)).make();
    assert_eq!(Digester::default().watching_for(Secrets::none()).digest(&made).safety.secrets, [""; 0]);
}

#[test]
fn tokens_are_counted_as_one_wants() {
    let made = good(0).make();
    assert_eq!(digest_of(&made).shape.tokens, 5_000, "the server said so");
    let words = |text: &str| text.split_whitespace().count() as u64;
    let counted = Digester::default().counting(words).digest(&made).shape.tokens;
    let expected: u64 = made.nodes().iter().map(|node| words(&node.message.content)).sum();
    assert_eq!(counted, expected);
    let unsaid = good(0).with(|made| made.tokens = 0).make();
    let characters: usize = unsaid.nodes().iter().map(|node| node.message.content.chars().count().div_ceil(4)).sum();
    assert_eq!(digest_of(&unsaid).shape.tokens, characters as u64);
}

#[test]
fn an_attempt_in_which_nothing_was_said_has_a_digest() {
    let mut attempt = Trajectory::new(Question::new("?", [""; 0]), 0);
    let digest = digest_of(&attempt);
    assert_eq!((digest.shape.turns, digest.calls.made, digest.end.kind.as_deref()), (0, 0, None));
    assert!((digest.penalty() - 1.5).abs() < 1e-12);
    attempt.push(Node::given(None, Message::user("?"))).unwrap();
    attempt.stop = Some(StopReason::Cancelled);
    assert!(digest_of(&attempt).end.infrastructure);
}

#[test]
fn calls_in_tags_are_calls_where_nobody_read_them_out() {
    let mut attempt = Trajectory::new(Question::new("?", [""; 0]), 0);
    let asked = attempt.push(Node::given(None, Message::user("?"))).unwrap();
    let call = "<tool_call>{\"name\": \"visit\", \"arguments\": {\"url\": \"https://a.example\"}}</tool_call>";
    let twice = Message::assistant(format!("{call}\n{call}<tool_call>no</tool_call>"));
    attempt.push(Node::sampled(asked, twice)).unwrap();
    assert_eq!(digest_of(&attempt).calls.repeated, 1);
}
