//! What is tried again, how often, and after how long.

use std::sync::Arc;
use std::time::Duration;

use offseeker_trajectory::{Limit, Message};
use tokio::time::Instant;

use super::Retry;
use crate::{ChatError, ChatModelExt, Reply, RetryPolicy, Scripted, conformance};

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
