//! What is tried again, how often, and after how long.

use std::sync::Arc;
use std::time::Duration;

use offseeker_trajectory::{Limit, Message};
use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::time::Instant;

use super::{Retry, RetryPolicy};
use crate::{ChatError, ChatModelExt, Reply, Scripted, conformance};

fn limited(seconds: Option<u64>) -> ChatError {
    ChatError::RateLimited { reason: "slow down".to_owned(), retry_after: seconds.map(Duration::from_secs) }
}

#[tokio::test(start_paused = true)]
async fn it_fulfils_the_laws() {
    let model = Retry::new(conformance::echo(), RetryPolicy::default());
    conformance::check_port(&model).await.unwrap();
    conformance::check_echo(&model).await.unwrap();
    conformance::check_transparent(&model).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn only_what_passes_is_tried_again() {
    let check = async |error: ChatError, asked: usize| {
        let failing = error.clone();
        let model = Arc::new(Scripted::by(move |_| Err(failing.clone())));
        let found = Retry::new(model.clone(), RetryPolicy::default()).ask("?").await.unwrap_err();
        assert_eq!((found, model.asked().len()), (error.clone(), asked), "{error}");
    };
    let reason = || "no".to_owned();
    check(ChatError::transient("no"), 5).await;
    check(limited(None), 5).await;
    check(limited(Some(120)), 5).await;
    check(limited(Some(121)), 1).await;
    check(ChatError::ContextTooLong { reason: reason(), limit: None, used: None }, 1).await;
    check(ChatError::Refused { reason: reason() }, 1).await;
    check(ChatError::Unauthorized { reason: reason() }, 1).await;
    check(ChatError::invalid("no"), 1).await;
    check(ChatError::broken("no"), 1).await;
    check(ChatError::NotRecorded { key: reason() }, 1).await;
    check(ChatError::Budget { which: Limit::Tokens, spent: 1, allowed: 1 }, 1).await;
}

#[tokio::test(start_paused = true)]
async fn the_first_reply_ends_it() {
    let reply = Ok(Reply::new(Message::assistant("the Orsa")));
    let model = Scripted::replying([Err(ChatError::transient("cut")), Err(limited(Some(3))), reply]);
    let before = Instant::now();
    assert_eq!(Retry::new(model, RetryPolicy::default()).ask("?").await.unwrap(), "the Orsa");
    let took = before.elapsed();
    // Up to one second after the first failure; the three that were asked for and up to two after the second.
    assert!(took >= Duration::from_secs(3) && took <= Duration::from_millis(6010), "{took:?}");
}

#[tokio::test]
async fn nought_tries_are_one() {
    let model = Arc::new(Scripted::by(|_| Err(ChatError::transient("no"))));
    let policy = RetryPolicy { tries: 0, ..RetryPolicy::default() };
    assert!(Retry::new(model.clone(), policy).ask("?").await.is_err());
    assert_eq!(model.asked().len(), 1);
}

#[test]
fn the_whole_range_is_drawn_from() {
    let policy = RetryPolicy { tries: u32::MAX, ..RetryPolicy::default() };
    let mut rng = StdRng::seed_from_u64(7);
    for (failures, longest) in [(1, 1.0), (2, 2.0), (4, 8.0), (5, 16.0), (6, 30.0), (60, 30.0), (u32::MAX - 1, 30.0)] {
        let mut draw = || policy.wait(failures, &ChatError::transient("no"), &mut rng).unwrap().as_secs_f64() / longest;
        let mut tenths = [0_u32; 10];
        for _ in 0..10_000 {
            tenths[((draw() * 10.0) as usize).min(9)] += 1;
        }
        // Ten bins of a thousand: five standard deviations are 150.
        assert!(tenths.iter().all(|&count| count.abs_diff(1000) < 150), "after {failures} failures: {tenths:?}");
    }
}

#[test]
fn a_policy_is_written_in_seconds() {
    let policy = RetryPolicy { base: Duration::from_millis(250), ..RetryPolicy::default() };
    let text = r#"{"tries":5,"base":0.25,"cap":30.0,"longest_wait":120.0}"#;
    assert_eq!(serde_json::to_string(&policy).unwrap(), text);
    assert_eq!(serde_json::from_str::<RetryPolicy>(text).unwrap(), policy);
    assert_eq!(serde_json::from_str::<RetryPolicy>("{}").unwrap(), RetryPolicy::default());
    for wrong in [r#"{"base":-1}"#, r#"{"base":1e300}"#, r#"{"bases":1}"#] {
        assert!(serde_json::from_str::<RetryPolicy>(wrong).is_err(), "{wrong}");
    }
}

proptest! {
    #[test]
    fn a_wait_is_never_shorter_than_asked_nor_longer_than_allowed(
        failures in 1_u32..9, asked in proptest::option::of(0_u64..200), seed: u64,
        tries in 0_u32..9, base in 0_u64..50, cap in 0_u64..50, longest in 0_u64..150,
    ) {
        let second = Duration::from_secs;
        let policy = RetryPolicy { tries, base: second(base), cap: second(cap), longest_wait: second(longest) };
        let wait = policy.wait(failures, &limited(asked), &mut StdRng::seed_from_u64(seed));
        let asked = asked.unwrap_or(0);
        prop_assert_eq!(wait.is_some(), failures < tries && asked <= longest);
        if let Some(wait) = wait {
            let most = (base << (failures - 1)).min(cap);
            prop_assert!(wait >= second(asked) && wait <= second(asked + most));
        }
    }
}
