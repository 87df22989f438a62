//! The limit holds, whoever asks when, and nothing is set aside for ever.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::join_all;
use offseeker_trajectory::{Limit, Message, Usage};
use proptest::prelude::*;
use tokio::time::{Instant, sleep, timeout};

use super::{Allowance, Budget, Ledger};
use crate::slow::{Slow, ask_all};
use crate::{ChatError, ChatModel, ChatModelExt, Reply, Request, Sampling, Scripted, conformance};

fn ledger(requests: Option<u64>, tokens: Option<u64>, cost_microusd: Option<u64>) -> Arc<Ledger> {
    Arc::new(Ledger::new(Allowance { requests, tokens, cost_microusd }))
}

fn using(tokens: u64, cost_microusd: u64) -> Reply {
    let usage = Usage { requests: 1, completion_tokens: tokens, cost_microusd, ..Usage::default() };
    Reply { usage, ..Reply::new(Message::assistant("ok")) }
}

/// Takes a second and so many tokens.
fn taking(tokens: u64) -> Slow {
    Slow::by(move |_| (Duration::from_secs(1), Ok(using(tokens, 0))))
}

async fn ask(model: &dyn ChatModel, text: &str, max_tokens: u32) -> Result<Reply, ChatError> {
    let sampling = Sampling { max_tokens: Some(max_tokens), ..Sampling::default() };
    model.reply(Request::new(&[Message::user(text)]).sampling(&sampling)).await
}

