//! An outage is never a result.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use offseeker_entity_graph::Support;
use offseeker_entity_graph::expand::{Event, ExpandError, ExpandOptions, Stage};
use offseeker_pages::Library;
use proptest::prelude::*;

use crate::world::{Faulty, corpus, options, undisturbed};

#[tokio::test]
async fn what_grows_is_what_the_pages_say() {
    let (expanded, _) = undisturbed().await;
    let graph = &expanded.graph;
    graph.check().unwrap();
    let corpus = corpus();
    assert!(graph.facts.len() > 5 && graph.relations.len() > 5, "{graph:?}");
    let facts = graph.facts.iter().map(|fact| &fact.evidence);
    for evidence in facts.chain(graph.relations.iter().map(|relation| &relation.evidence)) {
        assert!(!evidence.is_empty());
        for evidence in evidence {
            let page = corpus.get(&evidence.url).await.unwrap();
            assert!(evidence.is_of(&page.text));
            assert_eq!(evidence.check(&page.text), Support::InPlace);
        }
    }
    let names: Vec<&str> = graph.entities.iter().map(|entity| entity.name.as_str()).collect();
    assert!(names.contains(&"Old Brum") && !names.contains(&"Castle of Nowhere"), "{names:?}");

    let funnel = &expanded.funnel;
    let stage = |stage| funnel.stage(stage).unwrap();
    assert!(stage(Stage::Nouns).dropped["double"] > 0);
    assert_eq!(stage(Stage::Pages).skipped["under 100 characters"], 1);
    assert!(stage(Stage::Entities).dropped["not in the page"] > 0);
    assert_eq!(stage(Stage::Pool).dropped["too well known"], 1);
    assert!(stage(Stage::Exploration).dropped["relation that no page says"] > 0);
    assert!(funnel.stages.iter().all(|tally| tally.failed.is_empty()));
    assert_eq!(funnel.stages.len(), Stage::ALL.len());
    assert!(funnel.to_string().contains("exploration"));
}

#[tokio::test]
async fn an_outage_at_any_request_changes_nothing() {
    let (expected, requests) = undisturbed().await;
    for at in 0..requests {
        let folder = tempfile::tempdir().unwrap();
        let once = ExpandOptions { most_outages: 1, ..options() };
        let error = Faulty::at(move |number| number == at).run(folder.path(), once).await.unwrap_err();
        assert!(matches!(error, ExpandError::Outages { times: 1, .. }), "{at}: {error}");
        let found = Faulty::at(|_| false).run(folder.path(), options()).await.unwrap();
        assert_eq!(found, expected, "an outage at request {at}");

        let folder = tempfile::tempdir().unwrap();
        let found = Faulty::at(move |number| number == at).run(folder.path(), options()).await.unwrap();
        assert_eq!(found, expected, "an outage at request {at}, with no end");
    }
}

#[tokio::test]
async fn a_run_that_cannot_go_on_ends_and_loses_nothing() {
    let (expected, requests) = undisturbed().await;
    let folder = tempfile::tempdir().unwrap();
    let gone = Faulty::at(move |number| number >= requests / 2);
    let error = gone.run(folder.path(), options()).await.unwrap_err();
    let ExpandError::Outages { times, reason, pending, .. } = &error else { panic!("{error}") };
    assert!(*times >= 2 && *pending > 0, "{error}");
    assert!(reason.contains("the connection was cut"), "{reason}");
    assert!(gone.asked() < requests / 2 + 2 + options().parallel, "it goes on asking: {}", gone.asked());

    let back = Faulty::at(|_| false);
    assert_eq!(back.run(folder.path(), options()).await.unwrap(), expected);
    assert!(back.asked() <= requests - requests / 2 + 8, "it asks again what it knew: {}", back.asked());
}

#[tokio::test]
async fn what_is_done_is_not_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let world = Faulty::at(|_| false);
    let first = world.run(folder.path(), options()).await.unwrap();
    let asked = world.asked();
    assert_eq!(world.run(folder.path(), options()).await.unwrap(), first);
    assert_eq!(world.asked(), asked);
}

#[tokio::test]
async fn the_order_of_work_changes_nothing() {
    let (expected, _) = undisturbed().await;
    for parallel in [1, 2, 5, 40] {
        let folder = tempfile::tempdir().unwrap();
        let options = ExpandOptions { parallel, ..options() };
        let found = Faulty::at(|_| false).slow().run(folder.path(), options).await.unwrap();
        assert_eq!(found, expected, "{parallel} at once");
    }
}

#[tokio::test]
async fn progress_is_told() {
    let (folder, world) = (tempfile::tempdir().unwrap(), Faulty::at(|number| number == 3));
    let counts: [Arc<AtomicUsize>; 4] = std::array::from_fn(|_| Arc::default());
    let expansion = world.expansion(folder.path(), options());
    let count = |event: &Event<'_>| {
        let place = match event {
            Event::Begun { .. } => 0,
            Event::Settled { .. } => 1,
            Event::Again { outage: true, .. } => 2,
            Event::Done { .. } => 3,
            _ => return,
        };
        counts[place].fetch_add(1, Ordering::Relaxed);
    };
    let expanded = expansion.run(&count).await.unwrap();
    let items: usize = expanded.funnel.stages.iter().map(|tally| tally.items).sum();
    let counts = counts.map(|count| count.load(Ordering::Relaxed));
    assert!(counts[0] > 6, "{counts:?}");
    assert_eq!(counts[1..], [items, 1, 6]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]
    #[test]
    fn outages_at_random_change_nothing(seed in any::<u64>(), often in 1_u64..60, parallel in 1_usize..9, most in 1_u32..5) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let (expected, requests) = runtime.block_on(undisturbed());
        let folder = tempfile::tempdir().unwrap();
        let mut runs = 0;
        let found = loop {
            let options = ExpandOptions { parallel, most_outages: most, ..options() };
            runs += 1;
            let fails = move |number: usize| {
                let hash = blake3::hash(format!("{seed} {runs} {number}").as_bytes());
                u64::from(hash.as_bytes()[0]) * 100 < often * 256
            };
            match runtime.block_on(Faulty::at(fails).slow().run(folder.path(), options)) {
                Ok(found) => break found,
                Err(error) => prop_assert!(matches!(error, ExpandError::Outages { .. }), "{}", error),
            }
            prop_assert!(runs < 20 * requests, "no run gets on");
        };
        prop_assert_eq!(found, expected);
    }
}
