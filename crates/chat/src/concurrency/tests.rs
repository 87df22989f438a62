//! How many are under way, and in which order they come in.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use offseeker_trajectory::Message;
use tokio::time::Instant;

use super::Concurrency;
use crate::slow::{Slow, ask_all};
use crate::{ChatError, ChatModel, ChatModelExt, Reply, Request, RetryPolicy, Scripted, conformance};

#[tokio::test]
async fn it_fulfils_the_laws() {
    for most in [0, 1, 3, usize::MAX] {
        let model = Concurrency::new(conformance::echo(), most);
        conformance::check_port(&model).await.unwrap();
        conformance::check_echo(&model).await.unwrap();
        conformance::check_transparent(&model).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_than_allowed_are_under_way() {
    for (most, seconds) in [(1, 12), (3, 4), (5, 3), (12, 1), (100, 1)] {
        let inner = Arc::new(Slow::new(Duration::from_secs(1)));
        let model = Concurrency::new(inner.clone(), most);
        let before = Instant::now();
        ask_all(&model, 0..12).await;
        assert_eq!(inner.most_at_once(), most.min(12));
        assert_eq!(before.elapsed().as_secs(), seconds);
        let in_order: Vec<String> = (0..12).map(|number| number.to_string()).collect();
        assert_eq!(inner.asked(), in_order, "first come, first served");
    }
}

#[tokio::test(start_paused = true)]
async fn a_dropped_request_frees_its_place() {
    let model = Concurrency::new(Slow::new(Duration::from_secs(1)), 1);
    let mut first = Box::pin(model.ask("first"));
    assert!((&mut first).now_or_never().is_none());
    let mut second = Box::pin(model.ask("second"));
    assert!((&mut second).now_or_never().is_none());
    drop(first);
    let before = Instant::now();
    second.await.unwrap();
    assert_eq!(before.elapsed().as_secs(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_reply_says_how_long_it_waited() {
    let asked = [Message::user("?")];
    let slow = || Slow::new(Duration::from_secs(1));
    let check = async |model: &dyn ChatModel, expected: [u64; 2]| {
        let (first, second) = futures::join!(model.reply(Request::new(&asked)), model.reply(Request::new(&asked)));
        assert_eq!([first.unwrap().waited_ms, second.unwrap().waited_ms], expected);
    };
    check(&slow().at_most(1), [0, 1_000]).await;
    check(&slow().at_most(1).at_most(1), [0, 1_000]).await;
    check(&slow().at_most(2), [0, 0]).await;
    let twice = Mutex::new(0);
    let flaky = Scripted::by(move |_| {
        let mut tries = twice.lock().unwrap();
        *tries += 1;
        if *tries % 2 == 1 { Err(ChatError::transient("once more")) } else { Ok(Reply::new(Message::assistant("!"))) }
    });
    let reply = flaky.retrying(RetryPolicy::default()).reply(Request::new(&asked)).await.unwrap();
    assert!(reply.waited_ms > 0, "it waited between two tries");
}
