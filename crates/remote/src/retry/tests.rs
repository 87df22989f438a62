//! How often it is asked, after how long, and how that is written.

use std::cell::Cell;
use std::time::Duration;

use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::time::Instant;

use super::RetryPolicy;
use crate::fault::Fault;

async fn asked(policy: RetryPolicy, answers: &[Result<u32, Fault>]) -> (Result<u32, Fault>, usize) {
    let asked = Cell::new(0);
    let answer = policy.run("test", async || {
        let answer = answers[asked.get().min(answers.len() - 1)].clone();
        asked.set(asked.get() + 1);
        answer
    });
    (answer.await, asked.get())
}

#[tokio::test(start_paused = true)]
async fn only_what_passes_is_tried_again() {
    let check = async |answers: &[Result<u32, Fault>], expected: Result<u32, Fault>, times: usize| {
        let found = asked(RetryPolicy::default(), answers).await;
        assert_eq!(found, (expected, times), "{answers:?}");
    };
    let limited = |seconds: u64| Err(Fault::Limited(Some(seconds)));
    check(&[Ok(7)], Ok(7), 1).await;
    check(&[Err(Fault::Passes)], Err(Fault::Passes), 5).await;
    check(&[Err(Fault::Passes), limited(3), Ok(7)], Ok(7), 3).await;
    check(&[Err(Fault::Passes), Err(Fault::Verdict)], Err(Fault::Verdict), 2).await;
    check(&[Err(Fault::Broken)], Err(Fault::Broken), 1).await;
    check(&[limited(120)], limited(120), 5).await;
    check(&[limited(121)], limited(121), 1).await;
}

#[tokio::test(start_paused = true)]
async fn the_wait_is_what_was_asked_and_a_part_that_is_drawn() {
    let before = Instant::now();
    let answers = [Err(Fault::Passes), Err(Fault::Limited(Some(3))), Ok(7)];
    asked(RetryPolicy::default(), &answers).await.0.unwrap();
    let took = before.elapsed();
    // Up to one second after the first failure; the three that were asked for and up to two after the second.
    assert!(took >= Duration::from_secs(3) && took <= Duration::from_millis(6010), "{took:?}");
}

#[tokio::test]
async fn nought_tries_are_one() {
    let policy = RetryPolicy { tries: 0, ..RetryPolicy::default() };
    assert_eq!(asked(policy, &[Err(Fault::Passes)]).await, (Err(Fault::Passes), 1));
}

#[test]
fn the_whole_range_is_drawn_from() {
    let policy = RetryPolicy { tries: u32::MAX, ..RetryPolicy::default() };
    let mut rng = StdRng::seed_from_u64(7);
    for (failures, longest) in [(1, 1.0), (2, 2.0), (4, 8.0), (5, 16.0), (6, 30.0), (60, 30.0), (u32::MAX - 1, 30.0)] {
        let mut draw = || policy.wait(failures, &Fault::Passes, &mut rng).unwrap().as_secs_f64() / longest;
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
        let wait = policy.wait(failures, &Fault::Limited(asked), &mut StdRng::seed_from_u64(seed));
        let asked = asked.unwrap_or(0);
        prop_assert_eq!(wait.is_some(), failures < tries && asked <= longest);
        if let Some(wait) = wait {
            let most = (base << (failures - 1)).min(cap);
            prop_assert!(wait >= second(asked) && wait <= second(asked + most));
        }
    }
}
