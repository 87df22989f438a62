//! What holds for every world: it is the same for the same seed, its graph is supported by its pages, its names are found.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeSet, HashMap};

use offseeker_entity_graph::{PackedGraph, Record, Support};
use offseeker_pages::{Library, estimate_tokens};
use offseeker_search::{Corpus as Rows, LocalIndex, Query, SearchBackend, Settings, WriterOptions, conformance};
use offseeker_toy_world::{Language, MOST_ENTITIES, PageLength, World, WorldError, WorldOptions};
use proptest::prelude::*;

fn options() -> impl Strategy<Value = WorldOptions> {
    (any::<u64>(), 200..600_u64, any::<(bool, bool)>(), 0.0..0.5, 0.0..0.5).prop_map(
        |(seed, entities, (is_chinese, is_long), missing_links, contradictions)| WorldOptions {
            seed,
            entities,
            language: if is_chinese { Language::Chinese } else { Language::English },
            pages: if is_long { PageLength::Long } else { PageLength::Brief },
            missing_links,
            contradictions,
            ..WorldOptions::default()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn all_of_a_graph_is_supported_by_the_pages(options in options()) {
        let world = World::new(options).unwrap();
        let pages: HashMap<String, String> = world.pages().map(|page| (page.url, page.text)).collect();
        let graph = world.graph();
        graph.check().unwrap();
        let evidence = graph.facts.iter().map(|it| &it.evidence).chain(graph.relations.iter().map(|it| &it.evidence));
        for evidence in evidence {
            prop_assert!(!evidence.is_empty());
            for evidence in evidence {
                let text = &pages[&evidence.url];
                prop_assert!(evidence.is_of(text));
                prop_assert_eq!(evidence.check(text), Support::InPlace);
            }
        }
    }

    #[test]
    fn a_world_is_the_same_bytes_for_the_same_seed(options in options()) {
        let bytes = |options: &WorldOptions| {
            let world = World::new(options.clone()).unwrap();
            let pages = serde_json::to_string(&world.pages().collect::<Vec<_>>()).unwrap();
            (pages, serde_json::to_string(&world.records().collect::<Vec<_>>()).unwrap())
        };
        let first = bytes(&options);
        prop_assert!(first == bytes(&options));
        let other = bytes(&WorldOptions { seed: options.seed.wrapping_add(1), ..options });
        prop_assert!(first.0 != other.0 && first.1 != other.1);
    }

    #[test]
    fn a_page_is_had_by_its_address_alone(options in options()) {
        let world = World::new(options).unwrap();
        let mut addresses = BTreeSet::new();
        for page in world.pages() {
            prop_assert!(addresses.insert(page.url.clone()));
            prop_assert_eq!(world.page(&page.url), Some(page));
        }
    }

    #[test]
    fn what_is_renamed_and_renamed_back_is_what_it_was(options in options(), seed: u64) {
        let world = World::new(options).unwrap();
        let renaming = if seed % 2 == 0 { world.renaming(seed) } else { world.renaming_with_values(seed) };
        let mut changed = 0;
        for page in world.pages() {
            let renamed = renaming.text(&page.text);
            changed += usize::from(renamed != page.text);
            prop_assert_eq!(renaming.back().text(&renamed), page.text);
            prop_assert_eq!(renaming.back().text(&renaming.text(&page.url)), page.url);
        }
        prop_assert!(changed as u64 >= world.options().entities);
    }
}

#[test]
fn values_are_renamed_among_those_of_their_property() {
    let world = World::new(WorldOptions::default()).unwrap();
    let hobbies = ["rowing", "chess", "fencing", "pottery", "riding", "climbing"];
    let others: BTreeSet<String> =
        (0..20).flat_map(|seed| hobbies.map(|hobby| world.renaming_with_values(seed).text(hobby))).collect();
    assert!(others.len() > 10 && others.contains("knitting") && !others.contains("poet"), "{others:?}");
    assert!((0..20).all(|seed| world.renaming(seed).text("rowing, chess") == "rowing, chess"));
    // Parts of other words, names of categories and numbers stay.
    for stays in ["clue_two_hops", "property", "1894", "hops2"] {
        assert!((0..20).all(|seed| world.renaming_with_values(seed).text(stays) == stays), "{stays}");
    }
}

/// The bytes of one world: whoever changes them makes all worlds others.
#[test]
fn a_world_stays_what_it_is() {
    let mut content = blake3::Hasher::new();
    for language in [Language::English, Language::Chinese] {
        let world = World::new(WorldOptions { language, ..WorldOptions::default() }).unwrap();
        for page in world.pages() {
            content.update(serde_json::to_string(&page).unwrap().as_bytes());
        }
    }
    assert_eq!(&content.finalize().to_hex()[..16], "0f714ac0974d5042");
}

#[tokio::test]
async fn the_name_of_an_entity_finds_its_page() {
    for (language, pages) in [
        (Language::English, PageLength::Brief),
        (Language::English, PageLength::Long),
        (Language::Chinese, PageLength::Brief),
        (Language::Chinese, PageLength::Long),
    ] {
        let world = World::new(WorldOptions { language, pages, entities: 2_000, ..WorldOptions::default() }).unwrap();
        let corpus = world.corpus();
        conformance::check_port(&corpus).await.unwrap();
        for id in world.entities() {
            let name = world.name_of(id).unwrap();
            let hits = corpus.search(&Query::new(&name).limit(3)).await.unwrap();
            assert!(hits.iter().any(|hit| hit.title == name), "{name}: {hits:?}");
            assert_eq!(corpus.get(&hits[0].url).await.unwrap().title, hits[0].title);
        }
    }
}

#[tokio::test]
async fn pages_are_written_for_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(WorldOptions { entities: 300, ..WorldOptions::default() }).unwrap();
    let rows = folder.path().join("pages.jsonl");
    world.write_pages(&rows).unwrap();
    let mut index = LocalIndex::open_or_create(folder.path().join("index"), Settings::default()).unwrap();
    let mut writer = index.writer(WriterOptions { threads: 1, ..WriterOptions::default() }).unwrap();
    for document in Rows::open(&rows).unwrap() {
        writer.add(document.unwrap()).unwrap();
    }
    writer.finish().unwrap();
    index.refresh().unwrap();
    assert_eq!(index.len() as usize, world.pages().count());
    for id in world.entities().take(50) {
        let name = world.name_of(id).unwrap();
        let hits = index.search(&Query::new(&name).limit(3)).await.unwrap();
        assert!(hits.iter().any(|hit| hit.title == name), "{name}: {hits:?}");
    }
}

#[test]
fn pages_are_as_long_as_they_are_wanted() {
    let tokens = |pages: PageLength| {
        let world = World::new(WorldOptions { pages, ..WorldOptions::default() }).unwrap();
        let own: Vec<usize> = world
            .pages()
            .filter(|page| world.named(&page.title).is_some())
            .map(|page| estimate_tokens(&page.text))
            .collect();
        own.iter().sum::<usize>() / own.len()
    };
    let (brief, long) = (tokens(PageLength::Brief), tokens(PageLength::Long));
    assert!((15..60).contains(&brief), "{brief}");
    assert!((80..400).contains(&long), "{long}");
}

#[test]
fn a_large_world_is_had_from_any_place_in_it() {
    let world = World::new(WorldOptions { entities: MOST_ENTITIES, ..WorldOptions::default() }).unwrap();
    let id = world.entities().nth(1_234_567).unwrap();
    let name = world.name_of(id).unwrap();
    assert_eq!(world.named(&name), Some(id));
    assert!(world.page(&format!("{}{name}", world.options().base)).unwrap().text.starts_with(&name));
}

#[test]
fn contradictions_and_distractors_come_as_often_as_they_are_wanted() {
    let world = World::new(WorldOptions {
        entities: 2_000,
        contradictions: 0.2,
        distractors: 0.4,
        missing_links: 0.0,
        ..WorldOptions::default()
    })
    .unwrap();
    let count = |part: &str| world.pages().filter(|page| page.url.contains(part)).count();
    assert!((300..500).contains(&count("/almanac/")), "{}", count("/almanac/"));
    assert!((700..900).contains(&count("/letter/")), "{}", count("/letter/"));
    for page in world.pages().filter(|page| page.url.contains("/almanac/")) {
        let own = world.page(&page.url.replace("almanac/", "")).unwrap();
        // The sentence after the first one says something else than the page about the entity.
        let (_, said) = page.text.split_once(". ").unwrap();
        assert!(!own.text.contains(said), "{}\n{}", page.text, own.text);
    }
}

#[test]
fn held_out_entities_are_a_share_of_all() {
    let world = World::new(WorldOptions { entities: 5_000, ..WorldOptions::default() }).unwrap();
    let held = world.entities().filter(|id| world.held_out(*id)).count();
    assert!((1_350..1_650).contains(&held), "{held}");
    let other = World::new(WorldOptions { seed: 1, ..WorldOptions::default() }).unwrap();
    assert!(other.entities().all(|id| world.held_out(id) && world.name_of(id).is_none()));
}

#[test]
fn a_graph_is_packed() {
    let world = World::new(WorldOptions::default()).unwrap();
    let graph = PackedGraph::of(&world.graph()).unwrap();
    assert_eq!(graph.node_count(), 1_000);
    let relations = world.records().filter(|record| matches!(record, Record::Relation(_))).count();
    assert_eq!(graph.edge_count(), relations);
    assert!(graph.edges().all(|edge| graph.is_supported(edge)));
}

#[test]
fn options_that_make_no_world_are_refused() {
    let fault = |options: WorldOptions| World::new(options).unwrap_err();
    for entities in [0, 199, MOST_ENTITIES + 1] {
        let found = fault(WorldOptions { entities, ..WorldOptions::default() });
        assert!(matches!(found, WorldError::Entities { asked } if asked == entities), "{found}");
    }
    for rate in [-0.1, 1.1, f64::NAN] {
        let found = fault(WorldOptions { missing_links: rate, ..WorldOptions::default() });
        assert!(matches!(found, WorldError::Rate { option: "missing_links", .. }), "{found}");
    }
}
