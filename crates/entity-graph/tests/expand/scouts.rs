//! The ways in which entities are explored.

use std::sync::Arc;

use async_trait::async_trait;
use offseeker_entity_graph::expand::{
    Asking, ExpandOptions, Expanded, Findings, Links, Mode, Outlook, Pageviews, Scout, Setback, Stage, Told,
};
use offseeker_entity_graph::export::DeepForgeRow;
use offseeker_entity_graph::{Entity, EntityId, GrowOptions};
use offseeker_pages::Page;
use offseeker_search::SearchError;

use crate::world::{Faulty, address, corpus, options, undisturbed};

fn names(expanded: &Expanded, ids: &[EntityId]) -> Vec<String> {
    ids.iter().map(|id| expanded.graph.entity(*id).unwrap().name.clone()).collect()
}

#[tokio::test]
async fn a_walk_goes_along_relations_and_explores_its_end() {
    let (expanded, _) = undisturbed().await;
    assert!(expanded.trails.iter().any(|trail| trail.nodes.len() > 2), "{:?}", expanded.trails);
    for trail in &expanded.trails {
        assert!(trail.nodes.len() <= 4);
        assert_eq!(trail.parents, (0..trail.nodes.len()).map(|at| at.saturating_sub(1)).collect::<Vec<_>>());
        for pair in trail.nodes.windows(2) {
            assert!(expanded.graph.relations_from(pair[0]).any(|relation| relation.to == pair[1]));
        }
        let last = trail.nodes.last().unwrap();
        assert!(expanded.graph.facts_of(*last).next().is_some(), "the end of the walk is explored");
    }
}

#[tokio::test]
async fn walks_are_rows_of_deep_forge() {
    let (expanded, _) = undisturbed().await;
    let rows = expanded.deep_forge_rows().unwrap();
    assert_eq!(rows.len(), expanded.trails.len());
    for (row, trail) in rows.iter().zip(&expanded.trails) {
        assert_eq!(row.transition_path, names(&expanded, &trail.nodes));
        assert!(row.transition_path.iter().all(|name| !row.entity_dict[name].entity_self.is_empty()));
        assert_eq!(&DeepForgeRow::read(&serde_json::to_string(row).unwrap()).unwrap(), row);
    }
}

#[tokio::test]
async fn a_graph_branches_within_its_budget() {
    for (nodes, reach, most_branches) in [(12, 4, 3), (3, 4, 3), (12, 1, 2), (1, 4, 3)] {
        let mode = Mode::Graph { least_branches: 1, most_branches, nodes, reach };
        let folder = tempfile::tempdir().unwrap();
        let options = ExpandOptions { mode, ..options() };
        let expanded = Faulty::at(|_| false).run(folder.path(), options).await.unwrap();
        assert!(expanded.trails.iter().any(|trail| trail.nodes.len() > 2) || nodes == 1 || reach == 1);
        for trail in &expanded.trails {
            assert!(trail.nodes.len() <= nodes);
            let depth = |mut at: usize| std::iter::from_fn(|| (at > 0).then(|| at = trail.parents[at])).count();
            assert!((0..trail.nodes.len()).all(|at| depth(at) <= reach));
            for at in 0..trail.nodes.len() {
                let branches = trail.parents.iter().enumerate().filter(|(to, from)| *to != at && **from == at);
                assert!(branches.count() <= most_branches);
            }
        }
    }
}

#[tokio::test]
async fn links_of_a_corpus_are_followed_without_a_model() {
    let folder = tempfile::tempdir().unwrap();
    let world = Faulty::at(|_| false);
    let own = Arc::new(corpus());
    let links = Arc::new(Links::new(own.clone(), own, GrowOptions::default()));
    let expanded = world.expansion(folder.path(), options()).scouting(links).run(&|_| {}).await.unwrap();
    let graph = &expanded.graph;
    let named = |name: &str| graph.entities.iter().find(|entity| entity.name == name).unwrap();
    let (mill, ada) = (named("Karlin mill"), named("Ada Voss"));
    assert_eq!(mill.pages, [address("Karlin mill")]);
    let built = graph.relations_from(mill.id).find(|relation| relation.to == ada.id).unwrap();
    assert_eq!(built.evidence[0].quote, "Ada Voss, a builder from Tamm, built it for the abbey of Tamm.");
    assert!(graph.entities.iter().filter(|entity| entity.name == "Tamm").count() == 1);
}

