//! Where requests go, who rests, and who is tried again.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use futures::future::join_all;
use offseeker_remote::Health;
use offseeker_trajectory::Message;
use proptest::prelude::*;
use tokio::time::{Instant, advance, sleep, timeout};

use super::sessions::{MOST, Sessions};
use super::{Endpoint, Endpoints};
use crate::slow::Slow;
use crate::{ChatError, ChatModel, ChatModelExt, EndpointState, Reply, Request, Scripted, conformance};

const SECOND: Duration = Duration::from_secs(1);

/// A server that does what its switch says, after a second.
#[derive(Debug, Clone)]
struct Server(Arc<Slow>, Arc<Mutex<Result<(), ChatError>>>);

impl Server {
    fn new(name: &'static str) -> Self {
        let switch = Arc::new(Mutex::new(Ok(())));
        let state = switch.clone();
        let answer = move |_: &str| {
            let now: Result<(), ChatError> = state.lock().unwrap().clone();
            (SECOND, now.map(|()| Reply::new(Message::assistant(name))))
        };
        Self(Arc::new(Slow::by(answer)), switch)
    }

    fn fails(&self, error: ChatError) {
        *self.1.lock().unwrap() = Err(error);
    }

    fn is_well(&self) {
        *self.1.lock().unwrap() = Ok(());
    }

    fn asked(&self) -> usize {
        self.0.asked().len()
    }
}

fn three() -> ([Server; 3], Endpoints) {
    let servers = ["a", "b", "c"].map(Server::new);
    let model = Endpoints::new("abc", servers.iter().map(|server| Endpoint::new(server.0.clone())));
    (servers, model)
}

fn overloaded() -> ChatError {
    ChatError::transient("overloaded")
}

fn limited(seconds: u64) -> ChatError {
    ChatError::RateLimited { reason: "slow down".to_owned(), retry_after: Some(Duration::from_secs(seconds)) }
}

async fn ask_in(model: &Endpoints, session: &str) -> String {
    let asked = [Message::user("?")];
    model
        .reply(Request::new(&asked).session(session))
        .await
        .map_or_else(|error| error.to_string(), |it| it.message.content)
}

async fn ask_many(model: &Endpoints, number: usize) -> Vec<String> {
    let asks = (0..number).map(|_| async { model.ask("?").await.unwrap_or_else(|error| error.to_string()) });
    join_all(asks).await
}

fn states(model: &Endpoints) -> Vec<EndpointState> {
    model.status().into_iter().map(|status| status.state).collect()
}

fn resting(seconds: u64) -> EndpointState {
    EndpointState::Resting { remaining: Duration::from_secs(seconds) }
}

#[tokio::test(start_paused = true)]
async fn it_fulfils_the_laws() {
    for number in [1, 2, 5] {
        let model = Endpoints::new("echoes", (0..number).map(|_| conformance::echo()));
        conformance::check_port(&model).await.unwrap();
        conformance::check_echo(&model).await.unwrap();
        conformance::check_transparent(&model).await.unwrap();
        assert_eq!(model.name(), "echoes");
    }
    let nobody = Endpoints::new("nobody", Vec::<Scripted>::new());
    assert_eq!(nobody.ask("?").await, Err(ChatError::invalid("there is no endpoint to ask")));
}

#[tokio::test(start_paused = true)]
async fn requests_go_where_the_least_is_under_way() {
    let (servers, model) = three();
    ask_many(&model, 30).await;
    assert!(servers.iter().all(|server| server.asked() == 10 && server.0.most_at_once() == 10));
    // One after the other: each is idle, so each has its turn.
    for _ in 0..6 {
        model.ask("?").await.unwrap();
    }
    assert!(servers.iter().all(|server| server.asked() == 12));
}

