//! What is cut from an attempt, and what of it counts.

use std::collections::BTreeMap;
use std::ops::Range;

use offseeker_curation::{CutRules, SpellTokens, TrainOn, View, samples, samples_spelled};
use offseeker_trajectory::{
    Body, CallStatus, Correction, Message, Node, NodeId, Origin, Repair, Sample, Sampled, Segment, ToolSpec,
    Trajectory, WeightedMessage,
};

use crate::made::{good, push};

fn messages(sample: &Sample) -> &[WeightedMessage] {
    match &sample.body {
        Body::Messages { messages, .. } => messages,
        Body::Tokens(_) => panic!("messages were expected"),
    }
}

/// For each sample the weights of its messages.
fn weights(attempt: &Trajectory, rules: &CutRules) -> Vec<Vec<f32>> {
    let weights = |sample: &Sample| messages(sample).iter().map(|message| message.weight).collect();
    samples(attempt, rules).unwrap().iter().map(weights).collect()
}

/// Three calls: one that failed, one that was repaired and sampled twice, one after which the model said nothing.
fn eventful() -> Trajectory {
    let made = good(0).with(|made| {
        made.calls.truncate(3);
        made.calls[0].status = CallStatus::NotFound;
        made.calls[1].repair = Repair::Mended;
        made.calls[1].resampled = true;
    });
    made.make()
}

#[test]
fn only_what_the_model_said_counts() {
    let check = |rules: CutRules, expected: &[f32]| assert_eq!(weights(&eventful(), &rules), [expected], "{rules:?}");
    let plain = CutRules::default();
    // system, question, call, shown, note, call, shown, call, shown, answer
    check(plain.clone(), &[0., 0., 1., 0., 0., 1., 0., 1., 0., 1.]);
    check(CutRules { mask_failed: true, ..plain.clone() }, &[0., 0., 0., 0., 0., 1., 0., 1., 0., 1.]);
    check(CutRules { mask_malformed: true, ..plain.clone() }, &[0., 0., 1., 0., 0., 0., 0., 1., 0., 1.]);
    check(CutRules { without_requests_for_more: true, ..plain.clone() }, &[0., 0., 1., 0., 1., 0., 1., 0., 1.]);
    check(CutRules { train_on: TrainOn::LastAssistant, ..plain }, &[0., 0., 0., 0., 0., 0., 0., 0., 0., 1.]);
}

#[test]
fn parts_of_what_the_model_said_count_as_one_wants() {
    let last = |rules: CutRules| {
        let samples = samples(&eventful(), &rules).unwrap();
        messages(&samples[0]).last().unwrap().clone()
    };
    let answer = last(CutRules { train_on: TrainOn::FinalAnswer, ..CutRules::default() });
    assert_eq!((answer.weight_of(Segment::Answer), answer.weight_of(Segment::Reasoning)), (1.0, 0.0));
    let masked = last(CutRules { mask_arguments: true, ..CutRules::default() });
    assert_eq!((masked.weight_of(Segment::Arguments), masked.weight_of(Segment::Call)), (0.0, 1.0));
    let half = BTreeMap::from([(Segment::Reasoning, 0.5), (Segment::Arguments, 1.0)]);
    let parts = last(CutRules { train_on: TrainOn::Segments(half), mask_arguments: true, ..CutRules::default() });
    assert_eq!((parts.weight_of(Segment::Reasoning), parts.weight_of(Segment::Answer)), (0.5, 0.0));
    assert_eq!(parts.weight_of(Segment::Arguments), 0.0);
}

#[test]
fn a_silent_turn_does_not_count_where_malformed_ones_do_not() {
    let mut attempt = Trajectory::new(offseeker_trajectory::Question::new("?", [""; 0]), 0);
    let asked = push(&mut attempt, Node::given(None, Message::user("?")));
    let silent = push(&mut attempt, Node::sampled(asked, Message::assistant("Hm.")));
    let note = push(&mut attempt, Node::corrective(silent, Message::user("Go on."), Correction::Silent));
    push(&mut attempt, Node::sampled(note, Message::assistant("<answer>x</answer>")));
    assert_eq!(weights(&attempt, &CutRules::default()), [[0., 1., 0., 1.]]);
    let rules = CutRules { mask_malformed: true, ..CutRules::default() };
    assert_eq!(weights(&attempt, &rules), [[0., 0., 0., 1.]]);
}