#[tokio::test]
async fn an_agent_is_asked_and_its_quotes_are_looked_up() {
    let agent = |prompt: String, _seed: u64| -> futures::future::BoxFuture<'static, Result<Told, Setback>> {
        Box::pin(async move {
            if !prompt.contains("\"Karlin mill\"") {
                return Err(Setback::unreadable("it gave up"));
            }
            let text = r#"So: {"type": "Mill", "facts": [{"text": "It is old.", "quote": "since 1704"}, {"text": "It is new.", "quote": "since yesterday evening"}],
                "relations": [{"name": "Old Brum", "relation": "hears", "text": "One hears Old Brum there.",
                               "quote": "called Old Brum, was cast in 1650 and is heard as far as the Karlin mill"}]}"#;
            let pages = vec![address("Karlin mill"), address("Tamm"), "https://karlin.example/gone".to_owned()];
            Ok(Told { text: text.to_owned(), pages })
        })
    };
    let folder = tempfile::tempdir().unwrap();
    let scout = Arc::new(Asking::new("agent", Arc::new(corpus()), agent));
    let expansion = Faulty::at(|_| false).expansion(folder.path(), options()).scouting(scout);
    let expanded = expansion.run(&|_| {}).await.unwrap();
    let graph = &expanded.graph;
    assert_eq!((graph.facts.len(), graph.relations.len()), (1, 1));
    assert_eq!((graph.facts[0].evidence[0].url.as_str()), address("Karlin mill"));
    assert_eq!((graph.relations[0].evidence[0].url.as_str()), address("Tamm"));
    let tally = expanded.funnel.stage(Stage::Exploration).unwrap();
    assert_eq!((tally.dropped["fact that no page says"], tally.ok), (1, 1));
    assert_eq!(tally.failed["unreadable"], tally.items - 1);
}

#[test]
fn what_no_page_says_is_dropped_or_kept_as_a_claim() {
    let entity = Entity::new(EntityId::of(&["mill"]), "Karlin mill");
    let pages = [Page::new("u", "Karlin mill", "Karlin mill stands on the Orsa.")];
    let text = r#"{"facts": [{"text": "It stands.", "quote": "Karlin mill stands"}, {"text": "It fell.", "quote": "the mill fell over"}],
        "relations": [{"name": "1. Orsa", "relation": "on", "text": "", "quote": "on the moon it stands"},
                      {"name": "The Moon", "relation": "on", "text": "", "quote": "stands on the Orsa"},
                      {"name": "the Karlin Mill", "relation": "is", "text": "", "quote": "Karlin mill"}]}"#;
    let found = |keep| Findings::read(text, &entity, &pages, keep).unwrap();
    let dropped = found(false);
    assert_eq!((dropped.facts.len(), dropped.ways.len()), (1, 0));
    assert_eq!(dropped.dropped.values().sum::<usize>(), 4);
    let kept = found(true);
    assert_eq!((kept.facts.len(), kept.ways.len()), (2, 1));
    assert_eq!((kept.ways[0].name.as_str(), kept.ways[0].evidence.len()), ("Orsa", 0));
    assert_eq!(kept.dropped["name that stands in no page"], 1);
}

/// A scout that never comes to an end.
#[derive(Debug)]
struct Lost;

#[async_trait]
impl Scout for Lost {
    fn name(&self) -> &str {
        "lost"
    }

    async fn explore(&self, _: Outlook<'_>) -> Result<Findings, Setback> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn an_exploration_that_takes_too_long_counts_as_an_attempt() {
    let folder = tempfile::tempdir().unwrap();
    let options = ExpandOptions { wall: std::time::Duration::from_millis(1), ..options() };
    let expansion = Faulty::at(|_| false).expansion(folder.path(), options).scouting(Arc::new(Lost));
    let tally = expansion.run(&|_| {}).await.unwrap().funnel.stages.pop().unwrap();
    assert_eq!((tally.ok, tally.failed["too_slow"]), (0, tally.items));
}

/// Counts what is looked at.
#[derive(Debug)]
struct Views;

#[async_trait]
impl Pageviews for Views {
    fn name(&self) -> &str {
        "views"
    }

    async fn views(&self, name: &str, _: &str) -> Result<Option<u64>, SearchError> {
        Ok(if name == "Orsa" { Some(1_000_000) } else { None })
    }
}

#[tokio::test]
async fn views_of_pages_count_where_somebody_counts_them() {
    let folder = tempfile::tempdir().unwrap();
    let expansion = Faulty::at(|_| false).expansion(folder.path(), options()).counting_views(Arc::new(Views));
    let expanded = expansion.run(&|_| {}).await.unwrap();
    let views = |name: &str| expanded.pool.iter().find(|it| it.entity.name == name).unwrap().measures["views"];
    assert_eq!((views("Orsa"), views("Tamm")), (0.0, 1.0));
}
