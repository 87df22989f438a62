//! What the solver finds is what trying every entity for every variable finds.

use std::collections::{BTreeMap, BTreeSet};

use offseeker_entity_graph::{EntityGraph, EntityId, PackedGraph, rng};
use offseeker_question_synthesis::{
    Ask, Clue, Condition, Constraint, Ended, Ground, Kind, Order, Plan, Planner, Term, Variable, solve,
};
use offseeker_trajectory::Answer;
use proptest::prelude::*;
use rand::RngExt;

use crate::world;

/// All answers, found by trying everything.
fn tried(graph: &EntityGraph, plan: &Plan) -> BTreeSet<String> {
    let variables = plan.variables();
    let mut answers = BTreeSet::new();
    match &plan.ask {
        Ask::Count { of } => {
            let outer = plan.clues.iter().filter(|clue| !clue.says.is_about(*of));
            let outer: BTreeSet<Variable> = outer.flat_map(|clue| clue.says.variables()).collect();
            let inner: Vec<Variable> = variables.iter().copied().filter(|it| !outer.contains(it)).collect();
            let outer: Vec<Variable> = outer.into_iter().collect();
            each(graph, &outer, &mut BTreeMap::new(), &mut |chosen| {
                if !holds(graph, plan, chosen, |says| !says.is_about(*of)) {
                    return;
                }
                let mut members = BTreeSet::new();
                each(graph, &inner, &mut chosen.clone(), &mut |chosen| {
                    if holds(graph, plan, chosen, |says| says.is_about(*of)) {
                        members.insert(chosen[of]);
                    }
                });
                answers.insert(members.len().to_string());
            });
        }
        _ => each(graph, &variables, &mut BTreeMap::new(), &mut |chosen| {
            if holds(graph, plan, chosen, |_| true) {
                answers.extend(answer(graph, &plan.ask, chosen));
            }
        }),
    }
    answers
}

fn each(
    graph: &EntityGraph,
    open: &[Variable],
    chosen: &mut BTreeMap<Variable, EntityId>,
    then: &mut dyn FnMut(&BTreeMap<Variable, EntityId>),
) {
    let Some((first, rest)) = open.split_first() else { return then(chosen) };
    for entity in &graph.entities {
        chosen.insert(*first, entity.id);
        each(graph, rest, chosen, then);
    }
    chosen.remove(first);
}

fn holds(
    graph: &EntityGraph,
    plan: &Plan,
    chosen: &BTreeMap<Variable, EntityId>,
    counts: impl Fn(&Constraint) -> bool,
) -> bool {
    let id = |term: &Term| match term {
        Term::Variable(variable) => chosen[variable],
        Term::Constant { id, .. } => *id,
    };
    plan.clues.iter().filter(|clue| counts(&clue.says)).all(|clue| match &clue.says {
        Constraint::Relation { from, kind, to } => {
            let (from, to) = (id(from), id(to));
            graph.relations.iter().any(|it| it.from == from && it.to == to && it.kind == *kind)
        }
        Constraint::Field { of, field, is } => {
            graph.facts_of(id(of)).filter(|it| it.field == *field).any(|fact| match is {
                Condition::Is { value } => fact.value.eq_ignore_ascii_case(value),
                Condition::Between { least, most } => {
                    fact.value.parse().is_ok_and(|number: f64| number >= *least && number <= *most)
                }
                _ => false,
            })
        }
        Constraint::Kind { of, kind } => graph.entity(id(of)).unwrap().kind == *kind,
        _ => false,
    })
}

