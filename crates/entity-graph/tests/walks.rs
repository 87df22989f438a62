//! Walks and samples keep to their rules, whatever the graph and the seed.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::{HashMap, HashSet};

use offseeker_entity_graph::{
    Direction, Entity, EntityGraph, EntityId, Evidence, Node, PackedGraph, Relation, Rules, SampleOptions, Step,
    WalkOptions, rng,
};
use proptest::prelude::*;

fn id(number: usize) -> EntityId {
    EntityId::of(&[&number.to_string()])
}

fn graph() -> impl Strategy<Value = EntityGraph> {
    let relation = (any::<usize>(), any::<usize>(), "[ab]", prop::bool::weighted(0.8));
    (2_usize..30, prop::collection::vec(relation, 0..120)).prop_map(|(count, relations)| {
        let entity = |at: usize| Entity { kind: ["x", "y"][at % 2].to_owned(), ..Entity::new(id(at), format!("{at}")) };
        let mut graph: EntityGraph = (0..count).map(|at| entity(at).into()).collect();
        for (from, to, kind, supported) in relations {
            let relation = Relation::new(id(from % count), kind, id(to % count));
            let evidence = Evidence::cut("u", "so", 0..2).unwrap();
            graph.add(if supported { relation.with_evidence(evidence) } else { relation });
        }
        graph
    })
}

fn rules() -> impl Strategy<Value = Rules> {
    let direction = prop::sample::select(vec![Direction::Forwards, Direction::Backwards, Direction::Both]);
    let words = |word: &'static str| prop::sample::select(vec![vec![], vec![], vec![word.to_owned()]]);
    let most = prop::option::of(1_usize..12);
    (direction, any::<bool>(), most, words("x"), words("a"), any::<bool>()).prop_map(
        |(direction, supported_only, most_relations, kinds, relation_kinds, no_shortcut)| Rules {
            direction,
            supported_only,
            most_relations,
            kinds,
            relation_kinds,
            no_shortcut,
        },
    )
}

/// What the rules say of entities and relations, told from the records alone.
fn keeps_to(graph: &EntityGraph, rules: &Rules, packed: &PackedGraph, nodes: &[Node]) -> bool {
    nodes.iter().all(|node| {
        let id = packed.id(*node);
        let entity = graph.entity(id).unwrap();
        let ends = graph.relations.iter().map(|it| usize::from(it.from == id) + usize::from(it.to == id));
        (rules.kinds.is_empty() || rules.kinds.contains(&entity.kind))
            && rules.most_relations.is_none_or(|most| ends.sum::<usize>() <= most)
    })
}

fn related(graph: &EntityGraph, left: EntityId, right: EntityId) -> bool {
    graph.relations.iter().any(|it| [it.from, it.to] == [left, right] || [it.to, it.from] == [left, right])
}

