//! Many workers: each attempt is made once, and what a killed worker had is finished by another.

use std::collections::HashSet;
use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;
use offseeker_trajectory::{Message, Node, NodeId, Question, RunId, StopReason, Trajectory};
use offseeker_trajectory_store::{
    Claim, Entry, Filter, InMemory, Manifest, Postgres, Progress, RunStore, StoreError, TrajectoryStore,
    TrajectoryStoreExt, WorkQueue, Worker,
};

use crate::failures::client;
use crate::open;
use crate::server::Server;

const ADDRESS: &str = "OFFSEEKER_TEST_ADDRESS";

/// Messages of an attempt.
const MESSAGES: u32 = 6;

async fn planned(store: &Postgres, name: &str, questions: u32, attempts: u32) -> RunId {
    let manifest = Manifest::new(name, 1);
    let run = manifest.id().unwrap();
    store.write(vec![Entry::Run(Box::new(manifest))], None).await.unwrap();
    let questions: Vec<_> = (0..questions).map(|number| Question::new(format!("question {number}"), ["a"])).collect();
    let new = store.plan(&run, &questions, attempts).await.unwrap();
    assert_eq!(new, questions.len() as u64 * u64::from(attempts));
    run
}

fn message(claim: &Claim, place: u32) -> Entry {
    let parent = place.checked_sub(1).map(NodeId::new);
    let text = format!("Message {place}. {}", "The Karlin mill stands on the Orsa. ".repeat(20));
    let node = Box::new(Node::given(parent, Message::user(text)));
    Entry::Node { attempt: claim.id(), place: NodeId::new(place), node }
}

