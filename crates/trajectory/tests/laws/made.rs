//! Made-up values of every public type, for the laws to hold of.

mod json;
mod shape;

use offseeker_trajectory::{
    Answer, Body, CallStatus, Correction, Evidence, Finish, Grade, Group, Limit, Member, Message, Moment, Node, NodeId,
    Observed, Origin, Outcome, Pair, Provenance, Question, QuestionId, Repair, Role, RunId, Sample, SampleId, Sampled,
    SampledTokens, Segment, Source, Span, StopReason, ToolCall, ToolSpec, Trajectory, TrajectoryId, Usage, View,
    WeightedMessage, WeightedToken,
};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

pub(crate) use json::{json, metadata, number, text, weight};
pub(crate) use shape::{Kind, bare, shape};

fn texts() -> impl Strategy<Value = Vec<String>> {
    vec(text(), 0..3)
}

pub(crate) fn role() -> impl Strategy<Value = Role> {
    select(vec![Role::System, Role::User, Role::Assistant, Role::Tool])
}

pub(crate) fn repair() -> impl Strategy<Value = Repair> {
    select(vec![Repair::None, Repair::Json5, Repair::Mended, Repair::Unreadable])
}

prop_compose! {
    pub(crate) fn tool_call()(id in text(), name in text(), arguments in text(), repair in repair()) -> ToolCall {
        ToolCall { id, name, arguments, repair }
    }
}

prop_compose! {
    pub(crate) fn message()(
        role in role(),
        content in text(),
        reasoning in option::of(text()),
        tool_calls in vec(tool_call(), 0..3),
        tool_call_id in option::of(text()),
        name in option::of(text()),
    ) -> Message {
        Message { role, content, reasoning, tool_calls, tool_call_id, name }
    }
}

prop_compose! {
    pub(crate) fn tool_spec()(name in text(), description in text(), parameters in json()) -> ToolSpec {
        ToolSpec { name, description, parameters }
    }
}

prop_compose! {
    pub(crate) fn usage()(
        requests in any::<u64>(),
        prompt_tokens in any::<u64>(),
        cached_tokens in 0..2u64,
        completion_tokens in any::<u64>(),
        reasoning_tokens in 0..2u64,
        cost_microusd in 0..2u64,
    ) -> Usage {
        Usage { requests, prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens, cost_microusd }
    }
}

pub(crate) fn sampled_tokens() -> impl Strategy<Value = SampledTokens> {
    let tokens = vec((any::<u32>(), weight()), 0..6);
    (tokens, any::<bool>(), any::<bool>()).prop_map(|(tokens, with_ids, with_logprobs)| {
        let (ids, logprobs): (Vec<u32>, Vec<f32>) = tokens.into_iter().unzip();
        let ids = if with_ids { ids } else { Vec::new() };
        let logprobs = if with_logprobs { logprobs } else { Vec::new() };
        SampledTokens::new(ids, logprobs).expect("both lists have the same length, or one is empty")
    })
}

prop_compose! {
    pub(crate) fn answer()(text in text(), aliases in texts()) -> Answer {
        Answer { text, aliases }
    }
}

prop_compose! {
    pub(crate) fn question()(
        id in text(),
        text in text(),
        answers in vec(answer(), 0..3),
        language in option::of(text()),
        metadata in metadata(),
    ) -> Question {
        Question { id: QuestionId::new(id), text, answers, language, metadata }
    }
}

pub(crate) fn node_id(place: usize) -> NodeId {
    serde_json::from_value(place.into()).expect("a place is a small number")
}

pub(crate) fn any_node_id() -> impl Strategy<Value = NodeId> {
    (0..100usize).prop_map(node_id)
}

prop_compose! {
    pub(crate) fn sampled()(
        tokens in option::of(sampled_tokens()),
        usage in usage(),
        finish in option::of(finish()),
        (model, aside, discarded) in (option::of(text()), option::of(text()), option::of(text())),
        calls in vec(tool_call(), 0..2),
    ) -> Sampled {
        Sampled { tokens, usage, finish, model, aside, calls, discarded }
    }
}

