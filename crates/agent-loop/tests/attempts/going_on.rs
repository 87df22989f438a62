//! An attempt that is taken up again, wherever it stopped, becomes what it would have become.

use std::sync::Arc;

use futures::FutureExt;
use offseeker_agent_loop::{Agent, Journal, Limits, LoopGuard, Made, Pause, Stop, Tools};
use offseeker_chat::{ChatError, Scripted};
use offseeker_trajectory::{Limit, NodeId, StopReason, Trajectory};
use offseeker_trajectory_store::{InMemory, Stored, TrajectoryStore, TrajectoryStoreExt};

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
        node.at = node.at.map(|at| offseeker_trajectory::Moment { clock_ms: at.clock_ms + (1 << 40), ..at });
        ahead_of_time.push(node).unwrap();
    }
    stored.trajectory = ahead_of_time;
    let made = endless.go_on(stored, &Journal::none(), &Stop::default()).await;
    assert_eq!(made.trajectory.stop, Some(StopReason::Loop));
}
