//! An attempt that is taken up again, wherever it stopped, becomes what it would have become.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt;
use futures::stream::BoxStream;
use offseeker_agent_loop::{Agent, Journal, Limits, LoopGuard, Made, Panel, Pause, Protocol, Stop, Tools};
use offseeker_chat::{ChatError, Request, Scripted};
use offseeker_trajectory::{Limit, Moment, Node, NodeId, StopReason, Trajectory, TrajectoryId};
use offseeker_trajectory_store::{
    Claim, Entry, Filter, InMemory, StoreError, Stored, TrajectoryStore, TrajectoryStoreExt,
};

use crate::world::{Line, agent, answer, call, end, kinds, look, question, says, timeless};

/// What is left of an attempt that was killed after so many nodes were written down in this order.
fn cut(whole: &Trajectory, order: &[usize], kept: usize) -> Stored {
    let mut beginning = Trajectory::new(whole.question.clone(), whole.attempt);
    beginning.model.clone_from(&whole.model);
    beginning.tools.clone_from(&whole.tools);
    let places =
        order[..kept].iter().map(|place| (NodeId::new(u32::try_from(*place).unwrap()), whole.nodes()[*place].clone()));
    Stored::of(beginning, places.collect(), None, Vec::new()).unwrap()
}

fn scripts() -> Vec<Vec<Line>> {
    let bad = || says("<think>\nI wonder");
    vec![
        vec![
            says(look(&["mill"])),
            says(look(&["a", "bb", "ccc"])),
            says(look(&["nowhere", "x"])),
            says(answer("the Orsa")),
        ],
        vec![says(look(&["mill"])), bad(), says(answer("the Orsa"))],
        vec![says("Hm."), says(look(&["a", "b"])), says("Well."), says(answer("the Orsa"))],
        vec![says(look(&["mill"]))],
        vec![says(look(&["a", "b"])), Err(ChatError::broken("gone"))],
        vec![says(look(&["a"])), says(call("break", "{\"at\": \"x\"}"))],
        vec![bad()],
    ]
}

#[tokio::test(start_paused = true)]
async fn an_attempt_goes_on_from_every_node() {
    for (number, script) in scripts().into_iter().enumerate() {
        for limits in
            [Limits::default(), Limits { turns: 3, ..Limits::default() }, Limits { calls: 2, ..Limits::default() }]
        {
            let make = || {
                let (agent, model, counter) = agent(script.clone());
                (agent.limited(limits.clone()).seeded(7), model, counter)
            };
            let (once, model, counter) = make();
            let whole = once.attempt(&question()).await;
            let (requests, calls) = (model.asked().len(), counter.count());
            // Nodes are written in their order, or the results of a turn in the opposite one.
            let in_order: Vec<usize> = (0..whole.nodes().len()).collect();
            for order in [in_order, results_backwards(&whole)] {
                for kept in (0..=order.len()).filter(|kept| !is_within_a_write(&whole, *kept)) {
                    let (agent, model, counter) = make();
                    let stored = cut(&whole, &order, kept);
                    let asked_before = asked(&stored.trajectory);
                    let observed = order[..kept].iter().filter(|place| is_call(&whole, **place)).count();
                    let Made { trajectory, rests } = agent.go_on(stored, &Journal::none(), &Stop::default()).await;
                    assert!(rests.is_none());
                    assert_eq!(timeless(&trajectory), timeless(&whole), "script {number} after {kept} of {order:?}");
                    assert_eq!(model.asked().len() + asked_before, requests, "no request is made twice");
                    assert_eq!(counter.count() + observed, calls, "no call is made twice");
                }
            }
        }
    }
}

/// Whether a write puts down what is before and what is after so many nodes: the opening, a turn that was thrown away
/// with the word that it was.
fn is_within_a_write(attempt: &Trajectory, kept: usize) -> bool {
    let kinds = kinds(attempt);
    kept == 1 || (kept > 1 && kinds[kept - 1..].starts_with("dc"))
}