/// The answers of a choice, with the entity where names could be the same.
fn answer(graph: &EntityGraph, ask: &Ask, chosen: &BTreeMap<Variable, EntityId>) -> Vec<String> {
    let values = |of: EntityId, field: &str| -> Vec<String> {
        graph.facts_of(of).filter(|fact| fact.field == field).map(|fact| fact.value.clone()).collect()
    };
    match ask {
        Ask::Name { of } => vec![graph.entity(chosen[of]).unwrap().name.clone()],
        Ask::Value { of, field } => {
            let values = values(chosen[of], field);
            if values.is_empty() { vec![String::new()] } else { values }
        }
        Ask::Extreme { among, field, order } => {
            let ids: BTreeSet<EntityId> = among.iter().map(|variable| chosen[variable]).collect();
            let amounts = ids.iter().map(|id| Some((values(*id, field).first()?.parse::<i64>().ok()?, *id)));
            let Some(mut amounts) = amounts.collect::<Option<Vec<_>>>().filter(|_| ids.len() == among.len()) else {
                return if ids.len() == among.len() { vec![String::new()] } else { Vec::new() };
            };
            amounts.sort_unstable();
            if *order == Order::Greatest {
                amounts.reverse();
            }
            let tie = amounts.len() > 1 && amounts[0].0 == amounts[1].0;
            vec![if tie { String::new() } else { graph.entity(amounts[0].1).unwrap().name.clone() }]
        }
        _ => Vec::new(),
    }
}

/// A plan that is drawn, and that may have no answer or many.
fn drawn(graph: &EntityGraph, seed: u64) -> Plan {
    let mut rng = rng(seed, "plan", "test");
    let variables = [Variable(0), Variable(1)];
    let ask = match rng.random_range(0..4) {
        0 => Ask::Name { of: variables[0] },
        1 => Ask::Value { of: variables[0], field: "material".to_owned() },
        2 => Ask::Count { of: variables[0] },
        _ => Ask::Extreme { among: variables.to_vec(), field: "built".to_owned(), order: Order::Least },
    };
    let mut clues = Vec::new();
    for _ in 0..rng.random_range(1..4) {
        let of = variables[rng.random_range(0..2)];
        let mut term = |id: EntityId| -> Term {
            match rng.random_range(0..3) {
                0 => Term::Constant { id, name: "x".to_owned() },
                1 => variables[0].into(),
                _ => variables[1].into(),
            }
        };
        let relation = &graph.relations[(seed as usize * 31 + clues.len() * 17) % graph.relations.len()];
        let fact = &graph.facts[(seed as usize * 13 + clues.len() * 29) % graph.facts.len()];
        let (from, to) = (term(relation.from), term(relation.to));
        clues.push(Clue::new(match (seed as usize + clues.len()) % 4 {
            0 | 1 => Constraint::Relation { from, kind: relation.kind.clone(), to },
            2 => Constraint::Kind { of: of.into(), kind: "mill".to_owned() },
            _ => {
                let is = match fact.value.parse::<f64>() {
                    Ok(number) => Condition::Between { least: number - 40.0, most: number + 40.0 },
                    Err(_) => Condition::Is { value: fact.value.to_uppercase() },
                };
                Constraint::Field { of: of.into(), field: fact.field.clone(), is }
            }
        }));
    }
    Plan { kind: Kind::Chain, ask, clues, bindings: BTreeMap::new(), answer: Answer::from(""), support: Vec::new() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_solver_finds_what_trying_everything_finds(world in 0_u64..8, seed in 0_u64..10_000) {
        let graph = world::graph(world, 6);
        let plan = drawn(&graph, seed);
        let solutions = solve(&PackedGraph::of(&graph).unwrap(), &plan, 10_000).unwrap();
        prop_assert_eq!(solutions.ended, Ended::All);
        let found: BTreeSet<String> = solutions.answers.iter().map(|found| found.answer.clone()).collect();
        prop_assert_eq!(found, tried(&graph, &plan), "{:?}", plan);
        let few = solve(&PackedGraph::of(&graph).unwrap(), &plan, 1).unwrap();
        prop_assert_eq!(few.is_unique() == Some(true), solutions.is_unique() == Some(true));
    }

    #[test]
    fn what_is_planned_has_one_answer_when_everything_is_tried(world in 0_u64..6, number in 0_u64..40) {
        // At most two things to be found out, so that everything can be tried.
        let graph = world::graph(world, 8);
        let ground = Ground::new("w", PackedGraph::of(&graph).unwrap()).unwrap();
        let planner = Planner { hops: vec![1, 1], least_distance: 1, seed: world, ..Planner::default() };
        if let Ok(draft) = planner.plan(&ground, number) {
            prop_assume!(draft.plan.variables().len() <= 2);
            let answers: Vec<String> = tried(&graph, &draft.plan).into_iter().collect();
            prop_assert_eq!(answers, vec![draft.plan.answer.text.clone()], "{:?}", draft.plan);
        }
    }
}
