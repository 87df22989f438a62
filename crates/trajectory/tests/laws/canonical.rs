//! Values that say the same have one canonical JSON and one id.

use offseeker_trajectory::{TrajectoryError, canonical_json, content_id};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use unicode_normalization::UnicodeNormalization;

use crate::made;

/// The same value with its fields in another order, at every depth.
fn reordered(value: &Value, turn: usize) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| reordered(item, turn)).collect(),
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().map(|(key, value)| (key.clone(), reordered(value, turn))).collect();
            let middle = turn % fields.len().max(1);
            fields.rotate_left(middle);
            if turn % 2 == 1 {
                fields.reverse();
            }
            Value::Object(fields.into_iter().collect())
        }
        other => other.clone(),
    }
}

/// The same value with all its texts in another normal form.
fn decomposed(value: &Value) -> Value {
    match value {
        Value::String(text) => text.nfd().collect::<String>().into(),
        Value::Array(items) => items.iter().map(decomposed).collect(),
        Value::Object(fields) => {
            let fields: Map<_, _> =
                fields.iter().map(|(key, value)| (key.nfd().collect(), decomposed(value))).collect();
            fields.into()
        }
        other => other.clone(),
    }
}

fn canonical(value: &Value) -> String {
    canonical_json(value).expect("its keys are distinct")
}

proptest! {
    #[test]
    fn the_order_of_fields_does_not_count(value in made::json(), turn in 0..6usize) {
        prop_assert_eq!(canonical(&reordered(&value, turn)), canonical(&value));
        prop_assert_eq!(content_id(&reordered(&value, turn)), content_id(&value));
    }

    #[test]
    fn the_normal_form_does_not_count(value in made::json()) {
        prop_assert_eq!(canonical(&decomposed(&value)), canonical(&value));
        prop_assert_eq!(content_id(&decomposed(&value)), content_id(&value));
    }

    #[test]
    fn canonical_json_is_its_own_canonical_json(value in made::json()) {
        let once = canonical(&value);
        let read: Value = serde_json::from_str(&once).expect("it is JSON");
        prop_assert_eq!(canonical(&read), once);
    }

    #[test]
    fn nothing_but_the_normal_form_is_lost(value in made::json()) {
        let read: Value = serde_json::from_str(&canonical(&value)).expect("it is JSON");
        prop_assert_eq!(decomposed(&read), decomposed(&value));
    }

    #[test]
    fn a_value_and_its_line_have_one_id(sample in made::sample()) {
        let line = serde_json::to_string(&sample).expect("it can be written");
        let read: Value = serde_json::from_str(&line).expect("it is JSON");
        prop_assert_eq!(content_id(&sample), content_id(&read));
    }
}

#[track_caller]
fn check(value: &Value, expected: &str) {
    assert_eq!(canonical_json(value).as_deref(), Ok(expected));
}

#[test]
fn numbers() {
    check(&json!([0, -1, u64::MAX, i64::MIN]), "[0,-1,18446744073709551615,-9223372036854775808]");
    check(&json!([1.0, -0.0, 0.1, 2.5e-7, 1e-5]), "[1.0,-0.0,0.1,2.5e-7,1e-5]");
    check(&json!([1e15, 1e16, 1e300, 5e-324]), "[1000000000000000.0,1e16,1e300,5e-324]");
    assert_eq!(canonical_json(&0.1f32).as_deref(), Ok("0.1"));
}

#[test]
fn texts() {
    check(&json!("\u{212b}e\u{301}"), "\"\u{c5}\u{e9}\"");
    check(&json!("\u{fb01}"), "\"\u{fb01}\"");
    check(&json!("\"\\/\u{8}\u{c}\n\r\t\u{1}\u{7f}"), "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\u{7f}\"");
    check(&json!("磨坊 😀"), "\"磨坊 😀\"");
}

#[test]
fn keys_are_sorted_by_their_bytes_after_normalisation() {
    // U+FF5E comes after U+1F600 in UTF-16 and before it in UTF-8.
    check(&json!({"😀": 1, "\u{ff5e}": 2, "b": 3, "B": 4, "": 5}), "{\"\":5,\"B\":4,\"b\":3,\"\u{ff5e}\":2,\"😀\":1}");
    check(&json!({"e\u{301}": 1, "z": 2}), "{\"z\":2,\"\u{e9}\":1}");
}

#[test]
fn keys_that_are_equal_after_normalisation_are_refused() {
    let twins = json!({"deep": [{"\u{e9}": 1, "e\u{301}": 2}]});
    let expected = TrajectoryError::DuplicateKey { key: "\u{e9}".to_owned() };
    assert_eq!(canonical_json(&twins), Err(expected.clone()));
    assert_eq!(content_id(&twins), Err(expected.clone()));
    assert_eq!(
        expected.to_string(),
        "the keys of an object are not distinct after Unicode normalisation: \"\u{e9}\" occurs twice",
    );
}

#[test]
fn values_are_nested_at_most_127_levels_deep() {
    let nested = |levels: usize| (0..levels).fold(Value::Null, |inner, _| json!([inner]));
    assert_eq!(canonical(&nested(127)), format!("{}null{}", "[".repeat(127), "]".repeat(127)));
    let refusal = canonical_json(&nested(128)).expect_err("it is too deep");
    assert!(matches!(&refusal, TrajectoryError::NotJson { reason } if reason.contains("recursion")), "{refusal}");
}