fn asked(attempt: &Trajectory) -> usize {
    attempt.nodes().iter().filter(|node| node.as_sampled().is_some()).count()
}

/// Whether a node is the result of a call that was made of the tool that counts.
fn is_call(attempt: &Trajectory, place: usize) -> bool {
    let node = &attempt.nodes()[place];
    matches!(&node.origin, offseeker_trajectory::Origin::Observed(observed)
        if observed.status != offseeker_trajectory::CallStatus::Budget)
}

fn results_backwards(attempt: &Trajectory) -> Vec<usize> {
    let is_result = |place: &usize| matches!(attempt.nodes()[*place].origin, offseeker_trajectory::Origin::Observed(_));
    let mut order: Vec<usize> = Vec::new();
    let mut results: Vec<usize> = Vec::new();
    for place in 0..attempt.nodes().len() {
        if is_result(&place) {
            results.push(place);
        } else {
            order.extend(results.drain(..).rev());
            order.push(place);
        }
    }
    order.extend(results.drain(..).rev());
    order
}

#[tokio::test(start_paused = true)]
async fn every_step_is_written_down_before_the_next() {
    let store = Arc::new(InMemory::new());
    let seen = store.clone();
    let model = Scripted::by(move |request| {
        let stored = seen.read(&[Trajectory::new(question(), 0).id]).now_or_never().unwrap().unwrap();
        let tip = stored[0].trajectory.ids().last().unwrap();
        let written: Vec<_> = stored[0].trajectory.conversation(tip).into_iter().cloned().collect();
        assert_eq!(written, request.messages, "what the model is sent is written down");
        match request.messages.len() {
            2 => says(look(&["a", "bb", "ccc"])),
            6 => says(look(&["d"])),
            _ => says(answer("the Orsa")),
        }
    });
    let counter = Arc::default();
    let agent = Agent::new(Arc::new(model), crate::world::tools(&counter));
    let journal = Journal::into_store(store.clone());
    let made = agent.go_on(Stored::new(Trajectory::new(question(), 0)), &journal, &Stop::default()).await;
    let stored = store.get(&made.trajectory.id).await.unwrap();
    assert_eq!(stored, Stored::new(made.trajectory));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_is_stopped_ends_what_it_is_at_and_rests() {
    let stop = Stop::default();
    let asked = stop.clone();
    let model = Scripted::by(move |_| {
        asked.ask();
        says(look(&["a"]))
    });
    let counter = Arc::default();
    let agent = Agent::new(Arc::new(model), crate::world::tools(&counter));
    let beginning = || Stored::new(Trajectory::new(question(), 0));
    let made = agent.go_on(beginning(), &Journal::none(), &stop).await;
    assert!(matches!(made.rests, Some(Pause::Stopped)));
    assert_eq!(made.trajectory.stop, None, "it has not ended");
    assert_eq!((kinds(&made.trajectory).as_str(), counter.count()), ("ggso", 1));
    stop.ask();
    let made = agent.go_on(Stored::new(made.trajectory), &Journal::none(), &stop).await;
    assert!(matches!(made.rests, Some(Pause::Stopped)));
}

#[tokio::test(start_paused = true)]
async fn a_spent_budget_lets_an_attempt_rest() {
    let spent = ChatError::Budget { which: Limit::Cost, spent: 9, allowed: 8 };
    let (agent, _, _) = agent(vec![says(look(&["a"])), Err(spent)]);
    let made = agent.go_on(Stored::new(Trajectory::new(question(), 0)), &Journal::none(), &Stop::default()).await;
    assert!(matches!(made.rests, Some(Pause::Budget { which: Limit::Cost, .. })));
    assert_eq!((&made.trajectory.stop, made.trajectory.nodes().len()), (&None, 4));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_cannot_be_written_down_rests() {
    let store = Arc::new(InMemory::new());
    let (agent, model, _) = agent(vec![says(look(&["a"])), says(answer("the Orsa"))]);
    let journal = Journal::into_store(store.clone());
    let beginning = Trajectory::new(question(), 0);
    let made = agent.go_on(Stored::new(beginning.clone()), &journal, &Stop::default()).await;
    assert_eq!(end(&made.trajectory), (StopReason::Answered, Some("the Orsa")));
    let again = agent.go_on(Stored::new(made.trajectory.clone()), &journal, &Stop::default()).await;
    assert_eq!((again.trajectory, model.asked().len()), (made.trajectory, 2), "what has ended is not made again");
    // Somebody with another model makes the same attempt.
    let other = Arc::new(Scripted::saying([answer("the Elbe")]).named("another"));
    let late = Agent::new(other.clone(), Tools::none()).go_on(Stored::new(beginning), &journal, &Stop::default()).await;
    assert!(matches!(late.rests, Some(Pause::Store(_))));
    assert!(other.asked().is_empty(), "nothing is asked that cannot be written down");
}

#[tokio::test(start_paused = true)]
async fn a_guard_and_a_clock_come_back_as_they_were() {
    let (endless, _, _) = agent(vec![says(look(&["x"]))]);
    let whole = endless.clone().attempt(&question()).await;
    assert_eq!(whole.stop, Some(StopReason::Loop));
    let last = whole.nodes().last().unwrap().at.unwrap();
    assert!(last.spent_ms > 0);
    let order: Vec<usize> = (0..whole.nodes().len()).collect();
    let stored = cut(&whole, &order, 6);
    let made = endless.clone().guarded(LoopGuard::default()).go_on(stored, &Journal::none(), &Stop::default()).await;
    let spent: Vec<u64> = made.trajectory.nodes().iter().map(|node| node.at.unwrap().spent_ms).collect();
    assert!(spent.windows(2).all(|pair| pair[0] <= pair[1]), "what was spent only grows: {spent:?}");
    // A clock that went back by years changes nothing of that.
    let mut stored = cut(&whole, &order, 6);
    let nodes: Vec<_> = stored.trajectory.nodes().to_vec();
    let mut ahead_of_time = Trajectory::new(question(), 0);
    for mut node in nodes {
        node.at = node.at.map(|at| Moment { clock_ms: at.clock_ms + (1 << 40), ..at });
        ahead_of_time.push(node).unwrap();
    }
    stored.trajectory = ahead_of_time;
    let made = endless.go_on(stored, &Journal::none(), &Stop::default()).await;
    assert_eq!(made.trajectory.stop, Some(StopReason::Loop));
}

#[tokio::test(start_paused = true)]
async fn what_was_spent_is_not_forgotten_where_the_clock_went_back_in_between() {
    let (agent, model, _) = agent(vec![says(look(&["mill"])), says(answer("the Orsa"))]);
    let whole = agent.clone().attempt(&question()).await;
    let mut trajectory = Trajectory::new(question(), 0);
    for (number, node) in whole.nodes()[..4].iter().enumerate() {
        let number = number as u64;
        let at = Moment { clock_ms: 1_000_000 - 1_000 * number, spent_ms: 60_000 * number, waited_ms: 0 };
        trajectory.push(Node { at: Some(at), ..node.clone() }).unwrap();
    }
    let limits = Limits { wall_time: Duration::from_secs(170), ..Limits::default() };
    let made = agent.limited(limits).go_on(Stored::new(trajectory), &Journal::none(), &Stop::default()).await;
    assert_eq!(end(&made.trajectory).0, StopReason::ForcedAnswer { why: Limit::WallTime }, "180 s were spent");
    assert_eq!(model.asked().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_calls_gave_is_kept_where_another_call_of_the_turn_breaks() {
    let turn = format!("{}\n{}\n{}", call("look", "{\"at\": \"a\"}"), call("break", "{\"at\": \"x\"}"), look(&["b"]));
    let (agent, _, counter) = agent(vec![says(turn)]);
    let store = Arc::new(InMemory::new());
    let journal = Journal::into_store(store.clone());
    let made = agent.go_on(Stored::new(Trajectory::new(question(), 0)), &journal, &Stop::default()).await;
    assert!(matches!(made.trajectory.stop, Some(StopReason::ToolFailure { .. })));
    assert_eq!((kinds(&made.trajectory).as_str(), counter.count()), ("ggso", 2));
    assert_eq!(store.get(&made.trajectory.id).await.unwrap().trajectory, made.trajectory);
}

#[tokio::test(start_paused = true)]
async fn a_conversation_that_a_server_finds_too_long_is_cut_and_answered_in_one_write() {
    let too_long = ChatError::ContextTooLong { reason: "it is too long".to_owned(), limit: Some(100), used: Some(200) };
    let rule = move |request: Request<'_>| {
        let texts = || request.messages.iter().map(|message| message.content.as_str());
        match request.messages.len() {
            2 => says(look(&[&"x".repeat(3_000)])),
            _ if texts().any(|text| text.contains("You have reached")) => says(answer("the Orsa")),
            _ => Err(too_long.clone()),
        }
    };
    let make = || {
        let counter = Arc::default();
        Agent::new(Arc::new(Scripted::by(rule.clone())), crate::world::tools(&counter))
    };
    let whole = make().attempt(&question()).await;
    assert_eq!(end(&whole), (StopReason::ForcedAnswer { why: Limit::Context }, Some("the Orsa")));
    assert_eq!(kinds(&whole), "ggsorcs");

    // The word that one turn is left comes with the cut, and never after it.
    let store = Arc::new(Counting::default());
    make()
        .go_on(Stored::new(Trajectory::new(question(), 0)), &Journal::into_store(store.clone()), &Stop::default())
        .await;
    assert_eq!(*store.nodes.lock().unwrap(), [2, 1, 1, 2, 1, 0]);
}

/// A store that counts the messages of each write.
#[derive(Debug, Default)]
struct Counting {
    inside: InMemory,
    nodes: Mutex<Vec<usize>>,
}

#[async_trait]
impl TrajectoryStore for Counting {
    async fn write(&self, entries: Vec<Entry>, claim: Option<&Claim>) -> Result<(), StoreError> {
        let nodes = entries.iter().filter(|entry| matches!(entry, Entry::Node { .. })).count();
        self.nodes.lock().unwrap().push(nodes);
        self.inside.write(entries, claim).await
    }

    async fn read(&self, ids: &[TrajectoryId]) -> Result<Vec<Stored>, StoreError> {
        self.inside.read(ids).await
    }

    fn scan(&self, filter: &Filter) -> BoxStream<'_, Result<TrajectoryId, StoreError>> {
        self.inside.scan(filter)
    }
}

#[tokio::test(start_paused = true)]
async fn a_protocol_whose_dialect_nobody_knows_is_told_and_no_panic() {
    let unknown = || Protocol { dialect: "klingon".to_owned(), ..Protocol::default() };
    let (agent, model, _) = agent(vec![says(answer("the Orsa"))]);
    let agent = agent.speaking(unknown());
    let attempt = agent.attempt(&question()).await;
    let Some(StopReason::ModelFailure { reason }) = &attempt.stop else { panic!("{:?}", attempt.stop) };
    assert!(reason.contains("klingon") && reason.contains("qwen"), "{reason}");
    let made = agent.go_on(Stored::new(Trajectory::new(question(), 0)), &Journal::none(), &Stop::default()).await;
    assert!(matches!(made.rests, Some(Pause::Protocol(_))));
    let attempt = Panel::new(agent, 2).attempt(&question()).await;
    assert!(matches!(attempt.stop, Some(StopReason::ModelFailure { .. })), "{:?}", attempt.stop);
    assert!(model.asked().is_empty());
}
