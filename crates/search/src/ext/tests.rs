//! The wrappers one by one where a few lines are enough, and all together in the order that is right.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::join_all;
use offseeker_pages::Library;
use offseeker_remote::{Mode, Pace, RetryPolicy, Throttle};
use offseeker_trajectory::Question;
use tokio::time::Instant;

use super::SearchBackendExt;
use crate::conformance::{self, Echo};
use crate::slow::{Fate, Slow};
use crate::{Concurrency, DenyList, Query, RateLimit, Retry, SearchBackend};

const MILL: &str = "https://echo.example/mill";

/// Runs every check on a wrapper around the echo.
async fn check_laws<W: SearchBackend + Library>(wrapped: W) {
    conformance::check_port(&wrapped).await.unwrap();
    conformance::check_transparent(&wrapped).await.unwrap();
    conformance::check_library(&wrapped, MILL).await.unwrap();
    conformance::check_transparent_library(&wrapped).await.unwrap();
}

fn pace(per_second: u32) -> Pace {
    Pace::per_second(per_second.try_into().unwrap())
}

#[tokio::test(start_paused = true)]
async fn each_wrapper_fulfils_the_laws() {
    for most in [0, 1, 3, usize::MAX] {
        check_laws(Concurrency::new(conformance::echo(), most)).await;
    }
    check_laws(RateLimit::new(conformance::echo(), pace(5))).await;
    check_laws(Retry::new(conformance::echo(), RetryPolicy::default())).await;
}

fn all_around(inner: Echo, other: Echo, folder: &std::path::Path) -> impl SearchBackend + use<> {
    inner
        .rate_limited(pace(20))
        .at_most(4)
        .backed_by([Arc::new(other.at_most(4)) as Arc<dyn SearchBackend>])
        // So few tries that the failures which the echo is told to have do not lay the members to rest.
        .retrying(RetryPolicy { tries: 2, ..RetryPolicy::default() })
        .recorded(folder, Mode::Replay)
        .without_leaks(DenyList::default())
        .guarding(&Question::new("a b c d e f g h i j k l m n o", ["p"]))
}

#[tokio::test(start_paused = true)]
async fn together_they_fulfil_the_laws() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let wrapped = all_around(conformance::echo(), conformance::echo(), folder.path());
        conformance::check_port(&wrapped).await.unwrap();
        conformance::check_transparent(&wrapped).await.unwrap();
    }
}

async fn search_all(backend: &dyn SearchBackend, count: usize) -> Vec<bool> {
    let queries: Vec<Query> = (0..count).map(|number| Query::new(number.to_string())).collect();
    join_all(queries.iter().map(async |query| backend.search(query).await.is_ok())).await
}

#[tokio::test(start_paused = true)]
async fn no_more_than_allowed_are_under_way_and_in_their_order() {
    for (most, seconds) in [(1, 12), (3, 4), (5, 3), (100, 1)] {
        let inner = Arc::new(Slow::new("slow", 1));
        let before = Instant::now();
        search_all(&inner.clone().at_most(most), 12).await;
        assert_eq!((inner.most_at_once(), before.elapsed().as_secs()), (most.min(12), seconds));
        let in_order: Vec<String> = (0..12).map(|number| number.to_string()).collect();
        assert_eq!(inner.asked(), in_order);
    }
}

#[tokio::test(start_paused = true)]
async fn queries_and_pages_share_the_places() {
    let inner = Arc::new(Slow::new("slow", 1));
    let limited = Concurrency::new(inner.clone(), 2);
    let (_, pages) = futures::join!(search_all(&limited, 3), join_all((0..3).map(|_| limited.get(MILL))));
    assert!(pages.iter().all(Result::is_ok));
    assert_eq!(inner.most_at_once(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_rate_is_kept_by_all_who_share_it() {
    let inner = Arc::new(Slow::new("slow", 30));
    let throttle = Throttle::from(pace(2));
    let (one, other) = (inner.clone().rate_limited(throttle.clone()), inner.clone().rate_limited(throttle));
    let before = Instant::now();
    futures::join!(search_all(&one, 3), search_all(&other, 3));
    assert_eq!(inner.began(before), [0, 0, 0, 1, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn when_the_server_asks_to_wait_everybody_waits_or_hears_it() {
    let inner = Arc::new(Slow::new("slow", 0));
    let limited = RateLimit::new(inner.clone(), pace(100));
    let query = Query::new("?");
    for (seconds, waits) in [(60, true), (3_600, false)] {
        inner.meets(Fate::Limited(seconds));
        assert_eq!(limited.search(&query).await.unwrap_err().kind(), "rate_limited");
        inner.meets(Fate::Answer);
        let before = Instant::now();
        let (hits, page) = futures::join!(limited.search(&query), limited.get(MILL));
        assert_eq!((hits.is_ok(), page.is_ok()), (waits, waits));
        assert_eq!(before.elapsed().as_secs(), if waits { seconds } else { 0 });
        if let Err(error) = page {
            assert_eq!(error.retry_after(), Some(Duration::from_secs(seconds)));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn only_what_passes_is_tried_again() {
    for (fate, tries) in [
        (Fate::Answer, 1),
        (Fate::Verdict, 1),
        (Fate::Broken, 1),
        (Fate::NotRecorded, 1),
        (Fate::Transient, 5),
        (Fate::Limited(120), 5),
        (Fate::Limited(121), 1),
    ] {
        let inner = Arc::new(Slow::new("slow", 0));
        inner.meets(fate);
        let retrying = Retry::new(inner.clone(), RetryPolicy::default());
        let _ = retrying.search(&Query::new("?")).await;
        assert_eq!(inner.asked().len(), tries, "{fate:?}");
        let _ = retrying.get(MILL).await;
        assert_eq!(inner.asked().len(), tries * 2, "{fate:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_dropped_query_frees_its_place() {
    let limited = Slow::new("slow", 1).at_most(1);
    let query = Query::new("?");
    let mut first = limited.search(&query);
    assert!((&mut first).now_or_never().is_none());
    let mut second = limited.search(&query);
    assert!((&mut second).now_or_never().is_none());
    drop(first);
    let before = Instant::now();
    second.await.unwrap();
    assert_eq!(before.elapsed().as_secs(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_cached_costs_nothing_and_waits_for_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let inner = Arc::new(Slow::new("slow", 1));
    let cached = inner.clone().rate_limited(pace(1)).at_most(1).retrying(RetryPolicy::default()).cached(folder.path());
    let before = Instant::now();
    search_all(&cached, 3).await;
    assert_eq!(before.elapsed().as_secs(), 3);
    inner.meets(Fate::Transient);
    assert_eq!(search_all(&cached, 3).await, [true; 3]);
    assert_eq!((before.elapsed().as_secs(), inner.asked().len()), (3, 3));
}