proptest! {
    #[test]
    fn a_walk_keeps_to_its_rules(graph in graph(), rules in rules(), start in any::<usize>(), seed in any::<u64>(),
                                 steps in prop::collection::vec((prop::option::of("[ab]"), prop::option::of("[xy]")), 0..4)) {
        let packed = PackedGraph::of(&graph).unwrap();
        let start = packed.nodes().nth(start % graph.entities.len()).unwrap();
        let pattern: Vec<Step> = steps.into_iter().map(|(relation, kind)| Step { relation, kind }).collect();
        let options = WalkOptions { rules: rules.clone(), pattern: pattern.clone(), ..WalkOptions::default() };
        let walk = options.walk(&packed, start, &mut rng(seed, "0", "walk")).unwrap();
        prop_assert_eq!(&options.walk(&packed, start, &mut rng(seed, "0", "walk")).unwrap(), &walk);
        let Some(walk) = walk else { return Ok(()) };

        prop_assert_eq!(walk.nodes[0], start);
        prop_assert_eq!(walk.nodes.len(), walk.edges.len() + 1);
        prop_assert!((1..=4).contains(&walk.edges.len()));
        prop_assert!(pattern.is_empty() || walk.edges.len() == pattern.len());
        prop_assert_eq!(walk.nodes.iter().collect::<HashSet<_>>().len(), walk.nodes.len());
        prop_assert!(keeps_to(&graph, &rules, &packed, &walk.nodes));
        for (at, edge) in walk.edges.iter().enumerate() {
            let relation = packed.relation(*edge).unwrap();
            let (from, to) = (packed.id(walk.nodes[at]), packed.id(walk.nodes[at + 1]));
            let along = match rules.direction {
                Direction::Forwards => (relation.from, relation.to) == (from, to),
                Direction::Backwards => (relation.to, relation.from) == (from, to),
                Direction::Both => [(from, to), (to, from)].contains(&(relation.from, relation.to)),
            };
            prop_assert!(along);
            prop_assert!(!rules.supported_only || relation.is_supported());
            prop_assert!(rules.relation_kinds.is_empty() || rules.relation_kinds.contains(&relation.kind));
            if let Some(step) = pattern.get(at) {
                prop_assert!(step.relation.as_ref().is_none_or(|kind| *kind == relation.kind));
                prop_assert!(step.kind.as_ref().is_none_or(|kind| kind == packed.kind(walk.nodes[at + 1])));
            }
        }
        for left in 0..walk.nodes.len() {
            for right in left + 2..walk.nodes.len() {
                let (left, right) = (packed.id(walk.nodes[left]), packed.id(walk.nodes[right]));
                prop_assert!(!rules.no_shortcut || !related(&graph, left, right));
            }
        }
    }

    #[test]
    fn a_sample_keeps_to_its_rules(graph in graph(), rules in rules(), start in any::<usize>(), seed in any::<u64>(),
                                   nodes in 1_usize..14, least in 0_usize..3, more in 0_usize..3, reach in 0_usize..5) {
        let packed = PackedGraph::of(&graph).unwrap();
        let start = packed.nodes().nth(start % graph.entities.len()).unwrap();
        let options = SampleOptions { nodes, least_branches: least, most_branches: least + more, reach, rules: rules.clone() };
        let sample = options.sample(&packed, start, &mut rng(seed, "0", "sample")).unwrap();
        prop_assert_eq!(&options.sample(&packed, start, &mut rng(seed, "0", "sample")).unwrap(), &sample);
        let Some(sample) = sample else { return Ok(()) };

        prop_assert_eq!(sample.nodes[0], start);
        prop_assert!(sample.nodes.len() <= nodes);
        prop_assert_eq!(sample.nodes.iter().collect::<HashSet<_>>().len(), sample.nodes.len());
        prop_assert!(keeps_to(&graph, &rules, &packed, &sample.nodes));
        let places: HashMap<Node, usize> = sample.nodes.iter().enumerate().map(|(at, node)| (*node, at)).collect();
        let mut children = vec![0; sample.nodes.len()];
        for at in 1..sample.nodes.len() {
            let parent = sample.parents[at];
            children[parent] += 1;
            prop_assert!(parent < at && sample.steps[at] == sample.steps[parent] + 1 && sample.steps[at] <= reach);
            let grown = sample.edges.iter().any(|edge| {
                let ends = [packed.source(*edge), packed.target(*edge)].map(|node| places[&node]);
                ends == [parent, at] && rules.direction != Direction::Backwards
                    || ends == [at, parent] && rules.direction != Direction::Forwards
            });
            prop_assert!(grown);
            let (root, own) = (packed.id(start), packed.id(sample.nodes[at]));
            prop_assert!(!rules.no_shortcut || sample.steps[at] < 2 || !related(&graph, root, own));
        }
        prop_assert!(children.iter().all(|count| *count <= least + more));
        let inside = |id: EntityId| places.contains_key(&packed.node(id).unwrap());
        let expected = graph.relations.iter().filter(|it| {
            it.from != it.to && inside(it.from) && inside(it.to)
                && (!rules.supported_only || it.is_supported())
                && (rules.relation_kinds.is_empty() || rules.relation_kinds.contains(&it.kind))
        });
        prop_assert_eq!(sample.edges.len(), expected.count());
        for leaf in sample.leaves() {
            prop_assert!(sample.steps[places[&leaf]] >= 2 && children[places[&leaf]] == 0);
        }
    }
}

#[test]
fn lengths_are_drawn_by_their_weights() {
    let count = 200;
    let mut ring: EntityGraph = (0..count).map(|at| Entity::new(id(at), format!("{at}")).into()).collect();
    for at in 0..count {
        ring.add(Relation::new(id(at), "next", id((at + 1) % count)));
    }
    let packed = PackedGraph::of(&ring).unwrap();
    let options = WalkOptions { rules: Rules { supported_only: false, ..Rules::default() }, ..WalkOptions::default() };
    let mut lengths = [0_i32; 4];
    for item in 0..4_000 {
        let mut rng = rng(7, &item.to_string(), "walk");
        let start = options.rules.start(&packed, 100, &mut rng).unwrap();
        lengths[options.walk(&packed, start, &mut rng).unwrap().unwrap().edges.len() - 1] += 1;
    }
    for (drawn, expected) in lengths.iter().zip([400, 1_600, 1_600, 400]) {
        assert!((drawn - expected).abs() < 130, "{lengths:?}");
    }
    let none = WalkOptions { weights: vec![0, 0], ..options };
    assert!(none.walk(&packed, packed.nodes().next().unwrap(), &mut rng(7, "", "")).is_err());
}

#[test]
fn random_numbers_depend_on_seed_item_and_purpose_alone() {
    use rand::RngExt;

    let first = |seed, item, purpose| rng(seed, item, purpose).random::<u64>();
    assert_eq!(first(1, "a", "walk"), first(1, "a", "walk"));
    let others = [first(2, "a", "walk"), first(1, "b", "walk"), first(1, "a", "sample"), first(1, "aw", "alk")];
    assert!(others.iter().all(|other| *other != first(1, "a", "walk")));
}

#[test]
fn a_hub_is_walked_through_in_bounded_time() {
    let mut star: EntityGraph = (0..5_000).map(|at| Entity::new(id(at), format!("{at}")).into()).collect();
    for at in 1..5_000 {
        star.add(Relation::new(id(0), "to", id(at)));
    }
    let packed = PackedGraph::of(&star).unwrap();
    let hub = packed.node(id(0)).unwrap();
    let rules = Rules { supported_only: false, ..Rules::default() };
    let options = WalkOptions { weights: vec![1], rules: rules.clone(), ..WalkOptions::default() };
    assert!(options.walk(&packed, hub, &mut rng(1, "", "")).unwrap().is_some());
    let capped = Rules { most_relations: Some(100), ..rules };
    let options = WalkOptions { rules: capped, ..options };
    assert_eq!(options.walk(&packed, hub, &mut rng(1, "", "")).unwrap(), None);
}
