//! The rate holds, nobody hangs, nobody pushes in. What tokens do is tested where they are counted, in `chat`.

use std::num::NonZeroU32;
use std::time::Duration;

use futures::FutureExt;
use futures::future::join_all;
use proptest::prelude::*;
use tokio::time::Instant;

use super::{Pace, Paused, Throttle};

const SECOND: Duration = Duration::from_secs(1);

fn pace(per_minute: u32, burst_s: u64) -> Pace {
    let requests = NonZeroU32::new(per_minute).unwrap();
    Pace { burst: SECOND * u32::try_from(burst_s).unwrap(), ..Pace::per_minute(requests) }
}

#[tokio::test(start_paused = true)]
async fn requests_go_at_their_rate_and_in_their_order() {
    let check = async |pace: Pace, expected: [u64; 8]| {
        let throttle = Throttle::from(pace.clone());
        let before = Instant::now();
        let went = join_all((0..8).map(async |_| {
            throttle.admit([1]).await.unwrap();
            before.elapsed().as_secs()
        }));
        assert_eq!(went.await, expected, "{pace:?}");
    };
    check(pace(60, 1), [0, 1, 2, 3, 4, 5, 6, 7]).await;
    check(pace(60, 3), [0, 0, 0, 1, 2, 3, 4, 5]).await;
    check(pace(60, 60), [0; 8]).await;
    check(pace(6, 1), [0, 10, 20, 30, 40, 50, 60, 70]).await;
    check(pace(120, 2), [0, 0, 0, 0, 0, 1, 1, 2]).await;
    check(Pace::per_second(1.try_into().unwrap()), [0, 1, 2, 3, 4, 5, 6, 7]).await;
    check(Pace::per_second(4.try_into().unwrap()), [0, 0, 0, 0, 0, 0, 0, 1]).await;
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_gives_way() {
    let throttle = Throttle::from(pace(6, 1));
    let before = Instant::now();
    throttle.admit([1]).await.unwrap();
    let mut second = Box::pin(throttle.admit([1]));
    assert!((&mut second).now_or_never().is_none());
    let mut third = Box::pin(throttle.admit([1]));
    assert!((&mut third).now_or_never().is_none());
    drop(second);
    third.await.unwrap();
    assert_eq!(before.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn when_the_server_asks_to_wait_all_clones_wait() {
    let throttle = Throttle::from(pace(6_000, 60));
    throttle.pause(SECOND * 30);
    let before = Instant::now();
    let other = throttle.clone();
    let (one, other) = futures::join!(throttle.admit([1]), other.admit([1]));
    assert_eq!((one, other, before.elapsed().as_secs()), (Ok(()), Ok(()), 30));
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_is_too_long_is_an_error_and_not_a_hang() {
    let throttle = Throttle::from(pace(1, 60));
    throttle.admit([1]).await.unwrap();
    // One waits for the rate already when the server asks everybody to wait.
    let (waiting, ()) = futures::join!(throttle.admit([1]), async {
        tokio::time::sleep(SECOND).await;
        throttle.pause(SECOND * 3_600);
    });
    assert_eq!(waiting, Err(Paused { remaining: SECOND * 3_600 }));
    tokio::time::sleep(SECOND * 3_500).await;
    let before = Instant::now();
    throttle.admit([1]).await.unwrap();
    assert_eq!(before.elapsed().as_secs(), 100);
}

#[tokio::test(start_paused = true)]
async fn flows_are_taken_together_and_settled() {
    let per_minute = [60.try_into().ok(), 600.try_into().ok(), None];
    let throttle = Throttle::new(per_minute, SECOND * 6, SECOND);
    let before = Instant::now();
    throttle.admit([1, 30, u64::MAX]).await.unwrap();
    // 30 of the second flow are there; 30 more come in three seconds.
    throttle.admit([1, 60, 0]).await.unwrap();
    assert_eq!(before.elapsed().as_secs(), 3);
    // What was not taken comes back at once.
    throttle.settle([1, 60, 0], [1, 0, 0]);
    throttle.admit([1, 60, 0]).await.unwrap();
    assert_eq!(before.elapsed().as_secs(), 3);
    // What was taken beyond is a debt.
    throttle.settle([1, 60, 0], [1, 160, 0]);
    throttle.admit([1, 10, 0]).await.unwrap();
    assert_eq!(before.elapsed().as_secs(), 14);
}

#[tokio::test(start_paused = true)]
async fn absurd_rates_do_no_harm() {
    let most = Throttle::new([u64::MAX.try_into().ok()], Duration::MAX, Duration::MAX);
    most.admit([u64::MAX]).await.unwrap();
    most.settle([0], [u64::MAX]);
    let least = Throttle::new([1.try_into().ok()], Duration::ZERO, Duration::ZERO);
    least.admit([u64::MAX]).await.unwrap();
    assert!(least.admit([1]).now_or_never().is_none());
    least.pause(Duration::MAX);
    assert!(least.admit([1]).await.unwrap_err().remaining > SECOND * 1_000_000);
}

#[test]
fn a_pace_is_written_in_seconds() {
    let text = r#"{"requests_per_minute":90,"burst":1.5,"longest_pause":120.0}"#;
    let pace = Pace { burst: SECOND * 3 / 2, ..Pace::per_minute(90.try_into().unwrap()) };
    assert_eq!(serde_json::to_string(&pace).unwrap(), text);
    assert_eq!(serde_json::from_str::<Pace>(text).unwrap(), pace);
    let brief = serde_json::from_str::<Pace>(r#"{"requests_per_minute":90}"#).unwrap();
    assert_eq!(brief, Pace::per_minute(90.try_into().unwrap()));
    for wrong in [r#"{"requests_per_minute":0}"#, r#"{"requests_per_minute":1,"burst":-1}"#, "{}"] {
        assert!(serde_json::from_str::<Pace>(wrong).is_err(), "{wrong}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn requests_never_go_faster_than_their_rate_in_any_window(
        plan in proptest::collection::vec(0_u64..20_000, 1..24), rate in 1_u32..600, burst_s in 0_u64..20,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let mut went = runtime.block_on(async {
            let (throttle, begin) = (Throttle::from(pace(rate, burst_s)), Instant::now());
            join_all(plan.iter().map(async |at_ms| {
                tokio::time::sleep(Duration::from_millis(*at_ms)).await;
                throttle.admit([1]).await.unwrap();
                begin.elapsed()
            })).await
        });
        went.sort_unstable();
        let burst = (f64::from(rate) / 60.0 * burst_s as f64).max(1.0);
        for (first, &from) in went.iter().enumerate() {
            for (last, &to) in went.iter().enumerate().skip(first) {
                let allowed = burst + f64::from(rate) / 60.0 * (to - from).as_secs_f64();
                prop_assert!((last - first + 1) as f64 <= allowed + 1e-6, "{went:?}");
            }
        }
    }
}
