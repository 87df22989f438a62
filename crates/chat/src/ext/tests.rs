//! All wrappers together, in the order that is right.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use offseeker_trajectory::Message;

use crate::slow::Slow;
use crate::{
    Allowance, ChatError, ChatModel, ChatModelExt, Endpoints, Ledger, Mode, Rates, Reply, RetryPolicy, conformance,
};

fn ledger(requests: u64) -> Arc<Ledger> {
    Arc::new(Ledger::new(Allowance { requests: Some(requests), ..Allowance::default() }))
}

fn wrapped<M: ChatModel + 'static>(
    servers: Vec<M>,
    tries: u32,
    run: &Arc<Ledger>,
    item: &Arc<Ledger>,
) -> impl ChatModel + use<M> {
    let rates = Rates { requests_per_minute: Some(600), tokens_per_minute: Some(1_000_000), ..Rates::default() };
    let servers = servers.into_iter().map(|server| server.rate_limited(rates.clone()).at_most(4));
    let policy = RetryPolicy { tries, ..RetryPolicy::default() };
    Endpoints::new("servers", servers).retrying(policy).budgeted(run.clone()).budgeted(item.clone())
}

#[tokio::test(start_paused = true)]
async fn together_they_fulfil_the_laws() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        // So few tries that the failures which the echo is told to have do not lay the servers to rest.
        let servers = (0..3).map(|_| conformance::echo()).collect();
        let model = wrapped(servers, 2, &ledger(1_000), &ledger(1_000)).recorded(folder.path(), Mode::Replay);
        conformance::check_port(&model).await.unwrap();
        conformance::check_echo(&model).await.unwrap();
        conformance::check_transparent(&model).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_retried_or_replayed_is_paid_for_once() {
    let folder = tempfile::tempdir().unwrap();
    let tried = Arc::new(Mutex::new(Vec::new()));
    let noted = tried.clone();
    // The first try of each request fails.
    let server = Slow::by(move |text| {
        let mut noted = noted.lock().unwrap();
        let is_first = !noted.iter().any(|known| known == text);
        noted.push(text.to_owned());
        let answer = Ok(Reply::new(Message::assistant(text)));
        (Duration::from_secs(1), if is_first { Err(ChatError::transient("no")) } else { answer })
    });
    let (run, item) = (ledger(20), ledger(10));
    let model = wrapped(vec![server], 5, &run, &item).recorded(folder.path(), Mode::Replay);
    for _ in 0..3 {
        for text in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"] {
            assert_eq!(model.ask(text).await.unwrap(), text);
        }
    }
    assert_eq!((run.spent().requests, item.spent().requests), (10, 10));
    assert_eq!(tried.lock().unwrap().len(), 20);
    assert_eq!(model.ask("one more").await.unwrap_err().kind(), "budget");
}
