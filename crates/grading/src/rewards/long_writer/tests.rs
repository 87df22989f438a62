//! LongWriter-Zero: length, format, writing.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::rewards::made::{
    Goes, attempt, graded, near, never_nought_for_want_of_a_judge, ours_is_unscored, reason, saying, unreachable,
};

const RANGE_100: LengthRange = LengthRange { low: 50.0, high: 100.0, most: None };

#[test]
fn a_length_is_right_within_its_range() {
    for (length, expected) in
        [(0.0, 0.0), (25.0, 0.5), (50.0, 1.0), (75.0, 1.0), (100.0, 1.0), (150.0, 0.5), (200.0, 0.0), (900.0, 0.0)]
    {
        let found = length_reward(length, RANGE_100);
        assert!((found - expected).abs() < 1e-12, "LongWriter-Zero, {length}: {found}");
    }
    near(length_reward(150.0, LengthRange { most: Some(400.0), ..RANGE_100 }), 250.0 / 300.0);
    near(length_reward(101.0, LengthRange { most: Some(100.0), ..RANGE_100 }), 0.0);
}

#[test]
fn words_are_counted_and_characters_where_there_are_none() {
    for (text, expected) in
        [("", 0), (" two  words. ", 2), ("- a", 1), ("卡林磨坊", 4), ("the 磨坊 mill", 4), ("a磨b", 3)]
    {
        assert_eq!(words(text), expected, "{text:?}");
    }
}

#[test]
fn the_range_is_given_or_said_by_a_model() {
    let text = ["word"; 75].join(" ");
    let given = attempt().knows("length", json!({"low": 100.0, "high": 200.0})).answers(&text);
    near(graded(&LengthReward::given(), &given).value, 0.75);
    near(graded(&LengthReward::predicted(unreachable()), &given).value, 0.75);
    let open = attempt().answers(&text);
    assert!(reason(&graded(&LengthReward::given(), &open)).contains("no length"));
    near(graded(&LengthReward::predicted(saying(&[r#"{"low": 150, "high": 300}"#])), &open).value, 0.5);
    never_nought_for_want_of_a_judge(LengthReward::predicted, &open);
    for odd in [r#"{"low": 0, "high": 3}"#, r#"{"low": 5, "high": 3}"#, r#"{"low": 5}"#] {
        let grade = graded(&LengthReward::predicted(saying(&[odd; 3])), &open);
        assert!(reason(&grade).contains("could not be read"), "{odd}");
    }
    for odd in [json!({"low": 0.0, "high": 1.0}), json!({"low": 9.0, "high": 1.0}), json!(7)] {
        let odd = attempt().knows("length", odd).answers(&text);
        assert!(reason(&graded(&LengthReward::given(), &odd)).contains("no length"));
    }
}

#[test]
fn the_format_is_one_thought_one_answer_and_nothing_twice() {
    let twice =
        "The mill stands on the river Orsa.\n\nIt is old and made of wood.\n\nThe mill stands on the river Orsa.";
    near(graded(&FormatReward, &attempt().answers(twice)).value, 2.0 / 3.0);
    near(graded(&FormatReward, &attempt().answers("The mill stands on the river Orsa.")).value, 1.0);
    let mut two = attempt().says("<think>a</think><answer>b</answer><answer>c</answer>");
    two.answer = Some("b".to_owned());
    let grade = graded(&FormatReward, &two);
    assert_eq!((grade.value, grade.outcome), (Some(0.0), Outcome::Malformed));
    ours_is_unscored(&FormatReward, &two);
    near(unrepeated("磨坊在河边很久了\n\n磨坊在河边很久了"), 0.5);
    near(unrepeated(""), 1.0);
}

#[test]
fn writing_is_rated_from_nought_to_ten() {
    let attempt = attempt().answers("a text");
    near(graded(&WritingReward::new(saying(&["{\"score\": 7}"])), &attempt).value, 0.7);
    never_nought_for_want_of_a_judge(WritingReward::new, &attempt);
}

proptest! {
    #[test]
    fn a_length_reward_lies_between_nought_and_one(
        length in 0.0..1e6_f64, low in 1.0..1e5_f64, more in 0.0..1e5_f64, most in prop::option::of(0.0..1e6_f64),
    ) {
        let reward = length_reward(length, LengthRange { low, high: low + more, most });
        prop_assert!((0.0..=1.0).contains(&reward), "{}", reward);
    }
}