fn end(claim: &Claim) -> Entry {
    Entry::End { attempt: claim.id(), stop: StopReason::Answered, answer: Some(claim.worker.name.clone()) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_workers_make_each_of_two_thousand_attempts_once() {
    let Some(server) = Server::shared() else { return };
    let address = server.address();
    let store = open(&address, "eight", 1).await;
    let run = &planned(&store, "eight", 500, 4).await;
    let work = async |number: usize| {
        let store = open(&address, "eight", 1).await;
        let worker = Worker::new(format!("worker {number}"));
        let mut made = Vec::new();
        loop {
            let claims = store.claim(run, &worker, 7).await.unwrap();
            if claims.is_empty() {
                break made;
            }
            for claim in &claims {
                store.write(vec![Entry::Begin(Box::new(claim.begin())), end(claim)], Some(claim)).await.unwrap();
                assert_eq!(claim.fence, 1);
            }
            made.extend(claims.iter().map(Claim::id));
        }
    };
    let made = join_all((0..8).map(work)).await.concat();
    let distinct: HashSet<_> = made.iter().collect();
    assert_eq!((made.len(), distinct.len()), (2000, 2000));
    let progress = store.progress(run).await.unwrap();
    assert_eq!((progress.planned, progress.begun, progress.ended), (2000, 2000, 2000));
    assert_eq!(store.count(&Filter { ended: Some(true), ..Filter::of_run(run.clone()) }).await.unwrap(), 2000);
    // The queue looks at none of them any more.
    let open = "SELECT count(*) FROM eight.work WHERE NOT ended";
    assert_eq!(client(&server).await.query_one(open, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn what_ended_before_it_was_planned_is_no_work_until_it_is_taken_back() {
    let Some(server) = Server::shared() else { return };
    let check = async |store: &dyn RunStore| {
        let manifest = Manifest::new("early", 1);
        let (run, question) = (manifest.id().unwrap(), Question::new("early", ["a"]));
        let begin = Trajectory::in_run(run.clone(), question.clone(), 0);
        let id = begin.id.clone();
        let end = Entry::End { attempt: id.clone(), stop: StopReason::Cancelled, answer: None };
        store.write(vec![Entry::Begin(Box::new(begin)), end.clone()], None).await.unwrap();
        assert_eq!(store.plan(&run, &[question.clone(), question.clone()], 2).await.unwrap(), 2);
        assert_eq!(store.progress(&run).await.unwrap(), Progress { planned: 2, begun: 1, ended: 1 });
        let worker = Worker { lease: Duration::MAX, ..Worker::new("early \0") };
        let claim = async |most: usize| -> Vec<u32> {
            store.claim(&run, &worker, most).await.unwrap().iter().map(|claim| claim.attempt).collect()
        };
        assert_eq!(claim(usize::MAX).await, [1]);
        store.write(vec![Entry::Reopen { attempt: id.clone() }], None).await.unwrap();
        assert_eq!(claim(0).await, [0; 0]);
        assert_eq!(claim(1).await, [0]);
        store.write(vec![end], None).await.unwrap();
        assert_eq!(store.progress(&run).await.unwrap(), Progress { planned: 2, begun: 1, ended: 1 });
    };
    check(&open(&server.address(), "early", 1).await).await;
    check(&InMemory::new()).await;
}

/// The worker that is killed: it makes attempts for ever, and says each message that is acknowledged.
#[tokio::test]
async fn child() {
    let Ok(address) = env::var(ADDRESS) else { return };
    let store = open(&address, "killed", 2).await;
    let worker = Worker { lease: Duration::from_millis(1500), ..Worker::new("killed") };
    let run = Manifest::new("killed", 1).id().unwrap();
    loop {
        for claim in store.claim(&run, &worker, 4).await.unwrap() {
            let begin = Entry::Begin(Box::new(claim.begin()));
            store.write(vec![begin], Some(&claim)).await.unwrap();
            for place in 0..MESSAGES {
                store.write(vec![message(&claim, place)], Some(&claim)).await.unwrap();
                println!("done {} {place}", claim.id());
            }
            store.write(vec![end(&claim)], Some(&claim)).await.unwrap();
            println!("done {} {MESSAGES}", claim.id());
        }
    }
}

#[tokio::test]
async fn what_a_killed_worker_had_is_finished_by_another_and_nothing_acknowledged_is_lost() {
    let Some(server) = Server::shared() else { return };
    let store = open(&server.address(), "killed", 4).await;
    let run = planned(&store, "killed", 400, 1).await;
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "workers::child", "--nocapture"])
        .env(ADDRESS, server.address())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut done = Vec::new();
    // Into the middle of an attempt.
    while done.len() < 25 {
        done.extend(said.next().unwrap().split_once("done ").map(|(_, done)| done.to_owned()));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    done.extend(said.filter_map(|line| Some(line.split_once("done ")?.1.to_owned())));

    let worker = Worker::new("next");
    let mut taken_over = 0;
    loop {
        let claims = store.claim(&run, &worker, 50).await.unwrap();
        for claim in &claims {
            taken_over += u32::from(claim.fence > 1);
            let begin = Entry::Begin(Box::new(claim.begin()));
            store.write(vec![begin], Some(claim)).await.unwrap();
            // It goes on where the other one stopped.
            let there = u32::try_from(store.get(&claim.id()).await.unwrap().trajectory.nodes().len()).unwrap();
            let rest = (there..MESSAGES).map(|place| message(claim, place)).chain([end(claim)]);
            store.write(rest.collect(), Some(claim)).await.unwrap();
        }
        if claims.is_empty() && store.progress(&run).await.unwrap().open() == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!((1..=8).contains(&taken_over), "{taken_over} attempts were taken over");
    let mut by_killed = 0;
    for one in &done {
        let (id, place) = one.split_once(' ').unwrap();
        let found = store.get(&id.into()).await.unwrap().trajectory;
        assert_eq!(found.nodes().len(), MESSAGES as usize);
        if place == MESSAGES.to_string() {
            by_killed += 1;
            assert_eq!(found.answer.as_deref(), Some("killed"));
        }
    }
    println!("{} writes were said, {by_killed} attempts ended before the kill, {taken_over} taken over", done.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_of_the_same_texts_and_attempts_do_not_stand_in_each_others_way() {
    let Some(server) = Server::shared() else { return };
    let store = Arc::new(open(&server.address(), "same_texts", 16).await);
    let run = planned(&store, "same texts", 4, 1).await;
    let claims = store.claim(&run, &Worker::new("all"), 4).await.unwrap();
    let write = async |number: usize| {
        let claim = &claims[number % 4];
        // All messages have texts in common, in another order each.
        let mut entries: Vec<Entry> = (0..MESSAGES).map(|place| message(claim, place)).collect();
        entries.rotate_left(number % 6);
        let begin = Entry::Begin(Box::new(claim.begin()));
        store.write([vec![begin], entries].concat(), (!number.is_multiple_of(3)).then_some(claim)).await
    };
    for result in join_all((0..48).map(write)).await {
        result.unwrap();
    }
    for claim in &claims {
        assert_eq!(store.get(&claim.id()).await.unwrap().trajectory.nodes().len(), MESSAGES as usize);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_ends_that_are_written_at_once_one_is_refused() {
    let Some(server) = Server::shared() else { return };
    let store = open(&server.address(), "two_ends", 16).await;
    let run = planned(&store, "two ends", 100, 1).await;
    let claims = store.claim(&run, &Worker::new("all"), 100).await.unwrap();
    store.write(claims.iter().map(|claim| Entry::Begin(Box::new(claim.begin()))).collect(), None).await.unwrap();
    let ends = claims.iter().flat_map(|claim| [(claim, "one"), (claim, "two")]).map(async |(claim, answer)| {
        let end = Entry::End { attempt: claim.id(), stop: StopReason::Answered, answer: Some(answer.to_owned()) };
        store.write(vec![end], (answer == "one").then_some(claim)).await
    });
    let ended = join_all(ends).await;
    let is_refused = |result: &&Result<(), StoreError>| matches!(result, Err(StoreError::Conflict { .. }));
    let is_written = |result: &&Result<(), StoreError>| result.is_ok();
    let counts = (ended.iter().filter(is_refused).count(), ended.iter().filter(is_written).count());
    assert_eq!(counts, (100, 100), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_is_under_way_when_the_lease_ends_comes_through_or_the_attempt_is_anothers() {
    let Some(server) = Server::shared() else { return };
    let store = open(&server.address(), "late", 4).await;
    let run = planned(&store, "late", 1, 1).await;
    let late = Worker { lease: Duration::ZERO, ..Worker::new("late") };
    let claim = store.claim(&run, &late, 1).await.unwrap().remove(0);
    store.write(vec![Entry::Begin(Box::new(claim.begin()))], Some(&claim)).await.unwrap();

    let blocker = client(&server).await;
    blocker.batch_execute("BEGIN; SELECT 1 FROM late.attempt FOR UPDATE").await.unwrap();
    let write = async || store.write(vec![message(&claim, 0)], Some(&claim)).await;
    let others = async {
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%late%'";
        while blocker.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let during = store.claim(&run, &Worker::new("next"), 1).await.unwrap();
        blocker.batch_execute("COMMIT").await.unwrap();
        during
    };
    let (written, during) = futures::join!(write(), others);
    written.unwrap();
    assert_eq!(during, []);
    assert_eq!(store.claim(&run, &Worker::new("next"), 1).await.unwrap().len(), 1);
    assert!(matches!(write().await, Err(StoreError::ClaimLost { .. })));
}

/// How much it does in a second; ask for it with `OFFSEEKER_TEST_MEASURE=1`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn measured() {
    if env::var_os("OFFSEEKER_TEST_MEASURE").is_none() {
        return;
    }
    let Some(server) = Server::shared() else { return };
    let store = Arc::new(open(&server.address(), "measured", 64).await);
    let begun = Instant::now();
    let run = &planned(&store, "measured", 100_000, 1).await;
    println!("100000 attempts planned in {} ms", begun.elapsed().as_millis());
    let begun = Instant::now();
    store.progress(run).await.unwrap();
    println!("counted in {} ms", begun.elapsed().as_millis());
    let worker = Worker::new("measured");
    for most in [1, 16] {
        let (begun, count) = (Instant::now(), AtomicU64::new(0));
        join_all((0..8).map(async |_| {
            while begun.elapsed() < Duration::from_secs(3) {
                let claims = store.claim(run, &worker, most).await.unwrap();
                count.fetch_add(claims.len() as u64, Ordering::Relaxed);
                store.release(&claims).await.unwrap();
            }
        }))
        .await;
        println!("8 workers, {most} at once: {} claims, and as many given up, in 3 s", count.into_inner());
    }
    let claims = store.claim(run, &worker, 64).await.unwrap();
    for writers in [1, 8, 64] {
        let (begun, count) = (Instant::now(), AtomicU64::new(0));
        join_all(claims.iter().take(writers).map(async |claim| {
            store.write(vec![Entry::Begin(Box::new(claim.begin()))], Some(claim)).await.unwrap();
            let first = u32::try_from(writers).unwrap() * 100_000;
            for place in first.. {
                let text = format!("{place} {} ", claim.id()).repeat(80);
                let node = Box::new(Node::given(None, Message::user(text)));
                let entry = Entry::Node { attempt: claim.id(), place: NodeId::new(place), node };
                store.write(vec![entry], Some(claim)).await.unwrap();
                count.fetch_add(1, Ordering::Relaxed);
                if begun.elapsed() > Duration::from_secs(3) {
                    break;
                }
            }
        }))
        .await;
        println!("{writers} writers: {} steps in 3 s", count.into_inner());
    }
}
