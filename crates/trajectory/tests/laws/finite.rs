//! A number that JSON cannot say is refused with its reason, never written as `null` and never read as infinity.

use std::collections::BTreeMap;
use std::fmt::Debug;

use offseeker_trajectory::{
    Body, Grade, Member, Message, Outcome, Pair, QuestionId, Sample, SampleId, SampledTokens, Segment, Span,
    WeightedMessage, WeightedToken, canonical_json,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::made::node_id;

#[track_caller]
fn check_written<T: Serialize>(value: &T, number: impl Debug) {
    let reason = format!("{number:?} is not a number that JSON can say");
    let refusal = serde_json::to_string(value).expect_err("it is refused");
    assert_eq!(refusal.to_string(), reason);
    let refusal = serde_json::to_value(value).expect_err("it is refused");
    assert_eq!(refusal.to_string(), reason);
    let refusal = canonical_json(value).expect_err("it is refused");
    assert_eq!(refusal.to_string(), format!("the value cannot be written as JSON: {reason}"));
}

fn grade() -> Grade {
    Grade::scored("exact@1", Outcome::Correct, 1.0)
}

fn sample(weight: f32) -> Sample {
    let token = WeightedToken { id: 1, weight, logprob: None };
    Sample { id: SampleId::new("s"), body: Body::Tokens(vec![token]), from: None, metadata: Default::default() }
}

#[test]
fn a_grade() {
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        check_written(&Grade { value: Some(number), ..grade() }, number);
        check_written(&Grade { components: BTreeMap::from([("f1".to_owned(), number)]), ..grade() }, number);
        let span = Span { node: node_id(0), value: number, note: String::new() };
        check_written(&Grade { spans: vec![span], ..grade() }, number);
    }
}

#[test]
fn a_weight() {
    for number in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        check_written(&sample(number), number);
        check_written(&WeightedToken { id: 1, weight: 1.0, logprob: Some(number) }, number);
        check_written(&WeightedMessage::new(Message::user("?"), number), number);
        let segments = BTreeMap::from([(Segment::Call, number)]);
        check_written(&WeightedMessage { segments, ..WeightedMessage::new(Message::user("?"), 1.0) }, number);
    }
}

#[test]
fn a_margin_a_reward_an_advantage() {
    let number = f64::INFINITY;
    let question = QuestionId::new("q");
    check_written(
        &Pair { question, chosen: sample(1.0), rejected: sample(1.0), fork: 0, margin: Some(number) },
        number,
    );
    let member = Member { sample: sample(1.0), reward: None, advantage: None };
    check_written(&Member { reward: Some(number), ..member.clone() }, number);
    check_written(&Member { advantage: Some(number), ..member }, number);
}

/// Reads a tree, where 32-bit numbers come from 64-bit ones, and a text, where they do not.
#[track_caller]
fn check_read<T: DeserializeOwned + Debug>(file: &Value) {
    let refusal = serde_json::from_value::<T>(file.clone()).expect_err("it is refused");
    assert_eq!(refusal.to_string(), "inf is not a number that JSON can say");
    let refusal = serde_json::from_str::<T>(&file.to_string()).expect_err("it is refused");
    assert!(refusal.to_string().starts_with("number out of range"), "{refusal}");
}

#[test]
fn a_number_too_large_for_its_type() {
    check_read::<WeightedToken>(&json!([1, 1e39]));
    check_read::<WeightedToken>(&json!([1, 1.0, 1e39]));
    check_read::<WeightedMessage>(&json!({"message": Message::user("?"), "weight": 1e39}));
    check_read::<WeightedMessage>(&json!({"message": Message::user("?"), "weight": 1, "segments": {"call": 1e39}}));
}

#[test]
fn log_probabilities_become_the_lowest_number() {
    let odd = [f32::NEG_INFINITY, f32::NAN, f32::INFINITY, -0.5];
    let tokens = SampledTokens::new(Vec::new(), odd.to_vec()).expect("there are no tokens to match");
    assert_eq!(tokens.logprobs(), [f32::MIN, f32::MIN, f32::MIN, -0.5]);
}