#[tokio::test]
async fn it_fulfils_the_laws() {
    let plenty = Some(u64::MAX);
    for ledger in [ledger(None, None, None), ledger(plenty, plenty, plenty)] {
        let model = Budget::new(Budget::new(conformance::echo(), Arc::new(Ledger::new(Allowance::default()))), ledger);
        conformance::check_port(&model).await.unwrap();
        conformance::check_echo(&model).await.unwrap();
        conformance::check_transparent(&model).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn requests_are_counted_exactly_whatever_becomes_of_them() {
    let inner = Arc::new(Slow::by(|text| {
        let answer = if text == "fail" { Err(ChatError::transient("no")) } else { Ok(using(1, 0)) };
        (Duration::from_secs(1), answer)
    }));
    let ledger = ledger(Some(4), None, None);
    let model = Budget::new(inner.clone(), ledger.clone());
    assert!(model.ask("fail").await.is_err());
    assert!(timeout(Duration::from_millis(10), model.ask("dropped")).await.is_err());
    let answers = ask_all(&model, ["a", "b", "c", "d"]).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 2);
    let spent = ChatError::Budget { which: Limit::Requests, spent: 4, allowed: 4 };
    assert_eq!(answers[3], Err(spent));
    assert_eq!((inner.asked().len(), ledger.spent().requests), (4, 4));
}

#[tokio::test]
async fn the_first_limit_that_is_reached_is_named() {
    let check = async |ledger: Arc<Ledger>, which, spent, allowed| {
        let model = Budget::new(Scripted::by(|_| Ok(using(10, 500))), ledger.clone());
        model.ask("?").await.unwrap();
        assert_eq!(model.ask("?").await, Err(ChatError::Budget { which, spent, allowed }));
        assert_eq!(ledger.spent().requests, 1, "a request that is not made is not counted");
    };
    check(ledger(Some(1), Some(10), Some(500)), Limit::Requests, 1, 1).await;
    check(ledger(Some(2), Some(10), Some(500)), Limit::Tokens, 10, 10).await;
    check(ledger(Some(2), Some(11), Some(500)), Limit::Cost, 500, 500).await;
    check(ledger(None, Some(3), None), Limit::Tokens, 10, 3).await;
    check(ledger(None, None, Some(1)), Limit::Cost, 500, 1).await;
}

#[tokio::test(start_paused = true)]
async fn as_many_go_at_once_as_fit() {
    // A request may take 20 tokens, one for its text and 19 for its reply, and takes 10. So of 130 six go first, three
    // of the 70 that are left then, two of 40, the last of 20.
    for (allowed, most_at_once, seconds) in [(1_000, 12, 1), (240, 12, 1), (130, 6, 4), (139, 6, 4)] {
        let inner = Arc::new(taking(10));
        let model = Budget::new(inner.clone(), ledger(None, Some(allowed), None));
        let before = Instant::now();
        join_all((0..12).map(|_| ask(&model, "text", 19))).await.into_iter().for_each(|answer| drop(answer.unwrap()));
        assert_eq!((inner.most_at_once(), before.elapsed().as_secs()), (most_at_once, seconds), "{allowed}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_known_goes_alone_first() {
    let inner = Arc::new(Slow::by(|_| (Duration::from_secs(1), Ok(using(10, 5)))));
    let model = Budget::new(inner.clone(), ledger(None, None, Some(1_000_000)));
    let before = Instant::now();
    join_all((0..12).map(|_| ask(&model, "text", 19))).await;
    assert_eq!((inner.most_at_once(), before.elapsed().as_secs()), (11, 2));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_does_not_fit_goes_when_it_is_alone() {
    let ledger = ledger(None, Some(15), None);
    let model = Budget::new(taking(10), ledger.clone());
    let answers = join_all((0..4).map(|_| ask(&model, "text", 19))).await;
    let spent = ChatError::Budget { which: Limit::Tokens, spent: 20, allowed: 15 };
    assert!(answers[..2].iter().all(Result::is_ok));
    assert!(answers[2..].iter().all(|answer| answer.as_ref() == Err(&spent)));
    assert_eq!(ledger.spent().total_tokens(), 20);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_free() {
    // The first has everything set aside, so a request for nothing waits for it too.
    let inner = Arc::new(taking(10));
    let model = Budget::new(inner.clone(), ledger(None, Some(15), None));
    let answers = futures::join!(ask(&model, "text", 19), ask(&model, "", 0));
    assert!(answers.0.is_ok() && answers.1.is_ok());
    assert_eq!(inner.most_at_once(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_or_failed_request_frees_what_was_set_aside() {
    let inner = Slow::by(|text| match text {
        "fail" => (Duration::from_secs(1), Err(ChatError::broken("no"))),
        _ => (Duration::from_secs(100), Ok(using(1, 0))),
    });
    let model = Budget::new(inner, ledger(None, Some(100), None));
    let before = Instant::now();
    for _ in 0..10 {
        assert!(ask(&model, "fail", 99).await.is_err());
        assert!(timeout(Duration::from_secs(1), ask(&model, "dropped", 99)).await.is_err());
    }
    // One is under way, one waits and gives up, one waits and goes.
    let mut first = Box::pin(ask(&model, "first", 99));
    let mut second = Box::pin(ask(&model, "second", 99));
    let mut third = Box::pin(ask(&model, "third", 99));
    for waiting in [&mut first, &mut second, &mut third] {
        assert!(waiting.now_or_never().is_none());
    }
    drop(second);
    drop(first);
    third.await.unwrap();
    assert_eq!(before.elapsed().as_secs(), 10 * 2 + 100);
}

#[tokio::test]
async fn tokens_that_the_server_keeps_to_itself_are_counted_by_bytes() {
    let ledger = ledger(None, Some(100), None);
    let silent = Reply { usage: Usage { requests: 1, ..Usage::default() }, ..Reply::new(Message::assistant("12345")) };
    let model = Budget::new(Scripted::by(move |_| Ok(silent.clone())), ledger.clone());
    assert_eq!(model.ask("12345678").await.unwrap(), "12345");
    let spent = ledger.spent();
    assert_eq!((spent.prompt_tokens, spent.completion_tokens), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn ledgers_nest() {
    let run = ledger(Some(5), None, None);
    let model = Budget::new(taking(1), run.clone());
    let (one, other) = (ledger(Some(3), None, None), ledger(Some(3), None, None));
    let (first, second) = (Budget::new(&model, one.clone()), Budget::new(&model, other.clone()));
    let (answers, others) = futures::join!(ask_all(&first, 0..4), ask_all(&second, 0..4));
    let good = |answers: &[Result<String, ChatError>]| answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!((good(&answers), good(&others)), (3, 2));
    assert_eq!(answers[3], Err(ChatError::Budget { which: Limit::Requests, spent: 3, allowed: 3 }));
    assert_eq!(others[2], Err(ChatError::Budget { which: Limit::Requests, spent: 5, allowed: 5 }));
    assert_eq!((run.spent().requests, one.spent().requests, other.spent().requests), (5, 3, 3));
}

#[tokio::test]
async fn a_ledger_goes_on_where_it_was_written() {
    let model_of = |ledger| Budget::new(Scripted::by(|_| Ok(using(10, 3))), ledger);
    let before = ledger(None, Some(30), None);
    model_of(before.clone()).ask("?").await.unwrap();
    let text = serde_json::to_string(&*before).unwrap();
    let expected = r#"{"allowance":{"tokens":30},"spent":{"requests":1,"prompt_tokens":0,"completion_tokens":10,"cost_microusd":3}}"#;
    assert_eq!(text, expected);
    let after: Arc<Ledger> = Arc::new(serde_json::from_str(&text).unwrap());
    assert_eq!((after.allowance(), after.spent()), (before.allowance(), before.spent()));
    let model = model_of(after);
    model.ask("?").await.unwrap();
    model.ask("?").await.unwrap();
    assert_eq!(model.ask("?").await, Err(ChatError::Budget { which: Limit::Tokens, spent: 30, allowed: 30 }));
    assert!(serde_json::from_str::<Ledger>(r#"{"allowance":{"token":30}}"#).is_err(), "a slip is no limit");
}

#[derive(Debug, Clone)]
struct Asked {
    at_ms: u64,
    takes_ms: u64,
    tokens: u64,
    /// How much more the request might have taken.
    spare: u32,
    fails: bool,
    dropped_after_ms: Option<u64>,
}

fn asked() -> impl Strategy<Value = Asked> {
    let times = (0_u64..300, 0_u64..100, proptest::option::weighted(0.2, 0_u64..100));
    (times, 1_u64..100, 0_u32..100, proptest::bool::weighted(0.1)).prop_map(
        |((at_ms, takes_ms, dropped_after_ms), tokens, spare, fails)| Asked {
            at_ms,
            takes_ms,
            tokens,
            spare,
            fails,
            dropped_after_ms,
        },
    )
}

/// Makes the requests, each at its time, and gives the number of those that were made.
async fn carry_out(plan: &[Asked], price: u64, ledger: &Arc<Ledger>) -> usize {
    let rows = plan.to_vec();
    let inner = Arc::new(Slow::by(move |text| {
        let Asked { takes_ms, tokens, fails, .. } = rows[text.parse::<usize>().unwrap()];
        let answer = if fails { Err(ChatError::broken("no")) } else { Ok(using(tokens, tokens * price)) };
        (Duration::from_millis(takes_ms), answer)
    }));
    let model = Budget::new(inner.clone(), ledger.clone());
    join_all(plan.iter().enumerate().map(async |(number, asked)| {
        sleep(Duration::from_millis(asked.at_ms)).await;
        let most = u32::try_from(asked.tokens).unwrap() + asked.spare;
        let patience = Duration::from_millis(asked.dropped_after_ms.unwrap_or(u64::from(u32::MAX)));
        let (text, started) = (number.to_string(), Instant::now());
        let answer = timeout(patience, ask(&model, &text, most)).await;
        assert!(answer.is_ok() || asked.dropped_after_ms.is_some(), "it hangs since {:?}", started.elapsed());
    }))
    .await;
    inner.asked().len()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_limit_is_passed_by_more_than_one_request(
        plan in proptest::collection::vec(asked(), 1..30), price in 1_u64..5,
        requests in proptest::option::of(0_u64..20),
        tokens in proptest::option::of(0_u64..800),
        cost in proptest::option::of(0_u64..3_000),
    ) {
        let ledger = ledger(requests, tokens, cost);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let made = runtime.block_on(carry_out(&plan, price, &ledger));
        let spent = ledger.spent();
        let largest = plan.iter().map(|asked| asked.tokens).max().unwrap();
        prop_assert_eq!(spent.requests, made as u64);
        prop_assert!(requests.is_none_or(|allowed| spent.requests <= allowed));
        prop_assert!(tokens.is_none_or(|allowed| spent.total_tokens() < allowed.max(1) + largest));
        prop_assert!(cost.is_none_or(|allowed| spent.cost_microusd < allowed.max(1) + largest * price));
        // Nothing is set aside any more: who comes next is turned away or goes at once.
        let left = runtime.block_on(async { ledger.reserve(|| (u64::MAX, u64::MAX)).now_or_never().map(|it| it.is_ok()) });
        prop_assert!(left.is_some());
    }
}
