//! Finds all answers of a plan in a graph.

mod answers;
mod effort;
mod requirement;

use std::collections::{BTreeSet, HashSet};

use offseeker_entity_graph::{Node, PackedGraph};

use crate::facts::Facts;
use crate::{Ask, Ended, Plan, Solutions};
use answers::Answers;
pub(crate) use effort::Effort;
use requirement::Requirement;

/// After so many entities looked at it gives up.
const MOST_STEPS: u64 = 4_000_000;

/// Finds answers by choosing an entity for each variable, first for the one that has fewest candidates.
pub(crate) struct Solver<'a> {
    graph: &'a PackedGraph,
    facts: &'a Facts,
    most: usize,
    steps: u64,
    most_steps: u64,
}

/// Which entities are chosen, by the places of variables.
type Chosen = [Option<Node>];

/// Whether a search goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    On,
    Stop,
}

/// What is done with the choices that fulfil all requirements.
trait Goal {
    /// Whether nothing new can come of what is chosen so far.
    fn is_settled(&self, chosen: &Chosen) -> bool;

    /// Takes a choice that fulfils everything.
    fn reach(&mut self, solver: &mut Solver<'_>, chosen: &Chosen) -> Flow;
}

impl<'a> Solver<'a> {
    pub(crate) fn new(graph: &'a PackedGraph, facts: &'a Facts, most: usize) -> Self {
        Self { graph, facts, most: most.max(1), steps: 0, most_steps: MOST_STEPS }
    }

    /// Solves a plan with what is left of an effort.
    pub(crate) fn solve_within(mut self, plan: &Plan, effort: &Effort) -> Solutions {
        self.most_steps = effort.next();
        let solutions = self.solve(plan);
        effort.spend(solutions.looked_at);
        solutions
    }

    pub(crate) fn solve(mut self, plan: &Plan) -> Solutions {
        let variables = plan.variables();
        let requirements: Vec<_> =
            plan.clues.iter().map(|clue| Requirement::of(&clue.says, &variables, self.graph, self.facts)).collect();
        let mut answers = Answers::new(self.graph, self.facts, &plan.ask, &variables, self.most);
        let mut chosen = vec![None; variables.len()];
        let flow = if let Ask::Count { of } = &plan.ask {
            let place = variables.iter().position(|it| it == of).expect("what is asked for is among the variables");
            let (inner, outer): (Vec<_>, Vec<_>) = requirements.into_iter().partition(|it| it.is_about(place));
            let places = places(&outer);
            self.search(&outer, &places, &mut chosen, &mut Counting { place, inner: &inner, answers: &mut answers })
        } else {
            let places: Vec<usize> = (0..variables.len()).collect();
            self.search(&requirements, &places, &mut chosen, &mut answers)
        };
        let ended = match flow {
            Flow::On => Ended::All,
            Flow::Stop if self.steps > self.most_steps => Ended::GaveUp,
            Flow::Stop => Ended::Most,
        };
        Solutions { answers: answers.into_found(), looked_at: self.steps, ended }
    }

    /// Goes through all choices for the variables at some places that fulfil all requirements.
    fn search(
        &mut self,
        requirements: &[Requirement<'_>],
        places: &[usize],
        chosen: &mut Vec<Option<Node>>,
        goal: &mut dyn Goal,
    ) -> Flow {
        if goal.is_settled(chosen) {
            return Flow::On;
        }
        let open = places.iter().copied().filter(|at| chosen[*at].is_none());
        let narrowest = open.min_by_key(|at| self.narrowest(requirements, *at, chosen).map_or(usize::MAX, |it| it.0));
        let Some(at) = narrowest else {
            let holds = requirements.iter().all(|it| it.may_hold(chosen, self.graph, self.facts));
            return if holds { goal.reach(self, chosen) } else { Flow::On };
        };
        for node in self.candidates(requirements, at, chosen) {
            self.steps += 1;
            if self.steps > self.most_steps {
                chosen[at] = None;
                return Flow::Stop;
            }
            chosen[at] = Some(node);
            let mut about = requirements.iter().filter(|it| it.is_about(at));
            let fits = about.all(|it| it.may_hold(chosen, self.graph, self.facts));
            if fits && self.search(requirements, places, chosen, goal) == Flow::Stop {
                chosen[at] = None;
                return Flow::Stop;
            }
        }
        chosen[at] = None;
        Flow::On
    }

    /// The requirement that leaves fewest candidates for a variable, and about how many these are.
    fn narrowest<'r, 'p>(
        &self,
        requirements: &'r [Requirement<'p>],
        at: usize,
        chosen: &Chosen,
    ) -> Option<(usize, &'r Requirement<'p>)> {
        let estimates =
            requirements.iter().filter_map(|it| Some((it.estimate(at, chosen, self.graph, self.facts)?, it)));
        estimates.min_by_key(|(estimate, _)| *estimate)
    }

    /// The entities that may be chosen for a variable; what nothing narrows down could be any.
    fn candidates(&self, requirements: &[Requirement<'_>], at: usize, chosen: &Chosen) -> Vec<Node> {
        let Some((_, requirement)) = self.narrowest(requirements, at, chosen) else {
            return self.graph.nodes().collect();
        };
        let mut nodes = requirement.candidates(at, chosen, self.graph, self.facts);
        nodes.sort_unstable();
        nodes.dedup();
        nodes
    }
}

fn places(requirements: &[Requirement<'_>]) -> Vec<usize> {
    requirements.iter().flat_map(Requirement::places).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Counts the entities that fit, for each way to find out everything else.
struct Counting<'c, 'a> {
    place: usize,
    inner: &'c [Requirement<'c>],
    answers: &'c mut Answers<'a>,
}

impl Goal for Counting<'_, '_> {
    fn is_settled(&self, _: &Chosen) -> bool {
        false
    }

    fn reach(&mut self, solver: &mut Solver<'_>, chosen: &Chosen) -> Flow {
        let mut chosen = chosen.to_vec();
        let mut members = Members { place: self.place, nodes: HashSet::new() };
        let mut places = places(self.inner);
        // What no clue is about is still counted.
        if !places.contains(&self.place) {
            places.push(self.place);
        }
        match solver.search(self.inner, &places, &mut chosen, &mut members) {
            Flow::Stop => Flow::Stop,
            Flow::On => self.answers.add_count(&chosen, members.nodes.len()),
        }
    }
}

/// The different entities at one place.
struct Members {
    place: usize,
    nodes: HashSet<Node>,
}

impl Goal for Members {
    fn is_settled(&self, chosen: &Chosen) -> bool {
        chosen[self.place].is_some_and(|node| self.nodes.contains(&node))
    }

    fn reach(&mut self, _: &mut Solver<'_>, chosen: &Chosen) -> Flow {
        self.nodes.extend(chosen[self.place]);
        Flow::On
    }
}