#[tokio::test(start_paused = true)]
async fn a_session_stays_where_it_is_while_that_is_well() {
    let (servers, model) = three();
    let home = ask_in(&model, "s").await;
    let busy = ask_many(&model, 4);
    let session = join_all((0..10).map(|_| ask_in(&model, "s")));
    let (_, answers) = futures::join!(busy, session);
    assert!(answers.iter().all(|answer| *answer == home), "{answers:?} are not all {home}");

    let index = ["a", "b", "c"].iter().position(|name| *name == home).unwrap();
    servers[index].fails(overloaded());
    let moved = ask_in(&model, "s").await;
    assert_ne!(moved, home);
    servers[index].is_well();
    assert_eq!(ask_in(&model, "s").await, moved, "the beginning is at hand there now");
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_passes_moves_on_and_each_is_asked_once() {
    let (servers, model) = three();
    servers.iter().for_each(|server| server.fails(overloaded()));
    assert_eq!(model.ask("?").await, Err(overloaded()));
    assert!(servers.iter().all(|server| server.asked() == 1));

    servers[2].is_well();
    assert_eq!(model.ask("?").await.unwrap(), "c");
    let wrong = ChatError::invalid("wrong");
    servers.iter().for_each(|server| server.fails(wrong.clone()));
    let before: usize = servers.iter().map(Server::asked).sum();
    assert_eq!(model.ask("?").await, Err(wrong), "a wrong request is wrong everywhere");
    assert_eq!(servers.iter().map(Server::asked).sum::<usize>(), before + 1);
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_moves_on_without_being_a_failure() {
    let (servers, model) = three();
    servers[0].fails(limited(60));
    for _ in 0..30 {
        model.ask("?").await.unwrap();
    }
    assert_eq!((servers[0].asked(), model.status()[0].failures), (1, 0));
    assert_eq!(states(&model)[1..], [EndpointState::Well; 2]);
    assert!(matches!(states(&model)[0], EndpointState::Limited { .. }));

    servers[1].fails(limited(7));
    servers[2].fails(limited(30));
    assert_eq!(model.ask("?").await, Err(limited(7)), "the first that will take requests again");
    servers[0].is_well();
    assert_eq!(model.ask("?").await.unwrap(), "a", "asked although limited, as there is no other");
}

#[tokio::test(start_paused = true)]
async fn after_five_failures_an_endpoint_rests_and_is_tried_again() {
    let (servers, model) = three();
    servers[1].fails(overloaded());
    let answers = ask_many(&model, 15).await;
    assert!(answers.iter().all(|answer| answer == "a" || answer == "c"));
    assert_eq!(states(&model), [EndpointState::Well, resting(29), EndpointState::Well]);
    assert_eq!(model.status()[1].failures, 5);

    // Nothing goes there while it rests.
    ask_many(&model, 15).await;
    assert_eq!(servers[1].asked(), 5);

    // One request of many tries it, and it fails again.
    advance(Duration::from_secs(30)).await;
    assert_eq!(states(&model)[1], EndpointState::Rested);
    ask_many(&model, 15).await;
    assert_eq!((servers[1].asked(), states(&model)[1]), (6, resting(29)));

    // The next trial shows that it is well.
    servers[1].is_well();
    advance(Duration::from_secs(30)).await;
    let many = ask_many(&model, 15);
    futures::pin_mut!(many);
    assert!((&mut many).now_or_never().is_none());
    assert_eq!(states(&model)[1], EndpointState::OnTrial);
    many.await;
    assert_eq!((servers[1].asked(), states(&model)[1]), (7, EndpointState::Well));
    assert_eq!(model.status()[1].failures, 0);
}

#[tokio::test(start_paused = true)]
async fn when_all_rest_the_error_says_when_the_next_trial_is() {
    let (servers, model) = three();
    servers.iter().for_each(|server| server.fails(overloaded()));
    ask_many(&model, 15).await;
    let before: usize = servers.iter().map(Server::asked).sum();
    advance(Duration::from_millis(5_500)).await;
    let failed = model.ask("?").await.unwrap_err();
    assert!(failed.is_transient());
    let remaining = states(&model)
        .into_iter()
        .map(|state| if let EndpointState::Resting { remaining } = state { remaining } else { panic!("{state:?}") });
    let next = remaining.min().unwrap().as_secs_f64();
    assert!(failed.to_string().contains(&format!("the next trial is in {next:.1} s")), "{failed}");
    assert_eq!(servers.iter().map(Server::asked).sum::<usize>(), before);

    servers.iter().for_each(Server::is_well);
    advance(Duration::from_secs(30)).await;
    model.ask("?").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_trial_that_is_dropped_decides_nothing() {
    let server = Server::new("a");
    let model = Endpoints::new("one", [server.0.clone()]);
    server.fails(overloaded());
    ask_many(&model, 5).await;
    advance(Duration::from_secs(30)).await;
    let mut trial = Box::pin(model.ask("?"));
    assert!((&mut trial).now_or_never().is_none());
    assert!(model.ask("?").await.unwrap_err().to_string().contains("a trial is under way"));
    drop(trial);
    assert_eq!((states(&model)[0], model.status()[0].in_flight), (EndpointState::Rested, 0));
}

#[tokio::test(start_paused = true)]
async fn a_probe_is_asked_instead_of_risking_a_request() {
    let (well, probes) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let servers = ["a", "b"].map(Server::new);
    let (is_well, probed) = (well.clone(), probes.clone());
    let first = Endpoint::new(servers[0].0.clone()).probed_by(move || {
        probed.fetch_add(1, Ordering::Relaxed);
        let answer = is_well.load(Ordering::Relaxed);
        async move { answer }
    });
    let model = Endpoints::new("ab", [first, servers[1].0.clone().into()]);
    servers[0].fails(overloaded());
    ask_many(&model, 10).await;
    assert_eq!((servers[0].asked(), probes.load(Ordering::Relaxed)), (5, 0));

    advance(Duration::from_secs(30)).await;
    assert!(ask_many(&model, 10).await.iter().all(|answer| answer == "b"));
    assert_eq!((servers[0].asked(), probes.load(Ordering::Relaxed)), (5, 1));
    assert_eq!(states(&model)[0], resting(29));

    servers[0].is_well();
    well.store(true, Ordering::Relaxed);
    advance(Duration::from_secs(30)).await;
    assert_eq!(model.ask("?").await.unwrap(), "a");
    assert_eq!((probes.load(Ordering::Relaxed), states(&model)[0]), (2, EndpointState::Well));
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_hangs_has_failed() {
    let server = Server::new("a");
    let model = Endpoints::new("one", [Endpoint::new(server.0.clone()).probed_by(std::future::pending)]);
    server.fails(overloaded());
    ask_many(&model, 5).await;
    advance(Duration::from_secs(30)).await;
    let before = Instant::now();
    assert!(model.ask("?").await.unwrap_err().to_string().contains("the next trial is in 30.0 s"));
    assert_eq!((before.elapsed().as_secs(), server.asked()), (10, 5));
}

#[tokio::test(start_paused = true)]
async fn sessions_finish_at_an_endpoint_that_is_drained_and_none_begins() {
    let (servers, model) = three();
    let home = ask_in(&model, "old").await;
    let index = ["a", "b", "c"].iter().position(|name| *name == home).unwrap();
    assert!(model.drain(index) && !model.drain(3));
    assert_eq!(ask_in(&model, "old").await, home);
    let before = servers[index].asked();
    ask_many(&model, 12).await;
    for number in 0..6 {
        assert_ne!(ask_in(&model, &format!("new {number}")).await, home);
    }
    assert_eq!(servers[index].asked(), before);
    assert!(model.status()[index].draining && model.status()[index].to_string().ends_with(", draining"));

    assert!((0..3).all(|index| model.drain(index)));
    assert!(model.ask("?").await.unwrap_err().to_string().contains("none of 3 endpoints takes new sessions"));
    assert!(model.restore(index) && !model.restore(3));
    assert_eq!(model.ask("?").await.unwrap(), home);
}

#[tokio::test(start_paused = true)]
async fn in_flight_counts_those_under_way_alone() {
    let (_, model) = three();
    let in_flight = || model.status().iter().map(|status| status.in_flight).collect::<Vec<_>>();
    assert!(timeout(SECOND / 2, ask_many(&model, 5)).await.is_err());
    assert_eq!(in_flight(), [0; 3]);
    let mut many = Box::pin(ask_many(&model, 5));
    assert!((&mut many).now_or_never().is_none());
    assert_eq!(in_flight().iter().sum::<usize>(), 5);
    many.await;
    assert_eq!(in_flight(), [0; 3]);
}

#[tokio::test(start_paused = true)]
async fn a_status_is_written_for_people_and_for_programs() {
    let server = Server::new("a");
    let model = Endpoints::new("one", [server.0.clone()]);
    server.fails(overloaded());
    ask_many(&model, 5).await;
    sleep(SECOND).await;
    let status = &model.status()[0];
    assert_eq!(status.to_string(), "slow: resting for 29.0 s, 0 under way, 5 so far, 5 failures in a row");
    let expected = r#"{"name":"slow","in_flight":0,"requests":5,"failures":5,"draining":false,"state":{"kind":"resting","for_s":29.0}}"#;
    assert_eq!(serde_json::to_string(status).unwrap(), expected);
}

#[test]
fn the_least_recently_used_session_is_forgotten() {
    let mut sessions = Sessions::default();
    for number in 0..MOST {
        sessions.settle(&number.to_string(), number % 3);
    }
    sessions.settle("0", 2);
    sessions.settle("new", 1);
    assert_eq!((sessions.endpoint("0"), sessions.endpoint("1"), sessions.endpoint("2")), (Some(2), None, Some(2)));
    assert_eq!(sessions.endpoint("new"), Some(1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However servers come and go, nobody hangs, nothing is counted twice, and while one is well every request that
    /// reaches it is answered.
    #[test]
    fn whatever_happens_the_books_are_kept(
        plan in proptest::collection::vec((0_usize..3, 0_u8..4, 1_usize..9, 0_u64..40), 1..20),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let (servers, model) = three();
            servers[0].is_well();
            for (which, happens, requests, pause) in plan {
                match happens {
                    0 => servers[which.max(1)].fails(overloaded()),
                    1 => servers[which.max(1)].fails(limited(5)),
                    _ => servers[which].is_well(),
                }
                let dropped = timeout(SECOND / 2, ask_many(&model, requests)).await;
                assert!(dropped.is_err());
                let answers = ask_many(&model, requests).await;
                assert!(answers.iter().all(|answer| ["a", "b", "c"].contains(&answer.as_str())), "{answers:?}");
                sleep(Duration::from_secs(pause)).await;
            }
            for (server, status) in servers.iter().zip(model.status()) {
                assert_eq!((status.in_flight, status.requests), (0, server.asked() as u64));
                assert!(status.failures < Health::FAILURES || !matches!(status.state, EndpointState::Well));
            }
        });
    }
}
