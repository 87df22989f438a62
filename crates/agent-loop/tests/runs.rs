//! Runs of many attempts: who makes which, how they stop, and that they go on.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt, stream};
use offseeker_agent_loop::context::{ReSum, Report};
use offseeker_agent_loop::run::{Event, RunError, Summary};
use offseeker_agent_loop::{Agent, Limits, Protocol, Run, Stop, Tools};
use offseeker_chat::{ChatError, ChatModel, Reply, Request};
use offseeker_tools::{Function, Observation};
use offseeker_trajectory::{Limit, Message, Question, Role, RunId, Trajectory};
use offseeker_trajectory_store::{Filter, InMemory, TrajectoryStoreExt, Worker};

/// A model that takes a second for a turn, calls twice in each of three turns, then answers.
#[derive(Debug)]
struct Slow {
    asked: AtomicUsize,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
    order: Mutex<Vec<String>>,
    fails: Mutex<Option<ChatError>>,
    hangs: bool,
    takes: Duration,
}

impl Default for Slow {
    fn default() -> Self {
        Self {
            asked: AtomicUsize::default(),
            at_once: AtomicUsize::default(),
            most_at_once: AtomicUsize::default(),
            order: Mutex::default(),
            fails: Mutex::default(),
            hangs: false,
            takes: Duration::from_secs(1),
        }
    }
}

#[async_trait]
impl ChatModel for Slow {
    fn name(&self) -> &'static str {
        "slow"
    }

    async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let now = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_at_once.fetch_max(now, Ordering::SeqCst);
        if request.messages.len() == 2 {
            self.order.lock().unwrap().push(request.messages[1].content.clone());
        }
        if self.hangs {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(self.takes).await;
        self.at_once.fetch_sub(1, Ordering::SeqCst);
        if let Some(error) = self.fails.lock().unwrap().clone() {
            return Err(error);
        }
        let turns = request.messages.iter().filter(|message| message.role == Role::Assistant).count();
        let call =
            |at: usize| format!("<tool_call>{{\"name\": \"look\", \"arguments\": {{\"at\": {at}}}}}</tool_call>");
        let text =
            if turns < 3 { call(2 * turns) + &call(2 * turns + 1) } else { "<answer>the Orsa</answer>".to_owned() };
        Ok(Reply::new(Message::assistant(text)))
    }
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Look {
    at: u32,
}

fn agent(model: &Arc<Slow>) -> Agent {
    let tools = Tools::made_of(|| {
        let look = async |look: Look| Ok(Observation::ok(format!("At {} there is a mill.", look.at)));
        vec![Box::new(Function::new("look", "Looks.", look)) as _]
    });
    Agent::new(model.clone(), tools)
}

fn questions(count: usize) -> Vec<Question> {
    (0..count).map(|number| Question::new(format!("Which river, {number}?"), ["the Orsa"])).collect()
}

fn run(model: &Arc<Slow>, store: &Arc<InMemory>) -> Run {
    let agent = agent(model);
    let manifest = agent.manifest("test", 7).unwrap();
    Run::new(agent, store.clone(), manifest)
}

