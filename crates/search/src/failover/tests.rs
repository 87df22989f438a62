//! Who is asked, who rests, who is tried again, and what is given back when nobody can answer.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::join_all;
use offseeker_pages::{Library, PageError};
use offseeker_remote::HealthState;
use tokio::time::{Instant, advance, sleep};

use super::Failover;
use crate::slow::{Fate, Slow};
use crate::{Query, Scripted, SearchBackend, SearchError, conformance};

const SECOND: Duration = Duration::from_secs(1);

type Chain = Failover<Arc<Slow>>;

fn three() -> ([Arc<Slow>; 3], Chain) {
    let members = ["a", "b", "c"].map(|name| Arc::new(Slow::new(name, 1)));
    let chain = Chain::of_backends(members.clone());
    (members, chain)
}

/// Who finds something, or the kind of the failure.
async fn find(chain: &Chain) -> String {
    match chain.search(&Query::new("?")).await {
        Ok(hits) => hits[0].url.trim_start_matches("https://").trim_end_matches(".example/").to_owned(),
        Err(error) => error.kind().to_owned(),
    }
}

fn states(chain: &Chain) -> Vec<HealthState> {
    chain.status().into_iter().map(|status| status.state).collect()
}

#[tokio::test(start_paused = true)]
async fn it_fulfils_the_laws() {
    for members in [1, 3] {
        let chain = || vec![conformance::echo(); members];
        let backends = Failover::of_backends(chain());
        conformance::check_port(&backends).await.unwrap();
        conformance::check_transparent(&backends).await.unwrap();
        let libraries = Failover::of_libraries(chain());
        conformance::check_library(&libraries, "https://echo.example/mill").await.unwrap();
        conformance::check_transparent_library(&libraries).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_answers_and_the_next_where_it_cannot() {
    let check = async |fate: Fate, expected: &str, asked: [usize; 3]| {
        let (members, chain) = three();
        members[0].meets(fate);
        assert_eq!(find(&chain).await, expected, "{fate:?}");
        assert_eq!(members.map(|member| member.asked().len()), asked, "{fate:?}");
    };
    check(Fate::Answer, "a", [1, 0, 0]).await;
    check(Fate::Verdict, "invalid_query", [1, 0, 0]).await;
    check(Fate::Transient, "b", [1, 1, 0]).await;
    check(Fate::Limited(5), "b", [1, 1, 0]).await;
    check(Fate::Broken, "b", [1, 1, 0]).await;
    check(Fate::NotRecorded, "b", [1, 1, 0]).await;
}

#[tokio::test]
async fn no_hit_and_no_page_are_answers() {
    let chain = Failover::of_backends([Scripted::finding([vec![]]), Scripted::by(|_| panic!("it is not asked"))]);
    assert_eq!(chain.search(&Query::new("?")).await, Ok(Vec::new()));
    let members = ["a", "b"].map(|name| Arc::new(Slow::new(name, 0)));
    members[0].meets(Fate::Verdict);
    let chain = Failover::of_libraries(members.clone());
    assert_eq!(chain.get("?").await, Err(PageError::not_found("?")));
    assert_eq!(members[1].asked().len(), 0);
    members[0].meets(Fate::Transient);
    assert_eq!(chain.get("?").await.unwrap().title, "b");
}

#[tokio::test(start_paused = true)]
async fn five_failures_in_a_row_open_the_circuit_and_one_request_closes_it() {
    let (members, chain) = three();
    members[0].meets(Fate::Transient);
    for _ in 0..4 {
        assert_eq!(find(&chain).await, "b");
    }
    assert_eq!((chain.status()[0].failures, states(&chain)[0]), (4, HealthState::Well));
    assert_eq!(find(&chain).await, "b");
    assert!(matches!(states(&chain)[0], HealthState::Resting { .. }));
    find(&chain).await;
    assert_eq!(members[0].asked().len(), 5, "it is not asked while it rests");

    // It has rested: of many at once, one tries it.
    advance(SECOND * 30).await;
    assert_eq!(states(&chain)[0], HealthState::Rested);
    let answers = join_all((0..6).map(|_| find(&chain))).await;
    assert_eq!((answers, members[0].asked().len()), (vec!["b".to_owned(); 6], 6));
    assert!(matches!(states(&chain)[0], HealthState::Resting { .. }), "the trial failed");

    sleep(SECOND * 30).await;
    members[0].meets(Fate::Answer);
    let answers = join_all((0..6).map(|_| find(&chain))).await;
    assert_eq!((answers.iter().filter(|who| *who == "a").count(), members[0].asked().len()), (1, 7));
    assert_eq!((find(&chain).await.as_str(), states(&chain)[0]), ("a", HealthState::Well));
}

#[tokio::test(start_paused = true)]
async fn a_trial_that_is_dropped_leaves_the_next_to_try() {
    let (members, chain) = three();
    members[0].meets(Fate::Transient);
    for _ in 0..5 {
        find(&chain).await;
    }
    advance(SECOND * 30).await;
    let mut trial = Box::pin(find(&chain));
    assert!((&mut trial).now_or_never().is_none());
    assert_eq!(states(&chain)[0], HealthState::OnTrial);
    drop(trial);
    assert_eq!(states(&chain)[0], HealthState::Rested);
    members[0].meets(Fate::Answer);
    assert_eq!(find(&chain).await, "a");
}

#[tokio::test(start_paused = true)]
async fn one_at_its_rate_limit_is_asked_when_there_is_no_other() {
    let (members, chain) = three();
    members[0].meets(Fate::Limited(60));
    assert_eq!(find(&chain).await, "b");
    assert!(matches!(states(&chain)[0], HealthState::Limited { .. }));
    members[0].meets(Fate::Answer);
    assert_eq!((find(&chain).await.as_str(), members[0].asked().len()), ("b", 1));
    members[1].meets(Fate::Transient);
    members[2].meets(Fate::Transient);
    assert_eq!(find(&chain).await, "a");
    sleep(SECOND * 60).await;
    assert_eq!((find(&chain).await.as_str(), members[1].asked().len()), ("a", 3));
}

#[tokio::test(start_paused = true)]
async fn a_missing_recording_says_nothing_of_health() {
    let (members, chain) = three();
    members.iter().for_each(|member| member.meets(Fate::NotRecorded));
    for _ in 0..8 {
        assert_eq!(find(&chain).await, "not_recorded");
    }
    assert_eq!(states(&chain), [HealthState::Well; 3]);
}

#[tokio::test(start_paused = true)]
async fn when_nobody_answers_the_failure_says_when_to_come_back() {
    let check = async |fates: [Fate; 3], expected: &str| {
        let (members, chain) = three();
        members.iter().zip(fates).for_each(|(member, fate)| member.meets(fate));
        assert_eq!(find(&chain).await, expected, "{fates:?}");
    };
    check([Fate::Transient; 3], "transient").await;
    check([Fate::Limited(9), Fate::Transient, Fate::Limited(3)], "transient").await;
    check([Fate::Limited(9), Fate::Broken, Fate::Limited(3)], "rate_limited").await;
    check([Fate::Broken, Fate::Transient, Fate::Broken], "transient").await;
    check([Fate::Broken; 3], "broken").await;

    let (members, chain) = three();
    members.iter().for_each(|member| member.meets(Fate::Transient));
    for _ in 0..5 {
        find(&chain).await;
    }
    let (before, failed) = (Instant::now(), chain.search(&Query::new("?")).await.unwrap_err());
    assert!(failed.is_transient() && failed.to_string().contains("the next trial is in 28.0 s"), "{failed}");
    assert_eq!(before.elapsed(), Duration::ZERO);
    let nobody: [Scripted; 0] = [];
    assert_eq!(Failover::of_backends(nobody).search(&Query::new("?")).await.unwrap_err().kind(), "broken");
}

#[tokio::test(start_paused = true)]
async fn a_status_is_written_for_people_and_for_programs() {
    let (members, chain) = three();
    assert_eq!(SearchBackend::name(&chain), "failover(a, b, c)");
    members[0].meets(Fate::Transient);
    for _ in 0..5 {
        find(&chain).await;
    }
    let status = chain.status();
    assert_eq!(status[0].to_string(), "a: resting for 29.0 s, 0 of 5 requests answered, 5 failures in a row");
    assert_eq!(status[1].to_string(), "b: well, 5 of 5 requests answered, 0 failures in a row");
    let expected = r#"{"name":"c","requests":0,"answers":0,"failures":0,"state":{"kind":"well"}}"#;
    assert_eq!(serde_json::to_string(&status[2]).unwrap(), expected);
}

#[tokio::test]
async fn an_unknown_key_goes_to_the_next() {
    let unauthorized = SearchError::Unauthorized { backend: "a".to_owned(), reason: "no".to_owned() };
    let chain = Failover::of_backends([Scripted::answering([Err(unauthorized)]), Scripted::finding([vec![]])]);
    assert_eq!(chain.search(&Query::new("?")).await, Ok(Vec::new()));
}
