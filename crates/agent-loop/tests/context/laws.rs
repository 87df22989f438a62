//! What holds under every policy.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::stream::BoxStream;
use offseeker_agent_loop::context::{
    self, Fold, Full, PackedMemory, Part, ReSum, Report, StripOldReasoning, SummariseOld,
};
use offseeker_agent_loop::{ContextPolicy, Desk, Halt, Journal, Limits, Protocol, Stop};
use offseeker_chat::{OwnedRequest, Scripted};
use offseeker_trajectory::{Message, Node, NodeId, Origin, Role, StopReason, Trajectory, TrajectoryId};
use offseeker_trajectory_store::{
    Claim, Entry, Filter, InMemory, StoreError, Stored, TrajectoryStore, TrajectoryStoreExt,
};

use crate::stage::{Manner, agent, model, protocol, question};

/// A store that remembers what was written together.
#[derive(Debug, Default)]
struct Witness {
    inside: InMemory,
    writes: Mutex<Vec<Vec<Entry>>>,
}

#[async_trait]
impl TrajectoryStore for Witness {
    async fn write(&self, entries: Vec<Entry>, claim: Option<&Claim>) -> Result<(), StoreError> {
        self.writes.lock().unwrap().push(entries.clone());
        self.inside.write(entries, claim).await
    }

    async fn read(&self, ids: &[TrajectoryId]) -> Result<Vec<Stored>, StoreError> {
        self.inside.read(ids).await
    }

    fn scan(&self, filter: &Filter) -> BoxStream<'_, Result<TrajectoryId, StoreError>> {
        self.inside.scan(filter)
    }
}

/// The policies with the settings under which they have something to do in a short attempt.
pub(crate) fn policies() -> Vec<Arc<dyn ContextPolicy>> {
    let often = ReSum { every: Some(2), ..ReSum::default() };
    vec![
        Arc::new(Full),
        Arc::new(SummariseOld { least: 0, ..SummariseOld::default() }),
        Arc::new(Report::default()),
        Arc::new(Report { fallback: often.clone() }),
        Arc::new(Fold::default()),
        Arc::new(Fold { fallback: often.clone() }),
        Arc::new(often),
        Arc::new(ReSum { at: 0.3, ..ReSum::default() }),
        Arc::new(PackedMemory::default()),
        Arc::new(PackedMemory { clean_at: 0.2, ..PackedMemory::default() }),
        Arc::new(StripOldReasoning::default()),
        Arc::new(StripOldReasoning { keep: 0 }),
        Arc::new(LastOnly),
        Arc::new(Restless),
    ]
}

/// A policy as a user may write one: it puts all observations but the last in other words, however often it is asked.
#[derive(Debug)]
struct LastOnly;

#[async_trait]
impl ContextPolicy for LastOnly {
    fn name(&self) -> &str {
        "last-only"
    }

    async fn rewrite(&self, desk: &mut Desk<'_, '_>) -> Result<Option<Vec<Part>>, Halt> {
        let path = desk.path();
        let observed = |id: &NodeId| matches!(desk.node(*id).unwrap().origin, Origin::Observed(_));
        let old = path.iter().rposition(observed).unwrap_or(0);
        let part = |(place, id): (usize, &NodeId)| {
            let message = desk.node(*id).unwrap().message.clone();
            let is_hidden = place < old && message.role == Role::Tool;
            let content = message.content.chars().take(9).collect();
            if is_hidden {
                Part::Put { message: Message { content, ..message }, of: vec![*id] }
            } else {
                Part::Keep(*id)
            }
        };
        Ok(Some(path.iter().enumerate().map(part).collect()))
    }
}

/// A policy that would rewrite for ever, were it asked.
#[derive(Debug)]
struct Restless;

#[async_trait]
impl ContextPolicy for Restless {
    fn name(&self) -> &str {
        "restless"
    }

    async fn rewrite(&self, desk: &mut Desk<'_, '_>) -> Result<Option<Vec<Part>>, Halt> {
        let mut parts: Vec<Part> = desk.path().into_iter().map(Part::Keep).collect();
        parts.push(Part::Put { message: Message::user("And?"), of: Vec::new() });
        Ok(Some(parts))
    }
}

/// What the model saw is what the attempt says that it saw.
pub(crate) fn what_was_seen_can_be_rebuilt(trajectory: &Trajectory, asked: &[OwnedRequest]) {
    let sampled = trajectory.nodes().iter().filter(|node| node.as_sampled().is_some());
    let said: Vec<Vec<Message>> =
        sampled.map(|node| trajectory.conversation(node.parent.unwrap()).into_iter().cloned().collect()).collect();
    let saw: Vec<Vec<Message>> = asked.iter().map(|request| request.messages.clone()).collect();
    assert_eq!(said, saw);
}

/// Each message of a tool answers a call of the last message of the model before it, and each call is answered.
fn calls_and_answers_go_together(messages: &[Message]) {
    let mut open: Vec<&str> = Vec::new();
    for message in messages {
        if message.role == Role::Tool {
            let id = message.tool_call_id.as_deref().unwrap();
            assert_eq!(open.first(), Some(&id), "{messages:#?}");
            open.remove(0);
        } else {
            assert!(open.is_empty(), "{messages:#?}");
            open = message.tool_calls.iter().map(|call| call.id.as_str()).collect();
        }
    }
    assert!(open.is_empty());
}