pub(crate) fn finish() -> impl Strategy<Value = Finish> {
    prop_oneof![
        option::of(text()).prop_map(|on| Finish::Stop { on }),
        Just(Finish::Length),
        Just(Finish::ToolCalls),
        Just(Finish::Filtered),
        text().prop_map(|reason| Finish::Other { reason }),
    ]
}

pub(crate) fn call_status() -> impl Strategy<Value = CallStatus> {
    select(vec![
        CallStatus::Ok,
        CallStatus::InvalidArguments,
        CallStatus::NotFound,
        CallStatus::Transient,
        CallStatus::RateLimited,
        CallStatus::Blocked,
        CallStatus::Timeout,
        CallStatus::Budget,
        CallStatus::Internal,
    ])
}

prop_compose! {
    pub(crate) fn source()(
        url in text(),
        view in select(vec![View::Snippet, View::Page, View::Find, View::Execution]),
    ) -> Source {
        Source { url, view }
    }
}

prop_compose! {
    pub(crate) fn observed()(
        status in call_status(),
        sources in vec(source(), 0..3),
        elapsed_ms in any::<u64>(),
        usage in usage(),
    ) -> Observed {
        Observed { status, sources, elapsed_ms, usage }
    }
}

pub(crate) fn origin() -> impl Strategy<Value = Origin> {
    prop_oneof![
        Just(Origin::Given),
        sampled().prop_map(Origin::Sampled),
        observed().prop_map(Origin::Observed),
        correction().prop_map(|why| Origin::Corrective { why }),
        vec(any_node_id(), 0..3).prop_map(|of| Origin::Rewritten { of }),
    ]
}

pub(crate) fn correction() -> impl Strategy<Value = Correction> {
    prop_oneof![
        select(vec![Correction::Unreadable, Correction::Silent, Correction::Circling, Correction::Unverified]),
        limit().prop_map(|limit| Correction::LastTurn { limit }),
    ]
}

prop_compose! {
    pub(crate) fn moment()(clock_ms in any::<u64>(), spent_ms in any::<u64>(), waited_ms in any::<u64>()) -> Moment {
        Moment { clock_ms, spent_ms, waited_ms }
    }
}

prop_compose! {
    pub(crate) fn node()(
        parent in option::of(any_node_id()),
        message in message(),
        origin in origin(),
        at in option::of(moment()),
    ) -> Node {
        Node { parent, message, origin, at }
    }
}

pub(crate) fn limit() -> impl Strategy<Value = Limit> {
    select(vec![
        Limit::Turns,
        Limit::Calls,
        Limit::Requests,
        Limit::Tokens,
        Limit::Context,
        Limit::WallTime,
        Limit::WorkTime,
        Limit::Cost,
    ])
}

pub(crate) fn stop_reason() -> impl Strategy<Value = StopReason> {
    prop_oneof![
        Just(StopReason::Answered),
        limit().prop_map(|why| StopReason::ForcedAnswer { why }),
        limit().prop_map(|which| StopReason::Limit { which }),
        Just(StopReason::Loop),
        Just(StopReason::Malformed),
        Just(StopReason::Refused),
        Just(StopReason::Forbidden),
        text().prop_map(|reason| StopReason::ModelFailure { reason }),
        (text(), text()).prop_map(|(tool, reason)| StopReason::ToolFailure { tool, reason }),
        text().prop_map(|reason| StopReason::StoreFailure { reason }),
        Just(StopReason::Cancelled),
        Just(StopReason::Crashed),
    ]
}

pub(crate) fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        Just(Outcome::Correct),
        Just(Outcome::Wrong),
        Just(Outcome::NoAnswer),
        Just(Outcome::Malformed),
        text().prop_map(|reason| Outcome::Unscored { reason }),
    ]
}

prop_compose! {
    pub(crate) fn span()(node in any_node_id(), value in number(), note in text()) -> Span {
        Span { node, value, note }
    }
}

