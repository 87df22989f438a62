//! The rate holds, nobody hangs, nobody pushes in.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use futures::future::join_all;
use offseeker_trajectory::{Message, Usage};
use proptest::prelude::*;
use tokio::time::Instant;

use super::{Limiter, RateLimit, Rates};
use crate::slow::{Slow, ask_all};
use crate::{ChatError, ChatModel, ChatModelExt, Reply, Request, Sampling, Scripted, conformance};

fn requests(per_minute: u32, burst_s: u64) -> Rates {
    Rates { requests_per_minute: Some(per_minute), burst: Duration::from_secs(burst_s), ..Rates::default() }
}

fn tokens(per_minute: u64, burst_s: u64) -> Rates {
    Rates { tokens_per_minute: Some(per_minute), burst: Duration::from_secs(burst_s), ..Rates::default() }
}

fn using(tokens: u64) -> Reply {
    let usage = Usage { requests: 1, completion_tokens: tokens, ..Usage::default() };
    Reply { usage, ..Reply::new(Message::assistant("ok")) }
}

fn limited(seconds: u64) -> ChatError {
    ChatError::RateLimited { reason: "slow down".to_owned(), retry_after: Some(Duration::from_secs(seconds)) }
}

#[tokio::test(start_paused = true)]
async fn it_fulfils_the_laws() {
    let rates = Rates { requests_per_minute: Some(60), tokens_per_minute: Some(10_000), ..Rates::default() };
    for rates in [Rates::default(), rates] {
        let model = RateLimit::new(conformance::echo(), rates);
        conformance::check_port(&model).await.unwrap();
        conformance::check_echo(&model).await.unwrap();
        conformance::check_transparent(&model).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn requests_go_at_their_rate_and_in_their_order() {
    // Requests a minute, burst, and the second in which each of eight requests goes.
    let table = [
        (60, 1, [0, 1, 2, 3, 4, 5, 6, 7]),
        (60, 3, [0, 0, 0, 1, 2, 3, 4, 5]),
        (60, 60, [0; 8]),
        (6, 1, [0, 10, 20, 30, 40, 50, 60, 70]),
        (120, 2, [0, 0, 0, 0, 0, 1, 1, 2]),
    ];
    for (rate, burst, expected) in table {
        let inner = Arc::new(Slow::new(Duration::from_secs(30)));
        let model = RateLimit::new(inner.clone(), requests(rate, burst));
        let before = Instant::now();
        ask_all(&model, 0..8).await;
        let went: Vec<u64> = inner.started().iter().map(|(_, at)| (*at - before).as_secs()).collect();
        assert_eq!(went, expected, "{rate} a minute with a burst of {burst} s");
        assert_eq!(inner.asked(), ["0", "1", "2", "3", "4", "5", "6", "7"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_larger_than_the_bucket_goes_through_and_leaves_a_debt() {
    let model = RateLimit::new(Scripted::by(|_| Ok(using(6_000))), tokens(600, 6));
    let before = Instant::now();
    // The first goes at once; each later one waits until the 6,000 of the one before are paid and the bucket is full.
    for expected in [0, 600, 1_200] {
        model.ask("?").await.unwrap();
        let went = before.elapsed().as_secs();
        assert!(went.abs_diff(expected) <= 6, "went after {went} s instead of {expected}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_not_taken_is_given_back() {
    let before = Instant::now();
    let model = RateLimit::new(Scripted::by(|_| Ok(using(1))), tokens(6_000, 6));
    for _ in 0..100 {
        model.ask("?").await.unwrap();
    }
    assert!(before.elapsed() < Duration::from_secs(1), "{:?}", before.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_refund_wakes_who_waits() {
    let inner = Slow::by(|text| (Duration::from_secs(if text == "first" { 2 } else { 0 }), Ok(using(1))));
    let model = RateLimit::new(inner, tokens(600, 1));
    let before = Instant::now();
    ask_all(&model, ["first", "second"]).await;
    // Paying the first guess of 512 tokens would have taken 51 seconds.
    assert_eq!(before.elapsed().as_secs(), 2);
}

#[tokio::test(start_paused = true)]
async fn only_a_failure_after_sampling_keeps_its_tokens() {
    let check = async |error: ChatError, keeps: bool| {
        let failing = error.clone();
        let model = RateLimit::new(Scripted::by(move |_| Err(failing.clone())), tokens(600, 6));
        let before = Instant::now();
        assert!(model.ask("?").await.is_err());
        assert!(model.ask("?").await.is_err());
        assert_eq!(before.elapsed() > Duration::from_secs(10), keeps, "{error}");
    };
    let reason = || "no".to_owned();
    check(ChatError::transient("no"), true).await;
    check(ChatError::broken("no"), true).await;
    check(ChatError::Refused { reason: reason() }, true).await;
    check(ChatError::invalid("no"), false).await;
    check(limited(1), false).await;
    check(ChatError::Unauthorized { reason: reason() }, false).await;
    check(ChatError::ContextTooLong { reason: reason(), limit: None, used: None }, false).await;
}

#[tokio::test(start_paused = true)]
async fn when_the_server_asks_to_wait_everybody_waits() {
    let answers = [Err(limited(30)), Ok(using(1)), Ok(using(1)), Ok(using(1))];
    let limiter = Limiter::new(Rates::default());
    let one = RateLimit::new(Scripted::replying(answers), limiter.clone());
    let other = RateLimit::new(Scripted::saying(["hello"]), limiter);
    let before = Instant::now();
    assert_eq!(one.ask("?").await, Err(limited(30)));
    let (answers, answer) = futures::join!(ask_all(&one, ["a", "b", "c"]), other.ask("d"));
    assert!(answers.iter().all(Result::is_ok) && answer.is_ok());
    assert_eq!(before.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_is_too_long_is_an_error_and_not_a_hang() {
    let inner = Slow::by(|text| match text {
        "first" => (Duration::from_secs(1), Err(limited(3_600))),
        _ => (Duration::ZERO, Ok(using(1))),
    });
    let model = RateLimit::new(inner, requests(1, 60));
    let before = Instant::now();
    // The second waits for the rate already when the first is told to wait.
    let answers = ask_all(&model, ["first", "second"]).await;
    assert_eq!(answers[0], Err(limited(3_600)));
    assert_eq!(answers[1].as_ref().unwrap_err().retry_after(), Some(Duration::from_secs(3_600)));
    assert_eq!(before.elapsed().as_secs(), 1);
    tokio::time::sleep(Duration::from_secs(3_500)).await;
    model.ask("third").await.unwrap();
    assert_eq!(before.elapsed().as_secs(), 3_601);
}

#[tokio::test(start_paused = true)]
async fn a_rate_of_nought_lets_nothing_through() {
    for rates in [requests(0, 6), tokens(0, 6)] {
        let failed = RateLimit::new(conformance::echo(), rates).ask("?").await.unwrap_err();
        assert_eq!(failed.kind(), "budget");
    }
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_gives_way() {
    let model = RateLimit::new(Slow::new(Duration::ZERO), requests(6, 1));
    let before = Instant::now();
    model.ask("first").await.unwrap();
    let mut second = Box::pin(model.ask("second"));
    assert!((&mut second).now_or_never().is_none());
    let mut third = Box::pin(model.ask("third"));
    assert!((&mut third).now_or_never().is_none());
    drop(second);
    third.await.unwrap();
    assert_eq!(before.elapsed().as_secs(), 10);
}

async fn ask_for(model: &dyn ChatModel, text: &str, max_tokens: u32) {
    let sampling = Sampling { max_tokens: Some(max_tokens), ..Sampling::default() };
    model.reply(Request::new(&[Message::user(text)]).sampling(&sampling)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_small_request_does_not_pass_a_large_one() {
    let inner = Arc::new(Slow::by(|_| (Duration::from_secs(600), Ok(using(1)))));
    let model = RateLimit::new(inner.clone(), tokens(600, 60));
    let before = Instant::now();
    let _ = futures::join!(ask_for(&model, "first", 512), ask_for(&model, "large", 500), ask_for(&model, "tiny", 1));
    assert_eq!(inner.asked(), ["first", "large", "tiny"]);
    // There are 86 of 600 tokens left for the second, which wants 502, at ten a second.
    let went: Vec<u64> = inner.started().iter().map(|(_, at)| (*at - before).as_secs()).collect();
    assert_eq!(went, [0, 41, 41]);
}

#[tokio::test(start_paused = true)]
async fn what_is_given_back_makes_no_larger_burst() {
    let inner = Arc::new(Slow::by(|text| match text {
        "long" => (Duration::from_secs(300), Ok(using(2))),
        _ => (Duration::ZERO, Ok(using(60))),
    }));
    let model = RateLimit::new(inner.clone(), tokens(600, 6));
    ask_for(&model, "long", 500).await;
    let before = Instant::now();
    for _ in 0..4 {
        ask_for(&model, "next", 58).await;
    }
    for (number, (_, at)) in inner.started()[1..].iter().enumerate() {
        let (taken, there) = (60.0 * number as f64, 60.0 + 10.0 * (*at - before).as_secs_f64());
        assert!(taken <= there, "{taken} tokens were taken where {there} came");
    }
}

#[tokio::test(start_paused = true)]
async fn absurd_rates_do_no_harm() {
    let most = Rates {
        requests_per_minute: Some(u32::MAX),
        tokens_per_minute: Some(u64::MAX),
        burst: Duration::MAX,
        longest_pause: Duration::MAX,
    };
    let slow = Rates { tokens_per_minute: Some(1), burst: Duration::ZERO, ..Rates::default() };
    for rates in [most, slow] {
        let model = RateLimit::new(Scripted::by(|_| Ok(using(u64::MAX))), rates);
        model.ask("?").await.unwrap();
        let _ = model.ask("?").now_or_never();
    }
    let endless = ChatError::RateLimited { reason: String::new(), retry_after: Some(Duration::MAX) };
    let failing = endless.clone();
    let model = RateLimit::new(Scripted::by(move |_| Err(failing.clone())), Rates::default());
    assert_eq!(model.ask("?").await, Err(endless));
    assert!(model.ask("?").await.unwrap_err().retry_after().unwrap() > Duration::from_secs(1_000_000));
}

#[derive(Debug, Clone)]
struct Asked {
    at_ms: u64,
    takes_ms: u64,
    tokens: u64,
    max_tokens: Option<u32>,
}

fn asked() -> impl Strategy<Value = Asked> {
    (0_u64..20_000, 0_u64..5_000, 0_u64..800, proptest::option::of(1_u32..1_000))
        .prop_map(|(at_ms, takes_ms, tokens, max_tokens)| Asked { at_ms, takes_ms, tokens, max_tokens })
}

/// Makes the requests and says when each went and was done, and what it took.
async fn went(rates: Rates, plan: &[Asked]) -> Vec<(Duration, Duration, u64)> {
    let went = Arc::new(Mutex::new(vec![(Duration::MAX, Duration::MAX, 0); plan.len()]));
    let begin = Instant::now();
    let (rows, noted) = (plan.to_vec(), went.clone());
    let model = RateLimit::new(
        Slow::by(move |text| {
            let number: usize = text.parse().unwrap();
            let Asked { takes_ms, tokens, .. } = rows[number];
            let (now, takes) = (begin.elapsed(), Duration::from_millis(takes_ms));
            noted.lock().unwrap()[number] = (now, now + takes, tokens);
            (takes, Ok(using(tokens)))
        }),
        rates,
    );
    join_all(plan.iter().enumerate().map(async |(number, asked)| {
        tokio::time::sleep(Duration::from_millis(asked.at_ms)).await;
        let sampling = Sampling { max_tokens: asked.max_tokens, ..Sampling::default() };
        let messages = [Message::user(number.to_string())];
        model.reply(Request::new(&messages).sampling(&sampling)).await.unwrap();
    }))
    .await;
    let went = went.lock().unwrap();
    went.clone()
}

fn paused<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn tokens_never_go_faster_than_their_rate(
        plan in proptest::collection::vec(asked(), 1..24), rate in 60_u64..60_000, burst_s in 0_u64..20,
    ) {
        let went = paused(went(tokens(rate, burst_s), &plan));
        let allowed = |at: Duration| {
            (rate as f64 / 60.0 * burst_s as f64).max(1.0) + rate as f64 / 60.0 * at.as_secs_f64()
        };
        for &(start, ..) in &went {
            // What is settled when one goes. A reply without tokens is counted by its bytes: `ok` and the number.
            let taken: u64 = went.iter().filter(|done| done.1 < start).map(|done| if done.2 == 0 { 2 } else { done.2 }).sum();
            prop_assert!(taken as f64 <= allowed(start) + 1e-6, "{taken} by {start:?}: {went:?}");
        }
    }

    #[test]
    fn requests_never_go_faster_than_their_rate_in_any_window(
        plan in proptest::collection::vec(asked(), 1..24), rate in 1_u32..600, burst_s in 0_u64..20,
    ) {
        let mut went = paused(went(requests(rate, burst_s), &plan));
        went.sort_unstable();
        let burst = (f64::from(rate) / 60.0 * burst_s as f64).max(1.0);
        for (first, &(from, ..)) in went.iter().enumerate() {
            for (last, &(to, ..)) in went.iter().enumerate().skip(first) {
                let allowed = burst + f64::from(rate) / 60.0 * (to - from).as_secs_f64();
                prop_assert!((last - first + 1) as f64 <= allowed + 1e-6, "{went:?}");
            }
        }
    }
}