/// Each turn belongs to one branch, and what was asked beside the attempt is beside it.
fn branches_own_each_turn_once(trajectory: &Trajectory) {
    let mut owners: HashMap<usize, usize> = HashMap::new();
    for branch in trajectory.branches() {
        for id in branch.owned() {
            *owners.entry(id.index()).or_default() += 1;
        }
        let is_beside = |node: &Node| node.as_sampled().is_some_and(|sampled| sampled.aside.is_some());
        let beside = branch.path().iter().filter(|id| is_beside(trajectory.node(**id).unwrap())).count();
        assert_eq!(beside, usize::from(branch.is_aside()));
    }
    assert!((0..trajectory.nodes().len()).all(|place| owners.get(&place) == Some(&1)));
}

/// The attempt without what differs from one making to the next.
fn timeless(mut trajectory: Trajectory) -> Trajectory {
    let mut bare = Trajectory::new(trajectory.question.clone(), trajectory.attempt);
    for node in trajectory.nodes() {
        let mut node = Node { at: None, ..node.clone() };
        if let Origin::Observed(observed) = &mut node.origin {
            observed.elapsed_ms = 0;
        }
        bare.push(node).unwrap();
    }
    bare.id = trajectory.id;
    bare.stop = trajectory.stop.take();
    bare.answer = trajectory.answer.take();
    bare
}

async fn check(policy: Arc<dyn ContextPolicy>, manner: Manner, is_native: bool, seed: u64, limits: Limits) {
    let case = format!("{policy:?}, {manner:?}, native: {is_native}, seed {seed}, {} tokens", limits.context);
    let protocol = Protocol { check_answer: Some("Sure?".to_owned()), ..protocol(is_native) };
    let make = |model: Arc<Scripted>| {
        agent(model, policy.clone(), is_native, 60, limits.clone()).speaking(protocol.clone()).seeded(seed)
    };
    let (told, witness) = (model(manner, is_native), Arc::new(Witness::default()));
    let beginning = Trajectory::new(question(), 0);
    let journal = Journal::into_store(witness.clone());
    let made = make(told.clone()).go_on(Stored::new(beginning.clone()), &journal, &Stop::default()).await;
    let (whole, asked) = (made.trajectory, told.asked());

    what_was_seen_can_be_rebuilt(&whole, &asked);
    asked.iter().for_each(|request| calls_and_answers_go_together(&request.messages));
    branches_own_each_turn_once(&whole);
    let has_answered = matches!(whole.stop, Some(StopReason::Answered | StopReason::ForcedAnswer { .. }));
    assert!(has_answered || manner == Manner::Erratic, "{case}: {whole:#?}");

    let writes = witness.writes.lock().unwrap().clone();
    for written in 0..writes.len() {
        let store = Arc::new(InMemory::new());
        for entries in &writes[..written] {
            store.write(entries.clone(), None).await.unwrap();
        }
        let stored = store.find(&beginning.id).await.unwrap();
        let stored = stored.unwrap_or_else(|| Stored::new(beginning.clone()));
        let done = stored.trajectory.nodes().iter().filter(|node| node.as_sampled().is_some()).count();
        let told = model(manner, is_native);
        let again = make(told.clone()).go_on(stored, &Journal::into_store(store), &Stop::default()).await;
        let (again, whole) = (timeless(again.trajectory), timeless(whole.clone()));
        for (place, (again, once)) in again.nodes().iter().zip(whole.nodes()).enumerate() {
            assert_eq!(again, once, "{case}, after {written} writes, in place {place}");
        }
        assert_eq!(again, whole, "{case}, after {written} writes");
        assert_eq!(told.asked(), asked[done..], "{case}, after {written} writes");
    }
}

/// That what was seen can be rebuilt, and that a killed attempt goes on as if it had not been.
async fn check_all(manner: Manner, seeds: [u64; 2]) {
    let narrow = Limits { context: 700, reserve: 100, ..Limits::default() };
    for policy in policies() {
        for is_native in [false, true] {
            check(policy.clone(), manner, is_native, seeds[0], Limits::default()).await;
            check(policy.clone(), manner, is_native, seeds[1], narrow.clone()).await;
        }
    }
}

#[tokio::test]
async fn the_laws_hold_for_models_that_do_what_they_are_told() {
    check_all(Manner::Willing, [7, 7]).await;
}

#[tokio::test]
async fn the_laws_hold_for_models_that_do_not() {
    check_all(Manner::Stubborn, [7, 7]).await;
}

#[tokio::test]
async fn the_laws_hold_for_models_that_do_it_wrong() {
    check_all(Manner::Wrong, [7, 7]).await;
}

#[tokio::test]
async fn the_laws_hold_for_models_that_do_now_this_and_now_that() {
    check_all(Manner::Erratic, [0, 1]).await;
}

#[tokio::test]
async fn a_rewriting_writes_no_more_nodes_late_than_early() {
    for policy in policies() {
        let attempt = agent(model(Manner::Willing, true), policy.clone(), true, 60, Limits::default());
        let attempt = attempt.attempt(&question()).await;
        let is_rewritten = |node: &Node| matches!(node.origin, Origin::Rewritten { .. });
        let rewritings = attempt.nodes().chunk_by(|one, next| is_rewritten(one) == is_rewritten(next));
        let longest = rewritings.filter(|nodes| is_rewritten(&nodes[0])).map(<[Node]>::len).max().unwrap_or(0);
        // A turn is a message of the model and two of the tool.
        assert!(longest <= 2 * 3 + 1, "{policy:?}: {longest}");
    }
}

#[test]
fn policies_are_found_by_their_names() {
    for name in context::SHIPPED {
        assert_eq!(context::shipped(name).unwrap().name(), name);
    }
    assert!(context::shipped("fold ").is_none());
}