prop_compose! {
    pub(crate) fn evidence()(claim in text(), node in option::of(any_node_id()), quote in text()) -> Evidence {
        Evidence { claim, node, quote }
    }
}

prop_compose! {
    pub(crate) fn grade()(
        grader in text(),
        value in option::of(number()),
        outcome in outcome(),
        components in btree_map(text(), number(), 0..3),
        spans in vec(span(), 0..3),
        evidence in vec(evidence(), 0..3),
    ) -> Grade {
        Grade { grader, value, outcome, components, spans, evidence }
    }
}

prop_compose! {
    pub(crate) fn trajectory()(
        id in text(),
        question in question(),
        attempt in any::<u32>(),
        run in option::of(text()),
        model in option::of(text()),
        tools in vec(tool_spec(), 0..2),
        nodes in vec((node(), any::<Index>()), 0..8),
        answer in option::of(text()),
        stop in option::of(stop_reason()),
        grades in vec(grade(), 0..2),
        metadata in metadata(),
    ) -> Trajectory {
        let mut made = Trajectory::new(question, attempt);
        made.id = TrajectoryId::new(id);
        made.run = run.map(RunId::new);
        made.model = model;
        made.tools = tools;
        made.answer = answer;
        made.stop = stop;
        made.grades = grades;
        made.metadata = metadata;
        for (node, earlier) in nodes {
            grow(&mut made, node, earlier);
        }
        made
    }
}

/// Adds a node after making it refer to an earlier one, or to none where there is none.
fn grow(trajectory: &mut Trajectory, mut node: Node, earlier: Index) {
    let earlier = match trajectory.nodes().len() {
        0 => None,
        length => Some(node_id(earlier.index(length))),
    };
    node.parent = node.parent.and(earlier);
    if let Origin::Rewritten { of } = &mut node.origin {
        *of = earlier.into_iter().collect();
    }
    trajectory.push(node).expect("it refers to earlier nodes only");
}

prop_compose! {
    pub(crate) fn weighted_token()(id in any::<u32>(), weight in weight(), logprob in option::of(weight())) -> WeightedToken {
        WeightedToken { id, weight, logprob }
    }
}

pub(crate) fn segment() -> impl Strategy<Value = Segment> {
    select(vec![Segment::Reasoning, Segment::Text, Segment::Call, Segment::Arguments, Segment::Answer])
}

prop_compose! {
    pub(crate) fn weighted_message()(
        message in message(),
        weight in weight(),
        segments in btree_map(segment(), weight(), 0..3),
    ) -> WeightedMessage {
        WeightedMessage { message, weight, segments }
    }
}

pub(crate) fn body() -> impl Strategy<Value = Body> {
    prop_oneof![
        vec(weighted_token(), 0..6).prop_map(Body::Tokens),
        (vec(weighted_message(), 0..4), vec(tool_spec(), 0..2))
            .prop_map(|(messages, tools)| Body::Messages { messages, tools }),
    ]
}

prop_compose! {
    pub(crate) fn provenance()(trajectory in text(), tip in any_node_id()) -> Provenance {
        Provenance { trajectory: TrajectoryId::new(trajectory), tip }
    }
}

prop_compose! {
    pub(crate) fn sample()(
        id in text(),
        body in body(),
        from in option::of(provenance()),
        metadata in metadata(),
    ) -> Sample {
        Sample { id: SampleId::new(id), body, from, metadata }
    }
}

prop_compose! {
    pub(crate) fn pair()(
        question in text(),
        chosen in sample(),
        rejected in sample(),
        fork in any::<usize>(),
        margin in option::of(number()),
    ) -> Pair {
        Pair { question: QuestionId::new(question), chosen, rejected, fork, margin }
    }
}

prop_compose! {
    pub(crate) fn member()(
        sample in sample(),
        reward in option::of(number()),
        advantage in option::of(number()),
    ) -> Member {
        Member { sample, reward, advantage }
    }
}

prop_compose! {
    pub(crate) fn group()(question in text(), members in vec(member(), 0..3)) -> Group {
        Group { question: QuestionId::new(question), members }
    }
}