/// An attempt whose first observation a summary takes the place of, as OpenSeeker's teacher has it; the summary was
/// asked for beside it.
fn summarised() -> Trajectory {
    let made = good(0).with(|made| made.calls.truncate(2));
    let whole = made.make();
    let mut attempt = Trajectory::new(whole.question.clone(), 0);
    for node in &whole.nodes()[..6] {
        push(&mut attempt, node.clone());
    }
    let aside = push(&mut attempt, Node::given(None, Message::user("Sum this up.")));
    let sampled = Sampled { aside: Some("summary".to_owned()), ..Sampled::default() };
    push(&mut attempt, Node::new(Some(aside), Message::assistant("A mill."), Origin::Sampled(sampled)));
    // system, question and the first call stay; what came after is written anew.
    let of = |id: u32| Origin::Rewritten { of: vec![NodeId::new(id)] };
    let summary = push(&mut attempt, Node::new(Some(NodeId::new(2)), Message::user("Summary: a mill."), of(3)));
    let call = whole.nodes()[4].message.clone();
    let call = push(&mut attempt, Node::new(Some(summary), call, of(4)));
    let shown = push(&mut attempt, Node::new(Some(call), whole.nodes()[5].message.clone(), of(5)));
    push(&mut attempt, Node::sampled(shown, Message::assistant("<answer>the Orsa</answer>")));
    attempt.answer = Some("the Orsa".to_owned());
    attempt
}

#[test]
fn branches_are_samples_and_nothing_counts_twice() {
    let found = weights(&summarised(), &CutRules::default());
    let expected: [&[f32]; 2] = [&[0., 0., 1., 0., 1., 0.], &[0., 0., 0., 0., 0., 0., 1.]];
    assert_eq!(found, expected);
    let with_asides = weights(&summarised(), &CutRules { asides: true, ..CutRules::default() });
    assert_eq!(with_asides.len(), 3);
    assert_eq!(with_asides[1], [0., 1.]);
}

#[test]
fn a_student_sees_what_its_teacher_had_summed_up() {
    let attempt = summarised();
    let rules = CutRules { view: View::Raw, ..CutRules::default() };
    let samples = samples(&attempt, &rules).unwrap();
    assert_eq!(samples.len(), 1, "one conversation holds everything");
    let found: Vec<(&str, f32)> =
        messages(&samples[0]).iter().map(|it| (it.message.content.as_str(), it.weight)).collect();
    let said = |place: usize| attempt.nodes()[place].message.content.as_str();
    let expected =
        [(0, 0.), (1, 0.), (2, 1.), (3, 0.), (4, 1.), (5, 0.), (11, 1.)].map(|(at, weight)| (said(at), weight));
    assert_eq!(found, expected);
}

/// Spells each message as its place in the conversation.
struct Places;

impl SpellTokens for Places {
    fn spell(&self, _: &[&Message], part: Range<usize>, _: &[ToolSpec]) -> Option<Vec<u32>> {
        Some(part.map(|place| 1_000 + place as u32).collect())
    }
}

#[test]
fn tokens_that_were_sampled_are_used_where_all_are_known() {
    let made = good(0).with(|made| (made.calls, made.sampled_tokens) = (made.calls[..1].to_vec(), true));
    let tokens = |rules: &CutRules, attempt: &Trajectory| {
        let samples = samples_spelled(attempt, rules, Some(&Places)).unwrap();
        match &samples[0].body {
            Body::Tokens(tokens) => Some(tokens.iter().map(|it| (it.id, it.weight)).collect::<Vec<_>>()),
            Body::Messages { .. } => None,
        }
    };
    let plain = CutRules::default();
    let expected = vec![(1_000, 0.), (1_001, 0.), (10, 1.), (11, 1.), (1_003, 0.), (30, 1.), (31, 1.)];
    assert_eq!(tokens(&plain, &made.make()), Some(expected));
    assert_eq!(tokens(&CutRules { mask_arguments: true, ..plain.clone() }, &made.make()), None);
    assert_eq!(tokens(&plain, &good(0).make()), None, "no token of it is known");
    assert!(matches!(samples(&made.make(), &plain).unwrap()[0].body, Body::Messages { .. }));
}

#[test]
fn the_same_cut_has_the_same_name_and_another_has_another() {
    let id = |number: u32, rules: &CutRules| samples(&good(number).make(), rules).unwrap()[0].id.clone();
    let plain = CutRules::default();
    assert_eq!(id(0, &plain), id(0, &plain));
    assert_ne!(id(0, &plain), id(1, &plain));
    assert_ne!(id(0, &plain), id(0, &CutRules { mask_failed: true, ..plain }));
}

#[test]
fn an_attempt_in_which_nothing_was_said_has_no_sample() {
    let attempt = Trajectory::new(offseeker_trajectory::Question::new("?", [""; 0]), 0);
    assert_eq!(samples(&attempt, &CutRules::default()).unwrap(), []);
}

#[test]
fn the_last_turn_counts_though_a_tool_has_the_last_word() {
    let mut attempt = eventful();
    attempt.answer = None;
    let last = NodeId::new(attempt.nodes().len() as u32 - 1);
    let node = attempt.nodes()[3].clone();
    push(&mut attempt, Node { parent: Some(last), ..node });
    let rules = CutRules { train_on: TrainOn::LastAssistant, ..CutRules::default() };
    assert_eq!(weights(&attempt, &rules), [[0., 0., 0., 0., 0., 0., 0., 0., 0., 1., 0.]]);
}
