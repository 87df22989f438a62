//! What counts as the same, and the laws of merging.

use std::collections::HashMap;

use proptest::prelude::*;

use super::grams::{Sketch, agree_in_detail, are_near, grams};
use super::{Merges, duplicates, key};
use crate::{Entity, EntityGraph, EntityId, Evidence, Fact, Relation};

fn named(id: u128, name: &str, kind: &str, aliases: &[&str]) -> Entity {
    let aliases = aliases.iter().map(|alias| (*alias).to_owned()).collect();
    Entity { kind: kind.to_owned(), aliases, ..Entity::new(EntityId::from_u128(id), name) }
}

#[test]
fn the_same_is_told_from_what_is_only_alike() {
    check("The Karlin Mill", "karlin mill", true);
    check("Universidad de Salamanca", "Universidad de Salamánca", true);
    check("Massachusetts Institute of Technology", "Massachusetts Institute of Technologie", true);
    check("World War I in Europe and the Near East", "World War II in Europe and the Near East", false);
    check("Apollo programme mission 11 to the Moon", "Apollo programme mission 12 to the Moon", false);
    check("Karlin Mill", "Karlin Castle", false);
    check(
        "Statistics that the planner of queries uses (gin)",
        "Statistics that the planner of queries uses (jit)",
        false,
    );
    check("Karlin mill museum and the garden of the south", "Karlin mill museum and the garden of the north", false);
    check("Karlin mill museum and the garden of the south", "Karlin mill museum and the gardens of the south", true);
    check("C++", "C#", false);
}

fn check(left: &str, right: &str, same: bool) {
    let merges = duplicates(&[named(2, left, "", &[]), named(1, right, "", &[])]);
    assert_eq!(merges.len() == 1, same, "{left} | {right}");
    if same {
        assert_eq!(merges.of(EntityId::from_u128(2)), EntityId::from_u128(1));
    }
}

#[test]
fn kinds_keep_apart_what_shares_a_name() {
    let merged = |entities: &[Entity]| duplicates(entities).len();
    assert_eq!(merged(&[named(1, "Mercury", "planet", &[]), named(2, "Mercury", "element", &[])]), 0);
    assert_eq!(merged(&[named(1, "Mercury", "planet", &[]), named(2, "Mercury", "", &[])]), 1);
    let three = [named(1, "Mercury", "planet", &[]), named(2, "Mercury", "", &[]), named(3, "Mercury", "element", &[])];
    assert_eq!(merged(&three), 0, "what could be either stays on its own");
    assert_eq!(merged(&[named(1, "Ada Voss", "person", &["A. Voss"]), named(2, "a voss", "person", &[])]), 1);
}

#[test]
fn merging_keeps_all_names_and_sources() {
    let page = "Karlin mill was built in 1704.";
    let (one, two) = (EntityId::from_u128(1), EntityId::from_u128(2));
    let mut graph = EntityGraph::new();
    graph.add(Entity { pages: vec!["b".to_owned()], ..named(2, "karlin mill", "building", &["the mill"]) });
    graph.add(Entity { pages: vec!["a".to_owned()], ..named(1, "Karlin Mill", "", &[]) });
    for (id, url) in [(one, "a"), (two, "b")] {
        graph.add(Fact::of_field(id, "built", "1704").with_evidence(Evidence::cut(url, page, 0..page.len()).unwrap()));
    }
    graph.add(Relation::new(one, "owned by", two));
    let merged = duplicates(&graph.entities).apply(graph);
    let entity = &merged.entities[0];
    assert_eq!((merged.entities.len(), entity.name.as_str(), entity.kind.as_str()), (1, "Karlin Mill", "building"));
    assert_eq!(
        (&entity.aliases[..], &entity.pages[..]),
        (&["karlin mill".into(), "the mill".into()][..], &["a".into(), "b".into()][..])
    );
    assert_eq!(merged.facts.len(), 1);
    assert_eq!(merged.facts[0].evidence.iter().map(|it| it.url.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(merged.check(), Ok(()));
}

#[test]
fn chains_of_merges_are_followed_and_circles_end() {
    let id = EntityId::from_u128;
    let merges =
        Merges::new(&HashMap::from([(id(1), id(2)), (id(2), id(3)), (id(5), id(6)), (id(6), id(5)), (id(7), id(6))]));
    assert_eq!([1, 2, 3, 5, 6, 7].map(|at| merges.of(id(at)).to_u128()), [3, 3, 3, 5, 5, 5]);
}

/// Names that are often nearly the same.
fn entities() -> impl Strategy<Value = Vec<Entity>> {
    let word =
        || prop::sample::select(vec!["karlin", "Karlin", "karlim", "mill", "The", "castle", "of", "orsa", "7", "8"]);
    let name = || prop::collection::vec(word(), 1..6).prop_map(|words| words.join(" "));
    let kind = || prop::sample::select(vec!["", "", "place", "person"]);
    prop::collection::vec((name(), kind(), prop::collection::vec(name(), 0..2)), 0..40).prop_map(|all| {
        let made = all.into_iter().enumerate().map(|(at, (name, kind, aliases))| Entity {
            kind: kind.to_owned(),
            aliases,
            ..Entity::new(EntityId::of(&[&at.to_string()]), name)
        });
        made.collect()
    })
}

proptest! {
    #[test]
    fn what_is_merged_does_not_depend_on_the_order(all in entities(), seed in any::<u64>()) {
        let mut turned = all.clone();
        turned.sort_by_key(|entity| blake3::hash(format!("{seed}{}", entity.id).as_bytes()).to_hex().to_string());
        prop_assert_eq!(&duplicates(&all), &duplicates(&turned));
        let graph = |entities| EntityGraph { entities, ..EntityGraph::new() };
        let merges = duplicates(&all);
        prop_assert_eq!(merges.apply(graph(all)), merges.apply(graph(turned)));
    }

    #[test]
    fn merging_twice_is_merging_once(all in entities()) {
        let once = duplicates(&all).apply(EntityGraph { entities: all, ..EntityGraph::new() });
        let again = duplicates(&once.entities);
        prop_assert!(again.is_empty(), "{:?}", again);
        prop_assert_eq!(again.apply(once.clone()), once);
    }

    #[test]
    fn all_that_are_near_are_found(all in entities()) {
        let merges = duplicates(&all);
        let (mut left_set, mut right_set) = (Vec::new(), Vec::new());
        for left in &all {
            for right in all.iter().filter(|right| !left.kind.is_empty() && right.kind == left.kind) {
                let (one, other) = (key(&left.name), key(&right.name));
                grams(&one, &mut left_set);
                grams(&other, &mut right_set);
                if are_near(&left_set, &right_set) && agree_in_detail(&one, &other) {
                    prop_assert_eq!(merges.of(left.id), merges.of(right.id), "{} | {}", one, other);
                }
            }
        }
    }

    #[test]
    fn a_sketch_tells_no_near_sets_apart(left in prop::collection::btree_set(any::<u32>(), 1..60),
                                         gone in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
                                         more in prop::collection::vec(any::<u32>(), 0..4)) {
        let left: Vec<u32> = left.into_iter().collect();
        let mut right = left.clone();
        for place in gone.into_iter().filter(|_| left.len() > 4) {
            right.remove(place.index(right.len()));
        }
        right.extend(more);
        right.sort_unstable();
        right.dedup();
        prop_assert!(!are_near(&left, &right) || Sketch::of(&left).may_be_near(Sketch::of(&right)));
    }
}