async fn all(store: &InMemory) -> Vec<Trajectory> {
    store.trajectories(&Filter::default()).try_collect().await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn every_attempt_is_made_and_no_more_at_once_than_allowed() {
    for at_once in [1, 5, 64] {
        let (model, store) = (Arc::new(Slow::default()), Arc::new(InMemory::new()));
        let run = run(&model, &store).attempting(3).at_once(at_once);
        let summary = run.attempt_all(stream::iter(questions(7))).await.unwrap();
        assert_eq!((summary.progress.planned, summary.progress.ended), (21, 21));
        assert_eq!(summary.ended, [("answered", 21)].into());
        assert_eq!(model.most_at_once.load(Ordering::SeqCst), at_once.min(21));
        assert_eq!(model.asked.load(Ordering::SeqCst), 21 * 4);
        let made = all(&store).await;
        let mut counts: HashMap<&str, u32> = HashMap::new();
        made.iter().for_each(|attempt| *counts.entry(attempt.question.text.as_str()).or_default() += 1);
        assert!(counts.len() == 7 && counts.values().all(|count| *count == 3), "{counts:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn first_attempts_at_all_questions_come_before_second_ones() {
    let (model, store) = (Arc::new(Slow::default()), Arc::new(InMemory::new()));
    run(&model, &store).attempting(3).at_once(1).attempt_all(stream::iter(questions(4))).await.unwrap();
    let order = model.order.lock().unwrap().clone();
    let round = &order[..4];
    assert_eq!(order.chunks(4).collect::<Vec<_>>(), [round, round, round]);
}

#[tokio::test(start_paused = true)]
async fn attempts_at_one_question_have_different_seeds_and_those_of_one_attempt_are_the_same_again() {
    let seeds = async || {
        let (model, store) = (Arc::new(Seen::default()), Arc::new(InMemory::new()));
        let agent = Agent::new(model.clone(), Tools::none());
        let manifest = agent.manifest("test", 7).unwrap();
        Run::new(agent, store, manifest).attempting(4).attempt_all(stream::iter(questions(2))).await.unwrap();
        let mut seeds = model.0.lock().unwrap().clone();
        seeds.sort_unstable();
        seeds
    };
    let first = seeds().await;
    assert_eq!(first.len(), 8);
    assert!(first.windows(2).all(|pair| pair[0] != pair[1]), "{first:?}");
    assert_eq!(seeds().await, first);
}

/// A model that remembers the seeds it was asked with.
#[derive(Debug, Default)]
struct Seen(Mutex<Vec<u64>>);

#[async_trait]
impl ChatModel for Seen {
    fn name(&self) -> &'static str {
        "seen"
    }

    async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError> {
        self.0.lock().unwrap().push(request.sampling.seed.unwrap());
        Ok(Reply::new(Message::assistant("<answer>the Orsa</answer>")))
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_stopped_goes_on_and_repeats_nothing() {
    for seconds in [0, 1, 2, 3, 5, 8] {
        let (model, store) = (Arc::new(Slow::default()), Arc::new(InMemory::new()));
        let stop = Stop::default();
        let first = run(&model, &store).attempting(3).at_once(4).stopped_by(stop.clone());
        let later = async {
            tokio::time::sleep(Duration::from_millis(seconds * 1_000 + 500)).await;
            stop.ask();
        };
        let (summary, ()) = futures::join!(first.attempt_all(stream::iter(questions(3))), later);
        let summary = summary.unwrap();
        assert!(summary.was_stopped && summary.progress.open() > 0, "{summary:?}");
        let second = run(&model, &store).attempting(3).at_once(4);
        let summary = second.attempt_all(stream::iter(questions(3))).await.unwrap();
        assert_eq!((summary.progress.ended, summary.was_stopped), (9, false));
        assert_eq!(model.asked.load(Ordering::SeqCst), 9 * 4, "after {seconds} s");
        let again = run(&model, &store).attempting(3).attempt_all(stream::iter(questions(3))).await.unwrap();
        assert_eq!(again.ended.len(), 0, "there is nothing left to do");
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_asked_twice_drops_what_is_under_way() {
    let model = Arc::new(Slow { hangs: true, ..Slow::default() });
    let store = Arc::new(InMemory::new());
    let stop = Stop::default();
    let run = run(&model, &store).stopped_by(stop.clone());
    let later = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        stop.ask();
        tokio::time::sleep(Duration::from_secs(1)).await;
        stop.ask();
    };
    let (summary, ()) = futures::join!(run.attempt_all(stream::iter(questions(3))), later);
    assert_eq!(summary.unwrap().progress.begun, 3);
}

#[tokio::test(start_paused = true)]
async fn what_is_under_way_when_a_run_is_stopped_stays_its_own_until_it_is_written_down() {
    let (model, store) =
        (Arc::new(Slow { takes: Duration::from_secs(300), ..Slow::default() }), Arc::new(InMemory::new()));
    let stop = Stop::default();
    let work = |name: &str| run(&model, &store).working_as(Worker::new(name));
    let first = work("first").stopped_by(stop.clone());
    let later = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        stop.ask();
        // By now the lease of a minute is over, and the requests are still under way.
        tokio::time::sleep(Duration::from_secs(100)).await;
        work("second").attempt_all(stream::iter(questions(3))).await
    };
    let (summary, second) = futures::join!(first.attempt_all(stream::iter(questions(3))), later);
    assert!(summary.unwrap().was_stopped);
    assert_eq!(second.unwrap().progress.ended, 3);
    assert_eq!(model.asked.load(Ordering::SeqCst), 3 * 4, "no request is made twice");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_stopped_does_not_wait_for_ever() {
    let model = Arc::new(Slow { hangs: true, ..Slow::default() });
    let store = Arc::new(InMemory::new());
    let stop = Stop::default();
    let run = run(&model, &store).stopped_by(stop.clone()).stalling_after(Duration::from_secs(90));
    let later = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        stop.ask();
    };
    let (outcome, ()) = futures::join!(run.attempt_all(stream::iter(questions(3))), later);
    let error = outcome.unwrap_err();
    assert!(matches!(error, RunError::Stalled { in_flight: 3, .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_protocol_is_of_no_known_dialect_says_so() {
    let (model, store) = (Arc::new(Slow::default()), Arc::new(InMemory::new()));
    let agent = agent(&model).speaking(Protocol { dialect: "klingon".to_owned(), ..Protocol::default() });
    let manifest = agent.manifest("test", 7).unwrap();
    let error = Run::new(agent, store, manifest).attempt_all(stream::iter(questions(3))).await.unwrap_err();
    assert!(matches!(error, RunError::Protocol(_)), "{error}");
}

#[tokio::test(start_paused = true)]
async fn two_runs_on_one_store_share_the_work() {
    let (model, store) = (Arc::new(Slow::default()), Arc::new(InMemory::new()));
    let work = |name: &str| run(&model, &store).attempting(4).at_once(3).working_as(Worker::new(name));
    let (here, there) = (work("here"), work("there"));
    let (first, second) =
        futures::join!(here.attempt_all(stream::iter(questions(5))), there.attempt_all(stream::iter(questions(5))));
    let made = |summary: &Summary| summary.ended.values().sum::<u64>();
    let (first, second) = (first.unwrap(), second.unwrap());
    assert!(made(&first) > 0 && made(&second) > 0);
    assert_eq!(made(&first) + made(&second), 20);
    assert_eq!(model.asked.load(Ordering::SeqCst), 20 * 4);
}

#[tokio::test(start_paused = true)]
async fn a_run_gives_up_when_everything_fails_and_makes_it_anew() {
    let (model, store) = (Arc::new(Slow::default()), Arc::new(InMemory::new()));
    *model.fails.lock().unwrap() = Some(ChatError::Unauthorized { reason: "no such key".to_owned() });
    let failing = run(&model, &store).attempting(4).at_once(2).failing_after(3);
    let error = failing.attempt_all(stream::iter(questions(5))).await.unwrap_err();
    assert!(matches!(error, RunError::Failing { times: 3, .. }), "{error}");
    assert!(error.to_string().contains("no such key"));
    *model.fails.lock().unwrap() = None;
    let summary = run(&model, &store).attempting(4).attempt_all(stream::iter(questions(5))).await.unwrap();
    assert!(summary.ended["answered"] < 20, "what failed has ended");
    let mended = run(&model, &store).attempting(4).mending_failures();
    mended.attempt_all(stream::iter(questions(5))).await.unwrap();
    assert!(all(&store).await.iter().all(|attempt| attempt.answer.is_some()));
}

#[tokio::test(start_paused = true)]
async fn a_spent_budget_ends_the_run_and_no_attempt() {
    let (model, store) = (Arc::new(Slow::default()), Arc::new(InMemory::new()));
    *model.fails.lock().unwrap() = Some(ChatError::Budget { which: Limit::Cost, spent: 9, allowed: 8 });
    let error = run(&model, &store).attempt_all(stream::iter(questions(5))).await.unwrap_err();
    assert!(error.to_string().contains("raise the budget"), "{error}");
    assert!(all(&store).await.iter().all(|attempt| attempt.stop.is_none()));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_hangs_is_noticed() {
    let model = Arc::new(Slow { hangs: true, ..Slow::default() });
    let store = Arc::new(InMemory::new());
    let hanging = run(&model, &store).stalling_after(Duration::from_secs(90));
    let error = hanging.attempt_all(stream::iter(questions(5))).await.unwrap_err();
    assert!(matches!(error, RunError::Stalled { in_flight: 5, .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn questions_are_taken_as_there_is_room_for_them() {
    let (model, store) = (Arc::new(Slow::default()), Arc::new(InMemory::new()));
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = taken.clone();
    let endless = stream::iter(questions(2_000)).then(move |question| {
        counter.fetch_add(1, Ordering::SeqCst);
        async move {
            tokio::time::sleep(Duration::from_millis(10)).await;
            question
        }
    });
    let stop = Stop::default();
    let run = run(&model, &store).at_once(8).stopped_by(stop.clone());
    let later = async {
        tokio::time::sleep(Duration::from_secs(6)).await;
        stop.ask();
    };
    let (summary, ()) = futures::join!(run.attempt_all(endless), later);
    let taken = taken.load(Ordering::SeqCst);
    assert!(taken < 600, "{taken} questions were taken for {:?}", summary.unwrap().progress);
}

#[tokio::test(start_paused = true)]
async fn what_happens_is_told() {
    let (model, store) = (Arc::new(Slow::default()), Arc::new(InMemory::new()));
    let told = Arc::new(Mutex::new(Vec::new()));
    let events = told.clone();
    let telling = run(&model, &store).attempting(2).telling(move |event| events.lock().unwrap().push(event.clone()));
    telling.attempt_all(stream::iter(questions(3))).await.unwrap();
    let told = told.lock().unwrap();
    let count = |kind: fn(&Event) -> bool| told.iter().filter(|event| kind(event)).count();
    assert_eq!(count(|event| matches!(event, Event::Begun { messages: 0, .. })), 6);
    assert_eq!(count(|event| matches!(event, Event::Ended { .. })), 6);
    let Some(Event::Progress(pace)) = told.last() else { panic!("the last event says how far it is") };
    assert_eq!((pace.progress.ended, pace.in_flight), (6, 0));
    assert_eq!(pace.steps, 6 * (1 + 4 + 6 + 1), "the opening, the turns, the calls and the end");
}

#[tokio::test(start_paused = true)]
async fn a_panic_ends_one_attempt_and_not_the_run() {
    let (model, store) = (Arc::new(Slow::default()), Arc::new(InMemory::new()));
    let broken = Arc::new(AtomicUsize::new(1));
    let calls = broken.clone();
    let tools = Tools::made_of(move || {
        let calls = calls.clone();
        let look = move |look: Look| {
            let panics = calls.fetch_sub(1, Ordering::SeqCst) == 0;
            async move {
                assert!(!panics, "a mistake in a tool");
                Ok(Observation::ok(format!("At {} there is a mill.", look.at)))
            }
        };
        vec![Box::new(Function::new("look", "Looks.", look)) as _]
    });
    let agent = Agent::new(model, tools);
    let manifest = agent.manifest("test", 7).unwrap();
    let run = || Run::new(agent.clone(), store.clone(), manifest.clone());
    let summary = run().attempt_all(stream::iter(questions(5))).await.unwrap();
    assert_eq!(summary.ended, [("answered", 4), ("crashed", 1)].into());
    let summary = run().mending_failures().attempt_all(stream::iter(questions(5))).await.unwrap();
    assert_eq!(summary.ended, [("answered", 1)].into());
    assert!(all(&store).await.iter().all(|attempt| attempt.answer.is_some()));
}

#[test]
fn what_an_agent_is_made_with_names_its_run() {
    let agent = || Agent::new(Arc::new(Seen::default()), Tools::none());
    let id = |agent: Agent| agent.manifest("test", 7).unwrap().id().unwrap();
    let agents = [
        agent(),
        agent().remembering(ReSum::default()),
        agent().remembering(ReSum { at: 0.5, ..ReSum::default() }),
        agent().remembering(ReSum { model: Some(Arc::new(Slow::default())), ..ReSum::default() }),
        agent().remembering(Report::default()),
        agent().remembering(Report { fallback: ReSum { every: Some(9), ..ReSum::default() } }),
        agent().resampling(1),
        agent().limited(Limits { turns: 9, ..Limits::default() }),
        agent().speaking(Protocol::shipped("native").unwrap()),
    ];
    let count = agents.len();
    let ids: HashSet<RunId> = agents.into_iter().map(id).collect();
    assert_eq!(ids.len(), count);
    assert_eq!(id(agent()), id(agent()));
}
