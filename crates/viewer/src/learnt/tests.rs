//! What counted is found again in the attempt that it was cut from.

use offseeker_curation::{CutRules, TrainOn, View, samples};
use offseeker_trajectory::{
    Correction, Node, Origin, Provenance, Question, SampleId, Sampled, SampledTokens, Segment, TrajectoryId,
};

use super::*;

/// An attempt with a reply that was thrown away, a rewrite of the context, and an answer.
fn attempt() -> (Trajectory, [NodeId; 4]) {
    let mut attempt = Trajectory::new(Question::new("Which river?", ["the Orsa"]), 0);
    let asked = attempt.push(Node::given(None, Message::user("Which river?"))).unwrap();
    let lost = Sampled { discarded: Some("unreadable".to_owned()), ..Sampled::default() };
    attempt.push(Node::new(Some(asked), Message::assistant("<broken"), Origin::Sampled(lost))).unwrap();
    let again = attempt.push(Node::corrective(asked, Message::user("Again."), Correction::Unreadable)).unwrap();
    let first = attempt.push(Node::sampled(again, Message::assistant("<think>a</think>one"))).unwrap();
    let short = Node::new(Some(asked), Message::user("short"), Origin::Rewritten { of: vec![again, first] });
    let short = attempt.push(short).unwrap();
    let tokens = SampledTokens::new(vec![4, 5, 6], vec![]).unwrap();
    let sampled = Sampled { tokens: Some(tokens), ..Sampled::default() };
    let last = Node::new(Some(short), Message::assistant("<answer>the Orsa</answer>"), Origin::Sampled(sampled));
    let last = attempt.push(last).unwrap();
    attempt.answer = Some("the Orsa".to_owned());
    (attempt, [asked, again, first, last])
}

#[test]
fn messages_that_counted_are_found_by_every_rule() {
    let (attempt, [asked, again, first, last]) = attempt();
    let weights = |rules: &CutRules| {
        let learnt = Learnt::of(&attempt, &samples(&attempt, rules).unwrap()).unwrap();
        [asked, again, first, last].map(|node| learnt.get(node).map(Counted::most))
    };
    assert_eq!(weights(&CutRules::default()), [None, None, Some(1.0), Some(1.0)]);
    let raw = CutRules { view: View::Raw, without_requests_for_more: true, ..CutRules::default() };
    assert_eq!(weights(&raw), [None, None, Some(1.0), Some(1.0)]);
    let last_only = CutRules { train_on: TrainOn::LastAssistant, ..CutRules::default() };
    assert_eq!(weights(&last_only), [None, None, None, Some(1.0)]);
    let answer = CutRules { train_on: TrainOn::FinalAnswer, ..CutRules::default() };
    let learnt = Learnt::of(&attempt, &samples(&attempt, &answer).unwrap()).unwrap();
    assert_eq!(learnt.get(last).unwrap().segments[&Segment::Answer], 1.0);
    assert_eq!(learnt.get(last).unwrap().weight, 0.0);
}

#[test]
fn tokens_that_counted_are_found() {
    let (attempt, [.., first, last]) = attempt();
    let token = |id, weight| WeightedToken { id, weight, logprob: None };
    let tokens = vec![token(1, 0.0), token(4, 0.0), token(9, 0.0), token(4, 0.0), token(5, 1.0), token(6, 0.5)];
    let from = Some(Provenance { trajectory: attempt.id.clone(), tip: last });
    let sample = Sample { id: SampleId::new("s"), body: Body::Tokens(tokens), from, metadata: Default::default() };
    let learnt = Learnt::of(&attempt, [&sample]).unwrap();
    assert_eq!(learnt.get(last).unwrap().tokens, [0.0, 1.0, 0.5]);
    assert!(learnt.get(first).is_none());
}

#[test]
fn a_sample_of_another_attempt_is_refused() {
    let (attempt, _) = attempt();
    let sample = samples(&attempt, &CutRules::default()).unwrap().remove(0);
    let mut other = attempt.clone();
    other.id = TrajectoryId::new("other");
    assert!(matches!(Learnt::of(&other, [&sample]), Err(ViewError::OtherAttempt { .. })));
    let mut unlike = Trajectory::new(Question::new("Which mill?", ["x"]), 0);
    unlike.id = attempt.id.clone();
    unlike.push(Node::given(None, Message::user("Which mill?"))).unwrap();
    assert!(matches!(Learnt::of(&unlike, [&sample]), Err(ViewError::OtherAttempt { .. })));
}
